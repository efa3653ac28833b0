import type { Statement } from './driver.js';
import { storedColumns } from './rows.js';

const columns = storedColumns.join(', ');
const columnsOf = (table: string) => storedColumns.map((name) => `${table}.${name}`).join(', ');

/** One deployment of an organisation. */
export function deploymentStatement(organisation: string, id: string): Statement {
  return {
    sql: `
    SELECT ${columns}
    FROM deployments
    WHERE id = ? AND organisation = ?`,
    values: [id, organisation],
  };
}

/** The events of a deployment, oldest first; every deployment has some. */
export function eventsStatement(organisation: string, id: string): Statement {
  return {
    sql: `
    SELECT occurred_at, from_status, to_status, cause, cause_deployment_id,
           actor, repository, workflow
    FROM deployment_events
    JOIN deployments ON deployments.id = deployment_events.deployment_id
    WHERE deployments.id = ? AND deployments.organisation = ?
    ORDER BY deployment_events.revision`,
    values: [id, organisation],
  };
}

/** A deployment, and the older `scheduled` ones of its taxonomy. */
export function updateSliceStatement(organisation: string, id: string): Statement {
  return {
    sql: `
    WITH target AS (
      SELECT ${columns}, taxonomy_key
      FROM deployments
      WHERE id = ? AND organisation = ?
    )
    SELECT ${columns}
    FROM target
    UNION ALL
    SELECT ${columnsOf('older')}
    FROM deployments AS older
    JOIN target ON older.taxonomy_key = target.taxonomy_key
    WHERE older.status = 'scheduled'
      AND (older.created_at < target.created_at
           OR older.created_at = target.created_at AND older.id < target.id)
    ORDER BY created_at, id`,
    values: [id, organisation],
  };
}

/**
 * The deployments that a lineage is made of: both chains back, and the rollbacks forward.
 *
 * Every link leads to an older deployment, so the recursions end; Snowflake's take UNION ALL only
 * (https://docs.snowflake.com/en/user-guide/queries-cte).
 */
export function familyStatement(organisation: string, id: string): Statement {
  return {
    sql: `
    WITH RECURSIVE
      copied_from (id, next_id) AS (
        SELECT id, source_deployment_id
        FROM deployments
        WHERE id = ? AND organisation = ?
        UNION ALL
        SELECT deployments.id, deployments.source_deployment_id
        FROM deployments JOIN copied_from ON deployments.id = copied_from.next_id
      ),
      replaced (id, next_id) AS (
        SELECT id, rollback_from_deployment_id
        FROM deployments
        WHERE id = ? AND organisation = ?
        UNION ALL
        SELECT deployments.id, deployments.rollback_from_deployment_id
        FROM deployments JOIN replaced ON deployments.id = replaced.next_id
      ),
      replaced_by (id) AS (
        SELECT id
        FROM deployments
        WHERE id = ? AND organisation = ?
        UNION ALL
        SELECT deployments.id
        FROM deployments JOIN replaced_by ON deployments.rollback_from_deployment_id = replaced_by.id
      )
    SELECT ${columns}
    FROM deployments
    WHERE organisation = ?
      AND id IN (
        SELECT id FROM copied_from
        UNION ALL SELECT id FROM replaced
        UNION ALL SELECT id FROM replaced_by
      )`,
    values: [id, organisation, id, organisation, id, organisation, organisation],
  };
}

/**
 * What waits and what runs, of all organisations. Reads all rows of two columns: an index for it would
 * cost every write something, and Snowflake counts a million rows in a fraction of a second.
 */
export const depthStatement: Statement = {
  sql: `
    SELECT environment, status, COUNT(*) AS deployments
    FROM deployments
    WHERE status IN ('scheduled', 'in_progress')
    GROUP BY environment, status`,
  values: [],
};

/** The first answer under a key, forgotten or not. */
export function answerStatement(organisation: string, key: string): Statement {
  return {
    sql: `
    SELECT fingerprint, remembered_at, deployment
    FROM idempotency_keys
    WHERE organisation = ? AND idempotency_key = ?`,
    values: [organisation, key],
  };
}
