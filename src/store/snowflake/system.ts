import type { DeploymentName, QueueDepth } from '../store.js';
import { locked } from './idempotency.js';
import type { Row, Statement } from './statement.js';
import { oneOf, text, toTimestamp, whole } from './values.js';

/**
 * What waits and what runs, of all organisations. Reads all rows of two columns: an index for it would
 * cost every write something, and Snowflake counts a million rows in a fraction of a second.
 */
export const depthStatement: Statement = {
  sql: `
    SELECT environment, status, COUNT(*) AS deployments
    FROM deployments
    WHERE status IN ('scheduled', 'in_progress')
    GROUP BY environment, status
    UNION ALL
    SELECT environment, 'leased' AS status, COUNT(*) AS deployments
    FROM queue_entries
    WHERE kind = 'lease'
    GROUP BY environment`,
  values: [],
};

/** Turns a row of that into its depth. */
export function toDepth(row: Row): QueueDepth {
  return {
    environment: text(row, 'ENVIRONMENT'),
    status: oneOf(['scheduled', 'in_progress', 'leased'], row, 'STATUS'),
    count: whole(row, 'DEPLOYMENTS'),
  };
}

/** Deployments that are still skipping older ones. */
export const skippingStatement: Statement = {
  sql: `
    SELECT deployments.organisation AS organisation, deployments.id AS id
    FROM skipping
    JOIN deployments ON deployments.id = skipping.deployment_id
    ORDER BY skipping.since, deployments.id`,
  values: [],
};

/** Turns a row of that into the deployment's name. */
export function toName(row: Row): DeploymentName {
  return { organisation: text(row, 'ORGANISATION'), id: text(row, 'ID') };
}

/** The tenants that have any deployments. */
export const organisationsStatement: Statement = {
  sql: `
    SELECT organisation AS organisation
    FROM tenant_usage
    GROUP BY organisation
    HAVING SUM(deployments) > 0`,
  values: [],
};

/**
 * Removes responses that have expired, as a transaction: their rows are locked first, so that the statement which removes
 * them sees those whose keys another change has taken again.
 *
 * @param before an instant, RFC 3339 in UTC with milliseconds
 */
export function responseRemoval(before: string): Statement[] {
  const expired = 'remembered_at < ?::TIMESTAMP_NTZ(3)';
  const at = toTimestamp(before);
  return [
    {
      sql: `UPDATE remembered_responses SET change_id = ? WHERE ${expired}`,
      values: [locked, at],
    },
    { sql: `DELETE FROM remembered_responses WHERE ${expired}`, values: [at] },
  ];
}

/**
 * Removes changes that nobody looks for any more, since a copy of one can be under way only as long as its session
 * lives.
 *
 * @param before as for responses
 */
export function changeRemoval(before: string): Statement {
  return {
    sql: 'DELETE FROM changes WHERE made_at < ?::TIMESTAMP_NTZ(3)',
    values: [toTimestamp(before)],
  };
}
