import type { DeploymentStatus } from './deployment.js';
import { ApplicationError } from '../errors.js';

/** Where each status may lead; its own status is not listed, since repeating it changes nothing. */
const next: Readonly<Record<DeploymentStatus, readonly DeploymentStatus[]>> = {
  scheduled: ['in_progress', 'deployed', 'failed', 'skipped'],
  in_progress: ['scheduled', 'deployed', 'failed', 'skipped'],
  failed: ['scheduled', 'in_progress', 'deployed', 'skipped'],
  skipped: ['scheduled'],
  deployed: ['failed'],
};

/** The statuses of a deployment that has been released. */
const releasedStatuses = ['in_progress', 'deployed', 'failed'] as const;

/** Whether a deployment in this status has been released. */
export function isReleased(status: DeploymentStatus): boolean {
  return releasedStatuses.some((released) => released === status);
}

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
