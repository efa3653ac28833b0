import type { DeploymentChanges, StateChange } from '../../../domain/deployments/changes.js';
import { changingFields } from '../../../domain/deployments/deployment.js';
import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import { rowsOf } from '../statement.js';
import type { Statement } from '../statement.js';
import { newColumns, newEventColumns, toNewEventRow, toNewRow, writerOf } from './rows.js';

/** A row as a change knows it. */
export interface Known {
  readonly id: string;
  readonly revision: number;
}

/** A deployment as it was read. */
export function known({ deployment, revision }: StoredDeployment): Known {
  return { id: deployment.id, revision };
}

/**
 * Locks rows, which must be as they are known. Whoever changes several of them takes them in one order, so that nobody
 * waits for somebody who waits for him.
 */
export function holdRows(rows: readonly Known[]): Statement {
  const once = [...new Map(rows.map((row) => [row.id, row])).values()];
  return {
    sql: `
      SELECT require_rows(count(*), $2)
      FROM (
        SELECT 1
        FROM deployments
        JOIN json_to_recordset($1) AS known (id uuid, revision integer) USING (id, revision)
        ORDER BY deployments.id
        FOR NO KEY UPDATE OF deployments
      ) AS held`,
    values: [rowsOf(once), once.length],
  };
}

/**
 * Takes what was read of rows on which a change rests: of two that rest on the same reading, the second does not find
 * it any more. The rows stay as they are.
 *
 * @throws Error for a deployment that was not read from this store
 */
export function takeReadings(read: readonly StoredDeployment[]): Statement {
  const once = new Map(
    read.map((stored) => [
      stored.deployment.id,
      { id: stored.deployment.id, written_by: writerOf(stored) },
    ]),
  );
  return {
    sql: `
      WITH taken AS (
        UPDATE deployments
        SET revision = deployments.revision
        FROM json_to_recordset($1) AS known (id uuid, written_by xid)
        WHERE deployments.id = known.id AND deployments.xmin = known.written_by
        RETURNING 1
      )
      SELECT require_rows(count(*), $2) FROM taken`,
    values: [rowsOf([...once.values()]), once.size],
  };
}

const changingTypes: Readonly<Record<(typeof changingFields)[number], string>> = {
  updated_at: 'timestamptz',
  started_at: 'timestamptz',
  finished_at: 'timestamptz',
  deployed_at: 'timestamptz',
  status: 'text',
  notes: 'text',
  deployment_uri: 'text',
  approvals: 'text',
};

/** The compare-and-set: a row is written only on top of the revision that the change was made from. */
export function updateDeployments(updated: readonly StateChange[]): Statement {
  return {
    sql: `
      WITH written AS (
        UPDATE deployments
        SET ${changingFields.map((field) => `${field} = next.${field}`).join(', ')}, revision = next.revision
        FROM json_to_recordset($1) AS next (
          id uuid, known integer, revision integer,
          ${changingFields.map((field) => `${field} ${changingTypes[field]}`).join(', ')}
        )
        WHERE deployments.id = next.id AND deployments.revision = next.known
        RETURNING 1
      )
      SELECT require_rows(count(*), $2) FROM written`,
    values: [
      rowsOf(
        updated.map(({ from, to: { deployment, revision } }) => ({
          id: deployment.id,
          known: from,
          revision,
          ...Object.fromEntries(changingFields.map((field) => [field, deployment[field]])),
        })),
      ),
      updated.length,
    ],
  };
}

/** Adds deployments. */
export function insertDeployments(created: readonly StoredDeployment[]): Statement {
  return {
    sql: `
      INSERT INTO deployments (${newColumns})
      SELECT ${newColumns}
      FROM json_populate_recordset(NULL::deployments, $1)`,
    values: [rowsOf(created.map(toNewRow))],
  };
}

/** Adds events, which never change. */
export function insertEvents(events: DeploymentChanges['events']): Statement {
  return {
    sql: `
      INSERT INTO deployment_events (${newEventColumns})
      SELECT ${newEventColumns}
      FROM json_populate_recordset(NULL::deployment_events, $1)`,
    values: [rowsOf(events.map(toNewEventRow))],
  };
}

/** Notes that deployments have older ones to skip, since they were deployed last. */
export function noteSkipping(skipping: DeploymentChanges['skipping']): Statement {
  return {
    sql: `
      INSERT INTO skipping (deployment_id, taxonomy_key, since)
      SELECT deployment_id, taxonomy_key, since
      FROM json_populate_recordset(NULL::skipping, $1)
      ON CONFLICT (deployment_id) DO UPDATE SET since = excluded.since`,
    values: [
      rowsOf(
        skipping.map(({ deployed: { deployment }, since }) => ({
          deployment_id: deployment.id,
          taxonomy_key: taxonomyKey(deployment),
          since,
        })),
      ),
    ],
  };
}

/** Notes that deployments have none left, unless one has been deployed again since. */
export function deleteSkipping(done: DeploymentChanges['doneSkipping']): Statement {
  return {
    sql: `
      WITH deleted AS (
        DELETE FROM skipping
        USING json_to_recordset($1) AS done (id uuid, since timestamptz)
        WHERE deployment_id = done.id AND skipping.since = done.since
        RETURNING 1
      )
      SELECT require_rows(count(*), $2) FROM deleted`,
    values: [rowsOf(done), done.length],
  };
}

/** Notes that deployments have been rolled back from, unless that is known. */
export function insertRolledBack(rolledBack: DeploymentChanges['rolledBack']): Statement {
  return {
    sql: `
      INSERT INTO rolled_back (deployment_id, taxonomy_key, version, deployed_at)
      SELECT deployment_id, taxonomy_key, version, deployed_at
      FROM json_populate_recordset(NULL::rolled_back, $1)
      ON CONFLICT DO NOTHING`,
    values: [
      rowsOf(
        rolledBack.map(({ deployment }) => ({
          deployment_id: deployment.id,
          taxonomy_key: taxonomyKey(deployment),
          version: deployment.version,
          deployed_at: deployment.deployed_at,
        })),
      ),
    ],
  };
}
