import type { BodyOptions } from '../../generated/client.js';
import type { QueuePosition } from './contract.js';
import { ClaimTimedOut, ProblemError } from './errors.js';
import { randomId } from './random-id.js';
import type { Claimed, NotClaimed } from './responses.js';
import type { CallOptions } from './send.js';
import { sleep, withinTime } from './time.js';

/** Why a deployment is started although gates are closed. */
export type ClaimOverride = NonNullable<BodyOptions<'claimDeployment'>['override']>;

/** How to wait for a turn. */
export interface TurnOptions {
  /** Ends the wait; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait in all, in milliseconds; for ever. */
  readonly timeoutMs?: number | undefined;
  /** For how long the lease is given, from 10 to 3600 seconds; 60. */
  readonly leaseSeconds?: number | undefined;
  /** Starts it although gates are closed, for who may; the reason stands in the event. */
  readonly override?: ClaimOverride | undefined;
  /** Told where the deployment stands, and what it waits for, whenever the service says so. */
  readonly onWaiting?: ((position: QueuePosition) => void) | undefined;
}

/** What a claim is asked for. */
export interface ClaimCall {
  readonly wait_seconds: number;
  readonly lease_seconds: number | undefined;
  readonly override?: ClaimOverride;
  readonly idempotencyKey: string;
}

/** The calls that it takes. */
export interface TurnCalls {
  /** @param isPersistent whether it is tried for as long as the signal lets it */
  claim(
    call: ClaimCall,
    isPersistent: boolean,
    options: CallOptions,
  ): Promise<Claimed | NotClaimed>;
  /** Whether the deployment is in progress. */
  isBegun(options: CallOptions): Promise<boolean>;
  /** Gives a lease back. */
  release(leaseToken: string, options: CallOptions): Promise<unknown>;
}

/** How long one claim waits in the service: below the usual timeout of proxies. */
const waitSeconds = 30;

/** How long leaving may take. */
const leavingMs = 3_000;

/**
 * Claims a deployment again and again until it is its turn. Every claim has an `Idempotency-Key`, so that a
 * lease whose response got lost is handed out again.
 *
 * The first claim must get a response. After that the service may be out of reach for as long as the timeout
 * lasts.
 *
 * @throws ClaimTimedOut the timeout is over
 * @throws ProblemError its turn will not come, or the caller may not claim it
 */
export async function claimWhenReady(
  id: string,
  calls: TurnCalls,
  { signal, timeoutMs, leaseSeconds, override, onWaiting }: TurnOptions = {},
): Promise<Claimed> {
  // The first one asks only, so that there is something to tell.
  let call: ClaimCall = {
    wait_seconds: 0,
    lease_seconds: leaseSeconds,
    ...(override !== undefined && { override }),
    idempotencyKey: randomId(),
  };
  let position: QueuePosition | undefined;
  let isAsking = false;

  const wait = async (ended: AbortSignal | undefined): Promise<Claimed> => {
    for (;;) {
      isAsking = true;
      const result = await unlessOver(calls.claim(call, position !== undefined, { signal: ended }));
      isAsking = false;
      // The lease of a response that never arrived has run out: the next claim tries again.
      if (result === undefined) call = { ...call, idempotencyKey: randomId() };
      else if (result.claimed) return result;
      else {
        position = result.position;
        onWaiting?.(position);
        if (call.wait_seconds > 0) await sleep((position.retry_after ?? 1) * 1000, ended);
        else call = { ...call, wait_seconds: waitSeconds, idempotencyKey: randomId() };
      }
    }
  };
  const late = () => new ClaimTimedOut(id, timeoutMs ?? 0, position);
  try {
    return await (timeoutMs === undefined
      ? wait(signal)
      : withinTime(timeoutMs, late, signal, wait));
  } catch (error) {
    if (signal?.aborted === true || error instanceof ClaimTimedOut) {
      await leave(call, calls, isAsking).catch(() => undefined);
    }
    throw error;
  }
}

/** A claim; `undefined` when what its key got is over. */
async function unlessOver(
  claim: Promise<Claimed | NotClaimed>,
): Promise<Claimed | NotClaimed | undefined> {
  try {
    return await claim;
  } catch (error) {
    const isOver =
      error instanceof ProblemError &&
      error.type === 'urn:problem-type:deployment-queue:lease-lost';
    if (isOver) return undefined;
    throw error;
  }
}

/**
 * Leaves the queue. A claim that was under way has given the place up by its end, unless it got a lease in that
 * moment; where none was, the place is kept until another one is ended.
 */
async function leave(call: ClaimCall, calls: TurnCalls, wasAsking: boolean): Promise<void> {
  const options = { signal: AbortSignal.timeout(leavingMs) };
  if (wasAsking && !(await calls.isBegun(options))) return;
  const claimed = await calls.claim(call, false, { signal: AbortSignal.timeout(leavingMs / 3) });
  if (claimed.claimed) await calls.release(claimed.lease.token, options);
}
