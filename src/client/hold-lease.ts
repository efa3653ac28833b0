import type { Deployment, Lease } from './contract.js';
import { LeaseLost, ProblemError } from './errors.js';
import type { CallOptions } from './send.js';
import { sleep } from './time.js';

/** How to hold a lease. */
export interface HoldOptions {
  /** For how long the lease was asked for, in seconds; 60. */
  readonly leaseSeconds?: number | undefined;
  /**
   * How long before its end a lease that cannot be renewed counts as lost, in milliseconds: as long as it takes
   * to stop what is done under it; 0, and a third of the lease at the most.
   */
  readonly marginMs?: number | undefined;
  /** Told of each renewal that was refused; those that get no response are tried again by themselves. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** A lease that is renewed for as long as it is held. */
export interface HeldLease {
  /** Aborted once the lease is lost, with a {@link LeaseLost}. */
  readonly lost: AbortSignal;
  /** How long it lasts at least unless it is renewed, in milliseconds. */
  remainingMs(): number;
  /** Ends the renewing; the lease stays as it is. */
  stop(): Promise<void>;
}

/** The calls that it takes. */
export interface HoldCalls {
  renew(options: CallOptions): Promise<Lease>;
  /** The deployment, if it has changed since this was asked last. */
  look(options: CallOptions): Promise<Deployment | undefined>;
}

/**
 * Renews a lease three times as often as it lasts. Its end is counted by the monotonic clock, from before the
 * last renewal was sent, so that it is never taken to last longer than it does.
 *
 * Before each renewal the deployment is looked at: a renewal by which the service tells that the deployment was
 * cancelled gives its place up, before whatever is done under the lease has been stopped.
 *
 * @param deployment as the claim showed it
 * @returns once it has been renewed for the first time, or is lost
 */
export async function holdLease(
  deployment: Deployment,
  calls: HoldCalls,
  { leaseSeconds = 60, marginMs = 0, onFailure }: HoldOptions = {},
): Promise<HeldLease> {
  const lengthMs = leaseSeconds * 1000;
  const intervalMs = lengthMs / 3;
  const lost = new AbortController();
  const ended = new AbortController();
  let last: { readonly lease: Lease; readonly endsAt: number } | undefined;
  let lastFailure: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;

  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));

  const lose = (error: LeaseLost): void => {
    lost.abort(error);
    ended.abort(error);
    begin();
  };
  const remainingMs = (): number =>
    last === undefined ? lengthMs : Math.max(0, last.endsAt - performance.now());
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        lose(new LeaseLost(deployment.id, 'it could not be renewed in time', lastFailure));
      },
      remainingMs() - Math.min(marginMs, intervalMs),
    );
  };
  /** When a lease ends at the earliest: an environment may let it end sooner than it was asked for. */
  const endOf = ({ expires_at: expiresAt }: Lease, sentAt: number): number => {
    const [since, from] =
      last === undefined
        ? [deployment.started_at ?? expiresAt, sentAt]
        : [last.lease.expires_at, last.endsAt];
    return Math.min(sentAt + lengthMs, from + Date.parse(expiresAt) - Date.parse(since));
  };
  const renew = async (): Promise<void> => {
    const options = { signal: ended.signal };
    const present = await calls.look(options);
    if (present !== undefined && !isSameAttempt(present, deployment)) {
      throw new LeaseLost(deployment.id, `it is ${present.status}`);
    }
    const sentAt = performance.now();
    const renewed = await calls.renew(options);
    last = { lease: renewed, endsAt: endOf(renewed, sentAt) };
    watch();
    begin();
  };
  const isOver = (): boolean => ended.signal.aborted;
  const keep = async (): Promise<void> => {
    while (!isOver()) {
      const startedAt = performance.now();
      let pauseMs = intervalMs;
      try {
        await renew();
      } catch (error) {
        if (isOver()) return;
        if (isLoss(error)) {
          lose(error instanceof LeaseLost ? error : new LeaseLost(deployment.id, undefined, error));
          return;
        }
        lastFailure = error;
        onFailure?.(error);
        pauseMs = intervalMs / 4;
      }
      const spentMs = performance.now() - startedAt;
      await sleep(Math.max(0, pauseMs - spentMs), ended.signal).catch(() => undefined);
    }
  };

  watch();
  const kept = keep();
  await begun;
  return {
    lost: lost.signal,
    remainingMs,
    async stop() {
      clearTimeout(timer);
      ended.abort();
      await kept;
    },
  };
}

/** Whether a deployment is carried out still, and by the same attempt. */
function isSameAttempt(present: Deployment, claimed: Deployment): boolean {
  return present.status === 'in_progress' && present.started_at === claimed.started_at;
}

/** Whether it says that the lease is no longer there; any other refusal may pass. */
function isLoss(error: unknown): boolean {
  if (error instanceof LeaseLost) return true;
  return error instanceof ProblemError && [404, 409].includes(error.status);
}
