import type { DeploymentStatus } from '../../src/domain/deployments/deployment.js';

/** Every status, as the design lists them. */
export const statuses = [
  'scheduled',
  'in_progress',
  'deployed',
  'failed',
  'skipped',
  'cancelled',
] as const satisfies readonly DeploymentStatus[];

type Cell = 'same' | 'yes' | 'no';

function row(...cells: [Cell, Cell, Cell, Cell, Cell, Cell]): Record<DeploymentStatus, Cell> {
  const [scheduled, in_progress, deployed, failed, skipped, cancelled] = cells;
  return { scheduled, in_progress, deployed, failed, skipped, cancelled };
}

/** The life table as it stands in the design: what may become what. */
export const lifeTable: Record<DeploymentStatus, Record<DeploymentStatus, Cell>> = {
  scheduled: row('same', 'yes', 'yes', 'yes', 'yes', 'yes'),
  in_progress: row('yes', 'same', 'yes', 'yes', 'yes', 'yes'),
  failed: row('yes', 'yes', 'yes', 'same', 'yes', 'no'),
  skipped: row('yes', 'no', 'no', 'no', 'same', 'no'),
  cancelled: row('yes', 'no', 'no', 'no', 'no', 'same'),
  deployed: row('no', 'no', 'same', 'yes', 'no', 'no'),
};

/** How to get from `scheduled` to each status. */
export const wayTo: Record<DeploymentStatus, readonly DeploymentStatus[]> = {
  scheduled: [],
  in_progress: ['in_progress'],
  deployed: ['deployed'],
  failed: ['failed'],
  skipped: ['skipped'],
  cancelled: ['cancelled'],
};
