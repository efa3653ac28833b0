import type { Deployment, DeploymentStatus, StoredDeployment } from '../deployments/deployment.js';
import { ApplicationError } from '../errors.js';
import { changeOfHead, turnOf } from './change.js';
import { seatOf } from './entries.js';
import type { EntryName, OwnEntries, QueueChange, QueueHead } from './entries.js';

/**
 * Refuses a start without a claim where the environment wants a lease.
 *
 * @throws ApplicationError `lease-required`
 */
export function requireStartable(
  { stored: { environment } }: QueueHead,
  { id }: Deployment,
  to: DeploymentStatus,
): void {
  if (to !== 'in_progress' || !environment.lease_required) return;
  throw new ApplicationError(
    'lease-required',
    `A deployment to ${environment.environment} is started under a lease only: claim it ` +
      `(POST /v1/deployments/${id}/claim)`,
  );
}

/**
 * What the queue takes note of when the status of a deployment changes without a claim: its lease is over, it is
 * no longer waited for, and its end begins the environment's buffer.
 */
export function entriesAfter(
  { head, lease, waiting }: OwnEntries,
  { deployment: before }: StoredDeployment,
  { deployment: after }: StoredDeployment,
  at: string,
): QueueChange | undefined {
  // One whose lease had run out may have been started again, which is another attempt.
  if (before.status === after.status && before.started_at === after.started_at) return undefined;
  // The place of a lease that somebody else has ended stays taken, until the deployment itself takes one.
  const isEnded = lease?.ended != null && lease.expiresAt > at && after.status !== 'in_progress';
  const isOver = lease !== undefined && !isEnded;
  const removed: EntryName[] = [isOver ? lease : undefined, waiting].flatMap((entry) =>
    entry === undefined ? [] : [{ kind: entry.kind, id: entry.id }],
  );
  const hasEnded =
    after.status === 'deployed' ||
    (before.status === 'in_progress' && after.status !== 'scheduled' && after.status !== 'skipped');
  const isBuffered = head.stored.environment.buffer_seconds > 0;
  const put = hasEnded && isBuffered ? [turnOf(seatOf(after), 'ended', at)] : [];
  if (removed.length === 0 && put.length === 0) return undefined;
  return changeOfHead(head, { put, removed });
}
