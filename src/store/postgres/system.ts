import type { DeploymentName, QueueDepth } from '../store.js';
import { plain } from './statement.js';
import type { Row, Statement } from './statement.js';

/** What waits and what runs; costs as much as there is of that, whatever else is stored. */
export const depthStatement = plain(`
  SELECT environment, status, count(*) AS count
  FROM deployments
  WHERE status IN ('scheduled', 'in_progress')
  GROUP BY environment, status
  UNION ALL
  SELECT environment, 'leased' AS status, count(*) AS count
  FROM queue_entries
  WHERE kind = 'lease'
  GROUP BY environment`);

/** Turns rows of that into depths: the conditions leave no other status. */
export function toDepths(rows: readonly Row[]): QueueDepth[] {
  return rows as unknown as QueueDepth[];
}

/** Deployments that are still skipping older ones. */
export const skippingStatement = plain(`
  SELECT deployments.organisation, deployments.id
  FROM skipping
  JOIN deployments ON deployments.id = skipping.deployment_id
  ORDER BY skipping.since, deployments.id`);

/** Turns rows of that into names: the columns are the fields. */
export function toNames(rows: readonly Row[]): DeploymentName[] {
  return rows as unknown as DeploymentName[];
}

/** The tenants that have any deployments. */
export const organisationsStatement = plain(`
  SELECT organisation
  FROM tenant_usage
  GROUP BY organisation
  HAVING sum(deployments) > 0`);

/** How many are removed at once, so that nobody waits for it. */
export const removedAtOnce = 500;

/**
 * Remove what has expired: first responses, and changes that nobody looks for any more, since a copy of one can be
 * under way only as long as its transaction lives.
 *
 * @param before an instant, RFC 3339 in UTC with milliseconds
 */
export function removalStatements(before: string): Statement[] {
  const values = [before, removedAtOnce];
  return [
    {
      sql: `
        WITH removed AS (
          DELETE FROM idempotency_keys
          WHERE (organisation, key, owner) IN (
            SELECT organisation, key, owner FROM idempotency_keys
            WHERE remembered_at < $1 ORDER BY remembered_at LIMIT $2
          )
          RETURNING 1
        )
        SELECT count(*) AS count FROM removed`,
      values,
    },
    {
      sql: `
        WITH removed AS (
          DELETE FROM changes
          WHERE change_id IN (
            SELECT change_id FROM changes WHERE made_at < $1 ORDER BY made_at LIMIT $2
          )
          RETURNING 1
        )
        SELECT count(*) AS count FROM removed`,
      values,
    },
  ];
}
