import type { OperationMethods } from '../../generated/client.js';
import { claimWhenReady } from './claim-when-ready.js';
import type { TurnOptions } from './claim-when-ready.js';
import { holdLease } from './hold-lease.js';
import type { HeldLease, HoldOptions } from './hold-lease.js';
import type { Claimed, Results } from './responses.js';
import type { CallOptions } from './send.js';

type Operations = OperationMethods<CallOptions, Results>;

/** What a client has for the queue beside the operations. */
export interface QueueMethods {
  /**
   * Claims a deployment again and again until it is its turn; whoever stops waiting leaves the queue.
   *
   * @throws ClaimTimedOut the timeout is over
   * @throws ProblemError its turn will not come, or the caller may not claim it
   * @example
   * const { deployment, lease } = await client.claimWhenReady(id, { timeoutMs: 60 * 60_000 });
   */
  claimWhenReady(id: string, options?: TurnOptions): Promise<Claimed>;
  /**
   * Renews the lease of a deployment that was claimed until `stop()`, or until it is lost.
   *
   * @example
   * const claimed = await client.claimWhenReady(id);
   * const held = await client.holdLease(claimed);
   * await fetch('https://deploy.example.com', { method: 'POST', signal: held.lost });
   * await held.stop();
   * await client.updateDeployment(id, { status: 'deployed' }, { leaseToken: claimed.lease.token });
   */
  holdLease(
    claimed: Pick<Claimed, 'deployment' | 'lease'>,
    options?: HoldOptions,
  ): Promise<HeldLease>;
}

/**
 * @param operations with the client's retries
 * @param persistent the same, which try for as long as a call's signal lets them
 * @param timeoutMs for one try
 */
export function queueMethods(
  operations: Operations,
  persistent: Operations,
  timeoutMs: number,
): QueueMethods & Pick<Operations, 'claimDeployment' | 'claimNext'> {
  /** One try takes as long as it is asked to wait, and its own time after that. */
  const waiting = (ownMs = timeoutMs, waitSeconds = 0) => ({
    timeoutMs: ownMs + waitSeconds * 1000,
  });
  const claim =
    (by: Operations): Operations['claimDeployment'] =>
    (id, options = {}) =>
      by.claimDeployment(id, { ...options, ...waiting(options.timeoutMs, options.wait_seconds) });
  const claimDeployment = claim(operations);
  const claimPersistently = claim(persistent);

  return {
    claimDeployment,
    claimNext: (body, options = {}) =>
      operations.claimNext(body, {
        ...options,
        ...waiting(options.timeoutMs, body.wait_seconds),
      }),
    claimWhenReady: (id, options) =>
      claimWhenReady(
        id,
        {
          claim: (call, isPersistent, callOptions) =>
            (isPersistent ? claimPersistently : claimDeployment)(id, { ...call, ...callOptions }),
          isBegun: async (callOptions) => {
            const { deployment } = await operations.getDeployment(id, callOptions);
            return deployment?.status === 'in_progress';
          },
          release: (leaseToken, callOptions) =>
            operations.releaseLease(id, { leaseToken, ...callOptions }),
        },
        options,
      ),
    holdLease: ({ deployment, lease: { token: leaseToken } }, options = {}) => {
      const { id } = deployment;
      const { leaseSeconds = 60 } = options;
      const perTry = { timeoutMs: Math.min(timeoutMs, (leaseSeconds * 1000) / 3) };
      let ifNoneMatch: string | undefined;
      return holdLease(
        deployment,
        {
          renew: (callOptions) =>
            persistent.renewLease(id, { leaseToken, ...perTry, ...callOptions }),
          look: async (callOptions) => {
            const all = { ...perTry, ...callOptions };
            const found = await persistent.getDeployment(
              id,
              ifNoneMatch === undefined ? all : { ifNoneMatch, ...all },
            );
            ifNoneMatch = found.etag;
            return found.deployment;
          },
        },
        { ...options, leaseSeconds },
      );
    },
  };
}
