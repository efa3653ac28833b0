import type { DeploymentResult, Unchanged } from './responses.js';
import type { Deployment, DeploymentStatus } from './contract.js';
import { ClientError, SettledOtherwise, WaitTimedOut } from './errors.js';
import type { CallOptions } from './send.js';
import { sleep, withinTime } from './time.js';

/** How to wait for a status. */
export interface WaitOptions extends CallOptions {
  /** How long to wait in all, in milliseconds; half an hour. */
  readonly timeoutMs?: number | undefined;
  /** How long to wait between looks, in milliseconds; two seconds. */
  readonly intervalMs?: number | undefined;
  /**
   * The statuses in which waiting is given up; `deployed`, `failed`, `skipped` and `cancelled`, which a
   * deployment leaves only when somebody asks for it. `['skipped', 'cancelled']` waits for the retry of
   * a deployment that failed; `[]` waits whatever happens. In a status that this client does not know
   * yet, it waits on.
   */
  readonly giveUpOn?: readonly DeploymentStatus[] | undefined;
  /** Told of the deployment when it is first seen, and whenever it has changed. */
  readonly onChange?: ((deployment: Deployment) => void) | undefined;
}

/** Reads a deployment, unless it is unchanged. */
export type Look = (
  id: string,
  options: CallOptions & { readonly ifNoneMatch: string | undefined },
) => Promise<DeploymentResult | Unchanged>;

const atRest: readonly DeploymentStatus[] = ['deployed', 'failed', 'skipped', 'cancelled'];

/**
 * Waits until a deployment is in one of the statuses. A look costs the service little: it responds with 304
 * while nothing has changed.
 *
 * The first look must succeed. After that the service may be out of reach for as long as the timeout
 * lasts.
 *
 * @throws SettledOtherwise it has come to rest in another status
 * @throws WaitTimedOut the timeout is over
 */
export async function waitFor(
  look: Look,
  id: string,
  statuses: readonly DeploymentStatus[],
  options: WaitOptions = {},
): Promise<Deployment> {
  const { timeoutMs = 30 * 60_000, intervalMs = 2_000, giveUpOn = atRest } = options;
  if (statuses.length === 0) throw new TypeError('waitFor: name at least one status');
  let seen: DeploymentResult | undefined;
  let lastFailure: ClientError | undefined;

  const late = () =>
    new WaitTimedOut(
      `Deployment ${id} ${seen === undefined ? 'was not seen' : `is still ${seen.deployment.status}`} after ${timeoutMs / 1000} s; waited for ${statuses.join(' or ')}`,
      seen?.deployment,
      { requestId: lastFailure?.requestId, cause: lastFailure },
    );

  return withinTime(timeoutMs, late, options.signal, async (signal) => {
    for (;;) {
      const call = { signal, ifNoneMatch: seen?.etag };
      try {
        const result = await look(id, call);
        lastFailure = undefined;
        if (result.deployment !== undefined) {
          seen = result;
          options.onChange?.(result.deployment);
          const { status } = result.deployment;
          if (statuses.includes(status)) return result.deployment;
          if (giveUpOn.includes(status)) throw new SettledOtherwise(result.deployment, statuses);
        }
      } catch (error) {
        signal.throwIfAborted();
        if (seen === undefined || !(error instanceof ClientError) || !error.retryable) throw error;
        lastFailure = error;
      }
      // With jitter, so that callers who began together do not stay together.
      await sleep(intervalMs * (0.9 + Math.random() / 5), signal);
    }
  });
}
