import type {
  DoneSkipping,
  RecordedEvent,
  Skipping,
  StateChange,
} from '../../../domain/deployments/changes.js';
import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Statement } from '../statement.js';
import { takeReadings } from '../readings.js';
import { places, rowsOfPlaces, toTimestamp } from '../values.js';
import {
  changeIdOf,
  changingColumns,
  newColumns,
  newEventColumns,
  newEventTypes,
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
  return {
    sql: 'UPDATE deployments SET change_id = ? WHERE id = ? AND change_id = ?',
    values: [changeId, stored.deployment.id, changeIdOf(stored)],
  };
}

/**
 * Takes what was read of rows, see `takeReadings`. For a row that is updated the key of its event does that.
 *
 * @throws Error for a deployment that was not read from this store
 */
export function takeRows(read: readonly StoredDeployment[]): Statement {
  return takeReadings(read.map((stored) => `${stored.deployment.id} ${changeIdOf(stored)}`));
}

/**
 * The compare-and-set: a row is written only on top of the revision that the change was made from. Rows that become
 * the same are written together, each found by its key, as nearly all are that an auto-skip changes.
 */
export function updateDeployments(changeId: string, updated: readonly StateChange[]): Statement[] {
  const assigned = [
    ...changingColumns.map(({ name, type }) => `${name} = ?::${type}`),
    'revision = ?',
    'change_id = ?',
  ];
  const groups = groupBy(updated, ({ from, to }) =>
    JSON.stringify([from, to.revision, ...toChangingValues(to)]),
  );
  return groups.map(([first, ...others]) => {
    const ids = [first, ...others].map(({ to }) => to.deployment.id);
    return {
      sql: `
    UPDATE deployments
    SET ${assigned.join(', ')}
    WHERE id ${equalsOneOf(ids)} AND revision = ?`,
      values: [...toChangingValues(first.to), first.to.revision, changeId, ...ids, first.from],
    };
  });
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

/** Adds events, which never change. Those that tell the same of different deployments are added together. */
export function insertEvents(events: readonly RecordedEvent[]): Statement[] {
  const groups = groupBy(events, ({ event }) => JSON.stringify({ ...event, revision: 0 }));
  const columns = newEventColumns.join(', ');
  return groups.map(([first, ...others]) => {
    const values = toEventValues(first);
    if (others.length === 0) {
      return {
        sql: `
    INSERT INTO deployment_events (${columns})
    VALUES ${places(values.length)}`,
        values,
      };
    }
    // The first two columns are whose event it is, and its revision.
    const types = newEventTypes.slice(2).map((type) => `?::${type}`);
    return {
      sql: `
    INSERT INTO deployment_events (${columns})
    SELECT column1, column2::NUMBER(18, 0), ${types.join(', ')}
    FROM VALUES ${rowsOfPlaces(1 + others.length, 2)}`,
      values: [
        ...values.slice(2),
        ...[first, ...others].flatMap(({ deploymentId, event }) => [deploymentId, event.revision]),
      ],
    };
  });
}

/** Notes that a deployment has older ones to skip: since it was deployed last. */
export function noteSkipping({ deployed, since }: Skipping): Statement[] {
  const { deployment } = deployed;
  const at = toTimestamp(since);
  return [
    {
      sql: 'UPDATE skipping SET since = ?::TIMESTAMP_NTZ(3) WHERE deployment_id = ?',
      values: [at, deployment.id],
    },
    {
      sql: `
    INSERT INTO skipping (deployment_id, taxonomy_key, since)
    SELECT ?, ?, ?::TIMESTAMP_NTZ(3)
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (SELECT 1 FROM skipping WHERE deployment_id = ?)`,
      values: [deployment.id, taxonomyKey(deployment), at, deployment.id],
    },
  ];
}

/** Notes that a deployment has none left, see `requireSkipped`. */
export function deleteSkipping({ id, since }: DoneSkipping): Statement {
  return {
    sql: 'DELETE FROM skipping WHERE deployment_id = ? AND since = ?::TIMESTAMP_NTZ(3)',
    values: [id, toTimestamp(since)],
  };
}

/**
 * What holds once that is noted: its row is gone, and it has not been deployed again since, in which case the row that is
 * gone may be the one of then.
 */
export function requireSkipped({ id, since }: DoneSkipping): Statement[] {
  return [
    { sql: '(SELECT COUNT(*) FROM skipping WHERE deployment_id = ?) = 0', values: [id] },
    {
      sql: `(SELECT COUNT(*)
               FROM deployments
               WHERE id = ? AND deployed_at > ?::TIMESTAMP_NTZ(3)) = 0`,
      values: [id, toTimestamp(since)],
    },
  ];
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

/** `= ?`, or `IN (?, ?)`: one of some values. */
function equalsOneOf(values: readonly unknown[]): string {
  return values.length === 1 ? '= ?' : `IN ${places(values.length)}`;
}

/** As many rows as one statement takes at the most. */
const maxRows = 1_000;

/** Rows by what they have in common, in their order, and no more of them together than a statement takes. */
function groupBy<Row>(rows: readonly Row[], of: (row: Row) => string): [Row, ...Row[]][] {
  const groups: [Row, ...Row[]][] = [];
  const open = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const key = of(row);
    const group = open.get(key);
    if (group !== undefined && group.length < maxRows) group.push(row);
    else {
      const next: [Row] = [row];
      open.set(key, next);
      groups.push(next);
    }
  }
  return groups;
}
