import { randomBytes, randomUUID } from 'node:crypto';
import type { Decision } from '../domain/decision.js';
import type { StoredDeployment } from '../domain/deployments/deployment.js';
import { release } from '../domain/queue/hold.js';
import { hashToken } from '../domain/tokens.js';
import type { Granted, StartCommand } from '../domain/queue/start.js';
import { idempotentRequest } from './creation.js';
import type { OperationContext, OperationId, OperationResponse } from './operation.js';

/** How long to wait, and to hold, unless the caller says so. */
const defaults = { waitSeconds: 0, leaseSeconds: 60 };

/** What a claim is made with. */
export interface Attempt extends StartCommand {
  /** Names the call. */
  readonly call: string;
  readonly isFirst: boolean;
  readonly waitSeconds: number;
}

/** A claim, and what it comes to while it is not its turn. */
export interface Claiming<Waits extends { readonly lease: undefined }> {
  readonly operationId: OperationId;
  readonly key: string | undefined;
  readonly path?: Record<string, unknown>;
  readonly body: Readonly<Record<string, unknown>> & {
    readonly wait_seconds?: number;
    readonly lease_seconds?: number;
  };
  /** The decision, anew each time. */
  readonly decide: (attempt: Attempt, at: string) => Decision<Granted | Waits>;
  /** In which environment it waits, and as what. */
  readonly place: (
    waits: Waits,
    call: string,
  ) => { readonly environment: string; readonly id: string };
  /** The decision that gives the place up. */
  readonly leave: (call: string, at: string) => Decision<undefined>;
}

/** What a claim has come to. */
export type InTurn<Waits> =
  | { readonly granted: OperationResponse<'claimDeployment'> & { readonly status: 200 } }
  | { readonly granted: undefined; readonly waits: Waits; readonly waited: boolean };

/**
 * Claims, and waits for the turn for as long as the caller asks and is there. Each time that it may be its turn
 * it is decided anew.
 */
export async function claimInTurn<Waits extends { readonly lease: undefined }>(
  { operationId, key, path, body, decide, place, leave }: Claiming<Waits>,
  context: OperationContext,
): Promise<InTurn<Waits>> {
  const { caller, store, clock, turns, metrics } = context;
  const { wait_seconds: waitSeconds = defaults.waitSeconds } = body;
  const { lease_seconds: leaseSeconds = defaults.leaseSeconds } = body;
  const token = randomBytes(32).toString('base64url');
  const content = { operationId, ...(path !== undefined && { path }), body };
  const request = idempotentRequest(caller, key, content, clock);
  const call = randomUUID();
  const command = { caller, call, waitSeconds, leaseSeconds, tokenHash: hashToken(token), request };
  const left = context.left();
  const end = performance.now() + waitSeconds * 1000;
  /** Leaves the queue: a place that nobody will take would keep others from theirs until it lapses. */
  const giveUp = (): Promise<undefined> =>
    store.change('leaveQueue', () => leave(call, clock.now())).catch(() => undefined);
  let changedAt: number | undefined;

  for (let isFirst = true; ; isFirst = false) {
    const claimed = await store
      .change(operationId, () => decide({ ...command, isFirst }, clock.now()))
      .catch(async (error: unknown) => {
        if (!isFirst) await giveUp();
        throw error;
      });
    if (isGranted(claimed)) {
      const { stored, replayed, overridden } = claimed;
      if (!replayed) {
        if (overridden) metrics.gatesOverridden(stored.deployment);
        metrics.claimGranted(stored.deployment, changedAt);
        metrics.deploymentUpdated(caller.organisation, stored.deployment.status);
      }
      // Nobody would know of this lease. Who has a key can come again for it.
      if (left.aborted && request === undefined) await giveBack(context, stored, token);
      return { granted: granted(claimed, token) };
    }
    const leftMs = end - performance.now();
    const isOver = leftMs <= 0 || turns.isDrained;
    if (left.aborted) await giveUp();
    if (left.aborted || isOver)
      return { granted: undefined, waits: claimed, waited: isOver && waitSeconds > 0 };
    const { organisation } = caller;
    const who = { organisation, ...place(claimed, call), call, claimsAtOnce: isFirst };
    changedAt = await turns.wait(who, leftMs, left);
  }
}

function isGranted(claimed: Granted | { readonly lease: undefined }): claimed is Granted {
  return claimed.lease !== undefined;
}

function granted({ lease, stored, replayed }: Granted, token: string) {
  return {
    status: 200,
    headers: replayed ? ({ 'Idempotent-Replayed': 'true' } as const) : {},
    body: {
      deployment: stored.deployment,
      lease: { token, fence: lease.fence, expires_at: lease.expiresAt },
    },
  } as const;
}

async function giveBack(
  { caller, store, clock }: OperationContext,
  { deployment: { id } }: StoredDeployment,
  token: string,
): Promise<void> {
  await store.change('releaseLease', () => release({ id, caller, token }, clock.now()));
}
