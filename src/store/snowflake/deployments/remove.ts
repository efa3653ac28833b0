import type { RemovedEvents } from '../../../domain/deployments/changes.js';
import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Statement } from '../statement.js';
import type { TableKind } from '../options.js';
import type { Reader } from '../reader.js';
import { flag, places, toTimestamp } from '../values.js';
import { changeIdOf, storedColumns, storedColumnsOf, toStored } from './rows.js';
import { takeRows } from './write.js';

/**
 * Those that were registered before a position, the newest first, and whether something refers to them. What
 * refers to a deployment is of its taxonomy, which has an index.
 */
export const registeredBefore: Reader<'registeredBefore'> = (organisation, { before, limit }) => {
  const at = toTimestamp(before.created_at);
  return {
    statement: {
      sql: `
    WITH
      found AS (
        SELECT ${storedColumns.join(', ')}, taxonomy_key
        FROM deployments
        WHERE organisation = ?
          AND created_at <= ?::TIMESTAMP_NTZ(3)
          AND (created_at < ?::TIMESTAMP_NTZ(3) OR id < ?)
        ORDER BY created_at DESC, id DESC
        LIMIT ?
      ),
      referring AS (
        SELECT undo.source_deployment_id, undo.rollback_from_deployment_id
        FROM (SELECT DISTINCT taxonomy_key FROM found) AS place
        JOIN deployments AS undo ON undo.taxonomy_key = place.taxonomy_key
        WHERE undo.source_deployment_id IS NOT NULL
      ),
      held AS (
        SELECT source_deployment_id AS id FROM referring
        UNION
        SELECT rollback_from_deployment_id AS id FROM referring
        UNION
        SELECT skipping.deployment_id AS id
        FROM skipping
        JOIN found ON found.id = skipping.deployment_id
      )
    SELECT ${storedColumnsOf('found')}, held.id IS NOT NULL AS held
    FROM found
    LEFT JOIN held ON held.id = found.id
    ORDER BY found.created_at DESC, found.id DESC`,
      values: [organisation, at, at, before.id, limit],
    },
    parse: (rows) => rows.map((row) => ({ stored: toStored(row), held: flag(row, 'HELD') })),
  };
};

/**
 * Removes deployments with their events, those of them that no other change has written since they were read:
 * their rows are marked first, as every change does, so that of two changes of one row the second finds out.
 *
 * @throws Error for a deployment that was not read from this store
 */
export function deleteDeployments(
  changeId: string,
  removed: readonly StoredDeployment[],
  tables: TableKind,
): Statement[] {
  const ids = removed.map(({ deployment }) => deployment.id);
  const read = removed.map(changeIdOf);
  const those = places(ids.length);
  return [
    {
      sql: `
    UPDATE deployments
    SET change_id = ?
    WHERE id IN ${those} AND change_id IN ${places(read.length)}`,
      values: [changeId, ...ids, ...read],
    },
    ...(tables === 'hybrid' ? [takeRows(removed)] : []),
    { sql: `DELETE FROM deployment_events WHERE deployment_id IN ${those}`, values: ids },
    {
      sql: `
    DELETE FROM deployments
    WHERE id IN ${those} AND change_id = ?
      AND (id, revision) IN (${removed.map(() => places(2)).join(', ')})`,
      values: [
        ...ids,
        changeId,
        ...removed.flatMap(({ deployment, revision }) => [deployment.id, revision]),
      ],
    },
    ...forgetVersions(removed),
  ];
}

/** That a version was found bad is forgotten with the last deployment of it that has ever been deployed. */
function forgetVersions(removed: readonly StoredDeployment[]): Statement[] {
  const deployed = removed.filter(({ deployment }) => deployment.deployed_at !== null);
  if (deployed.length === 0) return [];
  const keys = [...new Set(deployed.map(({ deployment }) => taxonomyKey(deployment)))];
  const versions = [...new Set(deployed.map(({ deployment }) => deployment.version))];
  return [
    {
      sql: `
    DELETE FROM rolled_back
    WHERE taxonomy_key IN ${places(keys.length)} AND version IN ${places(versions.length)}
      AND NOT EXISTS (
        SELECT 1
        FROM deployments
        WHERE deployments.taxonomy_key = rolled_back.taxonomy_key
          AND deployments.version = rolled_back.version
          AND deployments.deployed_at IS NOT NULL
      )`,
      values: [...keys, ...versions],
    },
  ];
}

/** Removes events of a deployment that stays for now. */
export function deleteEvents({ deploymentId, upTo }: RemovedEvents): Statement {
  return {
    sql: 'DELETE FROM deployment_events WHERE deployment_id = ? AND revision <= ?',
    values: [deploymentId, upTo],
  };
}
