import { ProblemError } from '../../client/client.js';
import type { Claimed, DeploymentQueueClient, DeploymentResult } from '../../client/client.js';

/** What is to be reported of an attempt. */
export interface Outcome {
  readonly status: 'deployed' | 'failed' | 'cancelled';
  /** How the command came out, where that is worth a note. */
  readonly how?: string | undefined;
}

/** Notes that this program has written by itself. */
const own = /^deployment-queue run: .*$/;

/**
 * Reports how an attempt came out. Where its lease is over by now, the outcome is reported all the same, as late as
 * it is, unless somebody else has begun another attempt or decided otherwise.
 *
 * @throws ClientError it could not be reported
 */
export async function report(
  client: DeploymentQueueClient,
  claimed: Pick<Claimed, 'deployment' | 'lease'>,
  { status, how }: Outcome,
  signal: AbortSignal,
): Promise<DeploymentResult> {
  const reported = await reportStatus(client, claimed, status, signal);
  const { id, notes } = reported.deployment;
  const note = how === undefined ? null : `deployment-queue run: ${how}`;
  // What somebody else has written there stays.
  if (notes === note || (notes !== null && !own.test(notes))) return reported;
  const options = { ifMatch: reported.etag, signal };
  return client.updateDeployment(id, { notes: note }, options).catch(() => reported);
}

async function reportStatus(
  client: DeploymentQueueClient,
  { deployment: { id, started_at: startedAt }, lease }: Pick<Claimed, 'deployment' | 'lease'>,
  status: Outcome['status'],
  signal: AbortSignal,
): Promise<DeploymentResult> {
  try {
    return await client.updateDeployment(id, { status }, { leaseToken: lease.token, signal });
  } catch (error) {
    const isLost =
      error instanceof ProblemError &&
      error.type === 'urn:problem-type:deployment-queue:lease-lost';
    if (!isLost) throw error;
    for (;;) {
      const { deployment, etag } = await client.getDeployment(id, { signal });
      const isOpen = ['in_progress', 'failed'].includes(deployment.status);
      if (deployment.started_at !== startedAt || !isOpen) throw error;
      const options = { ifMatch: etag, signal };
      const reported = await client.updateDeployment(id, { status }, options).catch(unlessChanged);
      if (reported !== undefined) return reported;
    }
  }
}

/** Somebody else was faster, such as the service that has noticed that the lease is over. */
function unlessChanged(error: unknown): undefined {
  if (error instanceof ProblemError && error.status === 412) return undefined;
  throw error;
}
