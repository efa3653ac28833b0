import { deploymentsToSkip } from './auto-skip.js';
import type {
  Caller,
  ChangeSet,
  Deployment,
  DeploymentStatus,
  DeploymentUpdate,
  RecordedEvent,
  StoredDeployment,
} from './deployment.js';
import { byRequest, recordEvent } from './events.js';
import type { Cause } from './events.js';
import { decideTransition } from './lifecycle.js';
import { requireEnvironment } from '../callers/permission.js';
import { nothingToUpdate } from '../errors.js';

/** What an update is decided on. */
export interface UpdateSlice {
  readonly target: StoredDeployment;
  /** The `scheduled` deployments of the target's taxonomy; needed only when it becomes `deployed`. */
  readonly scheduled: readonly StoredDeployment[];
}

/**
 * Refuses an update that changes nothing because it names nothing.
 *
 * @throws ApplicationError `nothing-to-update`
 */
export function requireFields(request: DeploymentUpdate): void {
  if (Object.keys(request).length === 0) {
    throw nothingToUpdate();
  }
}

/**
 * Applies an update: the life table, and the auto-skip of older `scheduled` deployments when the
 * target becomes `deployed`.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @returns the changes; none at all when everything already is as asked for
 * @throws ApplicationError `transition-not-allowed`, `forbidden` when the caller is bound to another
 *   environment
 */
export function update(
  { target, scheduled }: UpdateSlice,
  request: DeploymentUpdate,
  caller: Caller,
  at: string,
): ChangeSet {
  const before = target.deployment;
  requireEnvironment(caller, before.environment);
  const status = request.status ?? before.status;
  const moves = decideTransition(before.status, status);
  const notes = request.notes === undefined ? before.notes : request.notes;
  const uri = request.deployment_uri === undefined ? before.deployment_uri : request.deployment_uri;
  if (!moves && notes === before.notes && uri === before.deployment_uri) {
    return { created: [], updated: [], events: [] };
  }

  const changed = change(target, { status, notes, deployment_uri: uri }, at);
  if (!moves) return { created: [], updated: [changed], events: [] };

  const skipped =
    status === 'deployed'
      ? deploymentsToSkip(before, scheduled).map((older) =>
          change(older, { status: 'skipped' }, at),
        )
      : [];
  const autoSkip: Cause = { cause: 'auto_skip', deploymentId: before.id };
  const events: RecordedEvent[] = [
    recordEvent(changed.deployment, before.status, byRequest, caller, at),
    ...skipped.map((older) => recordEvent(older.deployment, 'scheduled', autoSkip, caller, at)),
  ];
  return { created: [], updated: [changed, ...skipped], events };
}

function change(
  stored: StoredDeployment,
  fields: Partial<Pick<Deployment, 'notes' | 'deployment_uri'>> & { status: DeploymentStatus },
  at: string,
): StoredDeployment {
  return {
    deployment: { ...stored.deployment, ...fields, updated_at: at },
    revision: stored.revision + 1,
    everDeployed: stored.everDeployed || fields.status === 'deployed',
  };
}
