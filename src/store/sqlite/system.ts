import type { DeploymentName, QueueDepth } from '../store.js';
import type { Database } from './database.js';
import { inQueue } from './deployments/indexes.js';

/** What waits and what runs; costs as much as there is of that, whatever else is stored. */
export function readDepth(database: Database): QueueDepth[] {
  // The CHECK on the column and the conditions leave no other status.
  return database.prepare(depthStatement).all() as unknown as QueueDepth[];
}

export const depthStatement = `
  SELECT environment, status, count(*) AS count
  FROM deployments INDEXED BY deployments_in_queue
  WHERE ${inQueue}
  GROUP BY environment, status
  UNION ALL
  SELECT environment, 'leased' AS status, count(*) AS count
  FROM queue_entries
  WHERE kind = 'lease'
  GROUP BY environment`;

/** Up to so many are counted on the thread that serves everybody: that takes a millisecond. */
const fewInQueue = 5_000;

/** Whether so few wait and run that counting them takes no time. */
export function isQueueShort(database: Database): boolean {
  return database.prepare(beyondFew).get() === undefined;
}

const beyondFew = `
  SELECT 1 AS found
  FROM deployments INDEXED BY deployments_in_queue
  WHERE ${inQueue}
  LIMIT 1 OFFSET ${fewInQueue}`;

/** Deployments that are still skipping older ones. */
export function readSkipping(database: Database): DeploymentName[] {
  return database.prepare(skipping).all() as unknown as DeploymentName[];
}

const skipping = `
  SELECT organisation, deployment_id AS id
  FROM skipping
  JOIN deployments ON deployments.id = skipping.deployment_id
  ORDER BY since, deployment_id`;

/** The tenants that have stored anything. */
export function readOrganisations(database: Database): string[] {
  return database
    .prepare('SELECT organisation FROM tenant_usage WHERE deployments > 0')
    .all()
    .map((row) => String(row['organisation']));
}
