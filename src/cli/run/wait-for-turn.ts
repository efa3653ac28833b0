import { ProblemError } from '../../client/client.js';
import type { Claimed, DeploymentQueueClient, TurnOptions } from '../../client/client.js';
import { explain } from '../failure.js';
import type { WaitingNotice } from '../waiting-notice.js';
import type { Interruption } from './interruption.js';
import type { Target } from './target.js';

/** How to wait. */
export interface Wait extends Pick<TurnOptions, 'override'> {
  readonly leaseSeconds: number;
  readonly timeoutMs: number | undefined;
  readonly notice: WaitingNotice;
  readonly interruption: Interruption;
}

/** How long it may take to cancel what nobody waits for any more, in milliseconds. */
const partingMs = 10_000;
/** Why what was registered for a wait that is over is cancelled. */
const why = 'nobody else will start it';

/**
 * Waits until it is the turn of a deployment, and says what for. When its turn does not come, what was registered
 * for it is cancelled, since nobody else would start it.
 *
 * @throws ClaimTimedOut, Interrupted, ProblemError
 */
export async function waitForTurn(
  client: DeploymentQueueClient,
  { deployment, isOwn }: Target,
  { leaseSeconds, timeoutMs, override, notice, interruption }: Wait,
): Promise<Claimed> {
  try {
    return await client.claimWhenReady(deployment.id, {
      leaseSeconds,
      timeoutMs,
      override,
      signal: interruption.first,
      onWaiting: notice.of(client, deployment),
    });
  } catch (error) {
    if (isOwn) {
      const signal = AbortSignal.any([interruption.patience(), AbortSignal.timeout(partingMs)]);
      const outcome = await cancel(client, deployment.id, signal).then(
        // Why its turn will not come has been said by the service.
        (isDone) => isDone && !(error instanceof ProblemError) && `is cancelled, since ${why}`,
        (failure: unknown) => `stays registered, though ${why}: ${explain(failure).line ?? ''}`,
      );
      if (outcome !== false) {
        notice.session.note(`deployment-queue: deployment ${deployment.id} ${outcome}\n`);
      }
    }
    throw error;
  } finally {
    await notice.end();
  }
}

/**
 * Cancels a deployment, unless it is over or somebody else carries it out.
 *
 * @returns whether that was done
 */
async function cancel(
  client: DeploymentQueueClient,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.updateDeployment(id, { status: 'cancelled' }, { signal });
    return true;
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 409) throw error;
    return false;
  }
}
