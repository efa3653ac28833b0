import { toDeployment } from '../../../generated/columns.js';
import { ApplicationError } from '../errors.js';
import { noApprovals } from './deployment.js';
import type { Deployment, DeploymentStatus, StoredDeployment } from './deployment.js';

/** Where each status may lead; its own status is not listed, since repeating it changes nothing. */
const next: Readonly<Record<DeploymentStatus, readonly DeploymentStatus[]>> = {
  scheduled: ['in_progress', 'deployed', 'failed', 'skipped', 'cancelled'],
  in_progress: ['scheduled', 'deployed', 'failed', 'skipped', 'cancelled'],
  failed: ['scheduled', 'in_progress', 'deployed', 'skipped'],
  skipped: ['scheduled'],
  cancelled: ['scheduled'],
  deployed: ['failed'],
};

/**
 * Decides a change of status by the life table.
 *
 * @returns whether anything changes: `false` when the status is already the one asked for
 * @throws ApplicationError `transition-not-allowed`, naming the statuses that are allowed
 */
export function decideTransition(from: DeploymentStatus, to: DeploymentStatus): boolean {
  if (from === to) return false;
  if (next[from].includes(to)) return true;
  throw new ApplicationError(
    'transition-not-allowed',
    `A deployment that is ${from} cannot become ${to}; allowed: ${next[from].join(', ')}`,
  );
}

/** Whether what has a status may be claimed: it waits, or is to be tried again. */
export function mayBeClaimed(status: DeploymentStatus | null): boolean {
  return status === 'scheduled' || status === 'failed';
}

/** Whether an attempt is over with a status. */
function isEnd(status: DeploymentStatus): boolean {
  return status !== 'scheduled' && status !== 'in_progress';
}

/** The instants of a deployment's attempt. */
export type Attempt = Pick<Deployment, 'started_at' | 'finished_at' | 'deployed_at'>;

/**
 * The instants after a change of status.
 *
 * @param before the deployment before the change
 * @param to the other status that it gets
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function attemptAfter(before: Deployment, to: DeploymentStatus, at: string): Attempt {
  const {
    status: from,
    started_at: started,
    finished_at: finished,
    deployed_at: deployed,
  } = before;
  switch (to) {
    case 'scheduled':
      return { started_at: null, finished_at: null, deployed_at: deployed };
    case 'in_progress':
      return { started_at: at, finished_at: null, deployed_at: deployed };
    case 'deployed':
      return { started_at: started ?? at, finished_at: at, deployed_at: at };
    default: {
      // What had not begun has not ended; what had ended has not ended again.
      const ends = from === 'in_progress';
      return { started_at: started, finished_at: ends ? at : finished, deployed_at: deployed };
    }
  }
}

/** The first state of a deployment. */
export function firstState(deployment: Deployment, baseId: string | null = null): StoredDeployment {
  return { deployment, revision: 1, baseId };
}

/** A copy, written out field by field: V8 takes many times as long for a spread of so many. */
const copyOf = (deployment: Deployment): Deployment => toDeployment(deployment, unchanged);

const unchanged = {
  boolean: (value: boolean) => value,
  instant: (value: string | null) => value,
  json: (value: unknown) => value,
};

/**
 * The next state of a deployment.
 *
 * @param at when it changed, RFC 3339 in UTC with milliseconds
 */
export function nextState(
  stored: StoredDeployment,
  fields: Partial<Pick<Deployment, 'status' | 'notes' | 'deployment_uri' | 'approvals'>>,
  at: string,
): StoredDeployment {
  const { deployment, revision, baseId } = stored;
  const { status = deployment.status } = fields;
  const moves = status !== deployment.status;
  const attempt = moves ? attemptAfter(deployment, status, at) : {};
  // Approvals are of one attempt. Those of one that has none stay the same object.
  const ends = moves && isEnd(status) && deployment.approvals.length > 0;
  const ended = ends ? { approvals: noApprovals } : {};
  const next = Object.assign(copyOf(deployment), fields, attempt);
  return {
    deployment: Object.assign(next, ended, { updated_at: at }),
    revision: revision + 1,
    baseId,
  };
}
