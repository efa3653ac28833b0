import type {
  DoneSkipping,
  RecordedEvent,
  Skipping,
  StateChange,
} from '../../../domain/deployments/changes.js';
import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Statement } from '../driver.js';
import { places, toTimestamp } from '../values.js';
import {
  changeIds,
  changingColumns,
  newColumns,
  newEventColumns,
  toChangingValues,
  toEventValues,
  toValues,
} from './rows.js';

/**
 * Marks a row on which a decision rests, unless another change has written it since it was read.
 *
 * @throws Error for a deployment that was not read from this store
 */
export function touch(changeId: string, stored: StoredDeployment): Statement {
  const read = changeIds.get(stored);
  if (read === undefined) throw new Error(`Deployment ${stored.deployment.id} was not read`);
  return {
    sql: 'UPDATE deployments SET change_id = ? WHERE id = ? AND change_id = ?',
    values: [changeId, stored.deployment.id, read],
  };
}

/** The compare-and-set: a row is written only on top of the revision that the change was made from. */
export function updateDeployments(changeId: string, updated: readonly StateChange[]): Statement {
  const columns = [
    { name: 'id', type: 'VARCHAR' },
    { name: 'was', type: 'NUMBER(18, 0)' },
    { name: 'revision', type: 'NUMBER(18, 0)' },
    ...changingColumns,
  ];
  const assigned = columns.filter(({ name }) => name !== 'id' && name !== 'was');
  return {
    sql: `
    UPDATE deployments
    SET ${assigned.map(({ name }) => `${name} = new.${name}`).join(', ')},
        change_id = ?
    FROM (
      SELECT ${columns.map(({ name, type }, nth) => `column${nth + 1}::${type} AS ${name}`).join(', ')}
      FROM VALUES ${rowsOfPlaces(updated.length, columns.length)}
    ) AS new
    WHERE deployments.id = new.id AND deployments.revision = new.was`,
    values: [
      changeId,
      ...updated.flatMap(({ from, to }) => [
        to.deployment.id,
        from,
        to.revision,
        ...toChangingValues(to),
      ]),
    ],
  };
}

/** Adds deployments. */
export function insertDeployments(
  changeId: string,
  created: readonly StoredDeployment[],
): Statement {
  return {
    sql: `
    INSERT INTO deployments (${newColumns.join(', ')})
    VALUES ${rowsOfPlaces(created.length, newColumns.length)}`,
    values: created.flatMap((stored) => toValues(stored, changeId)),
  };
}

/** Adds events, which never change. */
export function insertEvents(events: readonly RecordedEvent[]): Statement {
  return {
    sql: `
    INSERT INTO deployment_events (${newEventColumns.join(', ')})
    VALUES ${rowsOfPlaces(events.length, newEventColumns.length)}`,
    values: events.flatMap(toEventValues),
  };
}

/** Notes that a deployment has older ones to skip: since it was deployed last. */
export function mergeSkipping({ deployed, since }: Skipping): Statement {
  const { deployment } = deployed;
  return {
    sql: `
    MERGE INTO skipping AS known
    USING (
      SELECT column1 AS deployment_id,
             column2 AS taxonomy_key,
             column3::TIMESTAMP_NTZ(3) AS since
      FROM VALUES (?, ?, ?)
    ) AS new
    ON known.deployment_id = new.deployment_id
    WHEN MATCHED THEN UPDATE SET since = new.since
    WHEN NOT MATCHED THEN
      INSERT (deployment_id, taxonomy_key, since)
      VALUES (new.deployment_id, new.taxonomy_key, new.since)`,
    values: [deployment.id, taxonomyKey(deployment), toTimestamp(since)],
  };
}

/** Notes that a deployment has none left, unless it has been deployed again since. */
export function deleteSkipping({ id, since }: DoneSkipping): Statement {
  return {
    sql: 'DELETE FROM skipping WHERE deployment_id = ? AND since = ?::TIMESTAMP_NTZ(3)',
    values: [id, toTimestamp(since)],
  };
}

/**
 * Notes that a deployment has been rolled back from, unless that is known.
 *
 * @throws Error when it had never been deployed
 */
export function insertRolledBack({ deployment }: StoredDeployment): Statement {
  const { id, version, deployed_at: deployedAt } = deployment;
  if (deployedAt === null) throw new Error(`Deployment ${id} has never been deployed`);
  const at = toTimestamp(deployedAt);
  return {
    sql: `
    INSERT INTO rolled_back (deployment_id, taxonomy_key, version, deployed_at)
    SELECT ?, ?, ?, ?::TIMESTAMP_NTZ(3)
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (
      SELECT 1 FROM rolled_back WHERE deployment_id = ? AND deployed_at = ?::TIMESTAMP_NTZ(3)
    )`,
    values: [id, taxonomyKey(deployment), version, at, id, at],
  };
}

/** `(?, ?), (?, ?)`: places for the values of some rows. */
function rowsOfPlaces(rows: number, columns: number): string {
  return Array<string>(rows).fill(places(columns)).join(', ');
}
