import { randomBytes, randomUUID } from 'node:crypto';
import { claim } from '../domain/queue/claim.js';
import type { ClaimCommand, Claimed } from '../domain/queue/claim.js';
import { leave, release } from '../domain/queue/hold.js';
import { hashToken } from '../domain/queue/lease.js';
import type { QueuePosition } from '../domain/queue/position.js';
import { idempotentRequest } from './creation.js';
import type { Operation, OperationContext, OperationResponse } from './operation.js';

/** How long to wait, and to hold, unless the caller says so. */
const defaults = { waitSeconds: 0, leaseSeconds: 60 };

/** After how many seconds to claim again: after a wait at once, and else not so often. */
const retryAfter = { waited: 1, asked: 5 };

/** Starts a deployment when it is its turn, and waits for that. */
export const claimDeployment: Operation<'claimDeployment'> = async (
  { path, headers, body },
  context,
) => {
  const { caller, store, clock, turns, metrics } = context;
  const id = path.id.toLowerCase();
  const { wait_seconds: waitSeconds = defaults.waitSeconds } = body;
  const { lease_seconds: leaseSeconds = defaults.leaseSeconds } = body;
  const token = randomBytes(32).toString('base64url');
  const request = idempotentRequest(
    caller,
    headers['Idempotency-Key'],
    { operationId: 'claimDeployment', path: { id }, body },
    clock,
  );
  const command: Omit<ClaimCommand, 'isFirst'> = {
    id,
    caller,
    call: randomUUID(),
    waitSeconds,
    leaseSeconds,
    tokenHash: hashToken(token),
    request,
  };
  const left = context.left();
  const end = performance.now() + waitSeconds * 1000;
  let changedAt: number | undefined;

  for (let isFirst = true; ; isFirst = false) {
    const claimed = await store
      .change('claim', () => claim({ ...command, isFirst }, clock.now()))
      .catch(async (error: unknown) => {
        if (!isFirst) await giveUp(context, command);
        throw error;
      });
    if (claimed.lease !== undefined) {
      if (!claimed.replayed) {
        metrics.claimGranted(claimed.stored.deployment, changedAt);
        metrics.deploymentUpdated(caller.organisation, claimed.stored.deployment.status);
      }
      // Nobody would know of this lease. Who has a key can come again for it.
      if (left.aborted && request === undefined) await giveBack(context, id, token);
      return granted(claimed, token);
    }
    if (left.aborted) {
      await giveUp(context, command);
      return waiting(claimed.position, retryAfter.asked);
    }
    const leftMs = end - performance.now();
    if (leftMs <= 0 || turns.isDrained) {
      return waiting(claimed.position, waitSeconds > 0 ? retryAfter.waited : retryAfter.asked);
    }
    const { organisation, environment } = claimed.stored.deployment;
    const who = { organisation, environment, id, call: command.call };
    changedAt = await turns.wait(who, leftMs, left);
  }
};

type Response = OperationResponse<'claimDeployment'>;

function granted(
  { lease, stored, replayed }: Extract<Claimed, { readonly replayed: boolean }>,
  token: string,
): Response {
  return {
    status: 200,
    headers: replayed ? { 'Idempotent-Replayed': 'true' } : {},
    body: {
      deployment: stored.deployment,
      lease: { token, fence: lease.fence, expires_at: lease.expiresAt },
    },
  };
}

function waiting(position: QueuePosition, seconds: number): Response {
  return {
    status: 202,
    headers: { 'Retry-After': String(seconds) },
    body: { ...position, retry_after: seconds },
  };
}

/** Leaves the queue: a place that nobody will take would keep others from theirs until it lapses. */
async function giveUp(
  { store, clock }: OperationContext,
  command: Pick<ClaimCommand, 'id' | 'call'>,
): Promise<void> {
  await store.change('leaveQueue', () => leave(command, clock.now())).catch(() => undefined);
}

async function giveBack(
  { caller, store, clock }: OperationContext,
  id: string,
  token: string,
): Promise<void> {
  await store.change('releaseLease', () => release({ id, caller, token }, clock.now()));
}
