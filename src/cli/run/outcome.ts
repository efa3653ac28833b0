import { ProblemError } from '../../client/client.js';
import type {
  Claimed,
  Deployment,
  DeploymentQueueClient,
  DeploymentResult,
} from '../../client/client.js';

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
  { deployment: claimed, lease }: Pick<Claimed, 'deployment' | 'lease'>,
  { status, how }: Outcome,
  signal: AbortSignal,
): Promise<DeploymentResult> {
  const { id } = claimed;
  const body = { status, ...notesOf(claimed, how) };
  try {
    return await client.updateDeployment(id, body, { leaseToken: lease.token, signal });
  } catch (error) {
    const isLost =
      error instanceof ProblemError &&
      error.type === 'urn:problem-type:deployment-queue:lease-lost';
    if (!isLost) throw error;
    const { deployment, etag } = await client.getDeployment(id, { signal });
    if (deployment.started_at !== claimed.started_at) throw error;
    if (deployment.status !== 'in_progress' && deployment.status !== 'failed') throw error;
    return client.updateDeployment(id, body, { ifMatch: etag, signal });
  }
}

/** A note on how it came out, unless somebody has written something else there. */
function notesOf({ notes }: Deployment, how: string | undefined): { notes?: string | null } {
  if (notes !== null && !own.test(notes)) return {};
  if (how !== undefined) return { notes: `deployment-queue run: ${how}` };
  return notes === null ? {} : { notes: null };
}
