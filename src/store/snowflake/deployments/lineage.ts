import { maxLineage } from '../../../domain/deployments/lineage.js';
import type { Reader } from '../reader.js';
import { contractColumns, toDeployment } from './rows.js';

/** A deployment, as many as are shown in a direction, and one more, which says that there are more. */
const maxMembers = maxLineage + 2;

/**
 * How deep the recursions go, which Snowflake ends with an error after 100 steps: two links a step, from
 * the deployment to the last of the members.
 */
export const maxSteps = Math.ceil((maxMembers - 1) / 2);

/**
 * What a lineage is made of: both chains back, and the rollbacks forward, the nearest of each.
 *
 * Snowflake's recursions take UNION ALL only, and no LIMIT
 * (https://docs.snowflake.com/en/user-guide/queries-cte), so a depth ends them.
 */
export const lineage: Reader<'lineage'> = (organisation, { id }) => ({
  statement: {
    sql: `
    WITH RECURSIVE
      copied_from (id, farther_id, next_id, depth) AS (${chainOf('source_deployment_id')}
      ),
      replaced (id, farther_id, next_id, depth) AS (${chainOf('rollback_from_deployment_id')}
      ),
      replaced_by (id, farther_id, depth) AS (
        SELECT id, id, 0
        FROM deployments
        WHERE id = ? AND organisation = ?
        UNION ALL
        SELECT nearer.id, farther.id, replaced_by.depth + 1
        FROM replaced_by
        JOIN deployments AS nearer ON nearer.rollback_from_deployment_id = replaced_by.farther_id
        LEFT JOIN deployments AS farther ON farther.rollback_from_deployment_id = nearer.id
        WHERE replaced_by.depth < ${maxSteps}
      ),
      nearest (id) AS (
        SELECT id
        FROM (
          SELECT id, depth * 2 AS distance FROM replaced_by
          UNION ALL
          SELECT farther_id, depth * 2 + 1 FROM replaced_by WHERE farther_id IS NOT NULL
        ) AS member
        GROUP BY id
        ORDER BY MIN(distance), id
        LIMIT ${maxMembers}
      )
    SELECT ${contractColumns.join(', ')}
    FROM deployments
    WHERE organisation = ?
      AND id IN (
        SELECT id FROM copied_from
        UNION ALL SELECT farther_id FROM copied_from
        UNION ALL SELECT id FROM replaced
        UNION ALL SELECT farther_id FROM replaced
        UNION ALL SELECT id FROM nearest
      )`,
    values: [id, organisation, id, organisation, id, organisation, organisation],
  },
  parse: (rows) => rows.map(toDeployment),
});

/** The chain of a link back from a deployment; a step is two links, the second of which may be missing. */
function chainOf(link: 'source_deployment_id' | 'rollback_from_deployment_id'): string {
  const name = link === 'source_deployment_id' ? 'copied_from' : 'replaced';
  return `
        SELECT id, NULL::VARCHAR, ${link}, 0
        FROM deployments
        WHERE id = ? AND organisation = ?
        UNION ALL
        SELECT nearer.id, farther.id, farther.${link}, ${name}.depth + 1
        FROM ${name}
        JOIN deployments AS nearer ON nearer.id = ${name}.next_id
        LEFT JOIN deployments AS farther ON farther.id = nearer.${link}
        WHERE ${name}.depth < ${maxSteps}`;
}
