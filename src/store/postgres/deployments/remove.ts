import type { DeploymentChanges } from '../../../domain/deployments/changes.js';
import type { Remaining } from '../../../domain/deployments/reads.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Reader } from '../reader.js';
import { rowsOf, uuid } from '../statement.js';
import type { Statement } from '../statement.js';
import { firstId } from './rollback.js';
import { selectedColumnsOf, storedColumns, toStored } from './rows.js';
import { known } from './write.js';

/** Those that were registered before a position, the newest first, and whether something refers to them. */
export const registeredBefore: Reader<'registeredBefore'> = (
  { organisation },
  { before, limit },
) => ({
  statement: {
    sql: `
      SELECT ${selectedColumnsOf('found')},
             EXISTS (SELECT 1 FROM deployments AS copy WHERE copy.source_deployment_id = found.id)
             OR EXISTS (
               SELECT 1 FROM deployments AS undo WHERE undo.rollback_from_deployment_id = found.id
             )
             OR EXISTS (SELECT 1 FROM skipping WHERE skipping.deployment_id = found.id) AS held
      FROM (
        SELECT ${storedColumns}
        FROM deployments
        WHERE organisation = $1 AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC
        LIMIT $4
      ) AS found
      ORDER BY created_at DESC, id DESC`,
    // A position without an id is before all of its instant.
    values: [organisation, before.created_at, uuid(before.id) ?? firstId, limit],
    // For as many as an unknown limit may be, the server would rather look through all of the table.
    planned: 'each time',
  },
  parse: (rows) =>
    rows.map((row): Remaining => ({ stored: toStored(row), held: row['held'] === true })),
});

/** Removes deployments with their events; their rows are held. What refers to one keeps it. */
export function deleteDeployments(removed: DeploymentChanges['removed']): Statement[] {
  const those = rowsOf(removed.map(known));
  return [
    {
      sql: `
        DELETE FROM deployment_events
        USING json_to_recordset($1) AS gone (id uuid)
        WHERE deployment_id = gone.id`,
      values: [those],
    },
    {
      sql: `
        DELETE FROM deployments
        USING json_to_recordset($1) AS gone (id uuid)
        WHERE deployments.id = gone.id`,
      values: [those],
    },
    forgetVersions(removed),
  ];
}

/** That a version was found bad is forgotten with the last deployment of it that has ever been deployed. */
function forgetVersions(removed: DeploymentChanges['removed']): Statement {
  return {
    sql: `
      DELETE FROM rolled_back
      USING json_to_recordset($1) AS gone (taxonomy_key text, version text)
      WHERE rolled_back.taxonomy_key = gone.taxonomy_key AND rolled_back.version = gone.version
        AND NOT EXISTS (
          SELECT 1
          FROM deployments
          WHERE deployments.taxonomy_key = gone.taxonomy_key
            AND deployments.version = gone.version
            AND deployments.deployed_at IS NOT NULL
        )`,
    values: [
      rowsOf(
        removed.map(({ deployment }) => ({
          taxonomy_key: taxonomyKey(deployment),
          version: deployment.version,
        })),
      ),
    ],
  };
}

/** Removes events of deployments that stay for now. */
export function deleteEvents(removed: DeploymentChanges['removedEvents']): Statement {
  return {
    sql: `
      DELETE FROM deployment_events
      USING json_to_recordset($1) AS gone ("deploymentId" uuid, "upTo" integer)
      WHERE deployment_id = gone."deploymentId" AND revision <= gone."upTo"`,
    values: [rowsOf(removed)],
  };
}
