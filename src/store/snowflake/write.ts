import type { ChangeSet, StoredDeployment } from '../../domain/deployments/deployment.js';
import { forgottenBefore } from '../../domain/idempotency/idempotency.js';
import type { IdempotentRequest } from '../../domain/idempotency/idempotency.js';
import type { Statement } from './driver.js';
import type { TableKind } from './options.js';
import { storedColumns, toTimestamp, toValues } from './rows.js';

/** A change that has been decided and is to be stored, whole or not at all. */
export interface Change {
  /** Says whether this very change has been stored. */
  readonly id: string;
  readonly changes: ChangeSet;
  /** The deployment that a rollback starts from, with the change that had written it last. */
  readonly touched?: { readonly id: string; readonly changeId: string } | undefined;
  /** The request whose answer is the first created deployment. */
  readonly idempotency?: IdempotentRequest | undefined;
}

/**
 * The statements of a change, which is one request: a transaction that commits only if everything in
 * it was possible. What others may contend for comes first, so that a wait for a lock comes before
 * anything has been read.
 */
export function changeStatements(change: Change, tables: TableKind): Statement[] {
  const { created, updated, events } = change.changes;
  const revisions = new Map(
    [...created, ...updated].map(({ deployment, revision }) => [deployment.id, revision]),
  );
  return [
    begin,
    ...(tables === 'standard' ? [takeWriteLock(change.id)] : []),
    ...(change.touched === undefined ? [] : [touch(change.id, change.touched)]),
    ...(updated.length === 0 ? [] : [updateDeployments(change.id, updated)]),
    ...(change.idempotency === undefined ? [] : [remember(change, change.idempotency)]),
    ...(created.length === 0 ? [] : [insertDeployments(change.id, created)]),
    ...(events.length === 0 ? [] : [insertEvents(events, revisions)]),
    recordChange(change),
    commit,
  ];
}

const begin: Statement = { sql: 'BEGIN', values: [] };
const commit: Statement = { sql: 'COMMIT', values: [] };

/** One change after the other, where no key stops a second one: sql/snowflake/standard. */
export function takeWriteLock(changeId: string): Statement {
  return { sql: 'UPDATE write_lock SET change_id = ?', values: [changeId] };
}

/** Marks the row that a rollback starts from, unless another change did since it was read. */
function touch(
  changeId: string,
  { id, changeId: read }: NonNullable<Change['touched']>,
): Statement {
  return {
    sql: 'UPDATE deployments SET change_id = ? WHERE id = ? AND change_id = ?',
    values: [changeId, id, read],
  };
}

/** The compare-and-set: a row is written only on top of the revision that the change was made from. */
function updateDeployments(changeId: string, updated: readonly StoredDeployment[]): Statement {
  return {
    sql: `
    UPDATE deployments
    SET status = new.status,
        notes = new.notes,
        deployment_uri = new.deployment_uri,
        updated_at = new.updated_at,
        revision = new.revision,
        ever_deployed = new.ever_deployed,
        change_id = ?
    FROM (
      SELECT column1 AS id,
             column2::VARCHAR AS status,
             column3::VARCHAR AS notes,
             column4::VARCHAR AS deployment_uri,
             column5::TIMESTAMP_NTZ(3) AS updated_at,
             column6::NUMBER(18, 0) AS revision,
             column7::BOOLEAN AS ever_deployed
      FROM VALUES ${places(updated.length, 7)}
    ) AS new
    WHERE deployments.id = new.id AND deployments.revision = new.revision - 1`,
    values: [
      changeId,
      ...updated.flatMap(({ deployment, revision, everDeployed }) => [
        deployment.id,
        deployment.status,
        deployment.notes,
        deployment.deployment_uri,
        toTimestamp(deployment.updated_at),
        revision,
        everDeployed,
      ]),
    ],
  };
}

/** Takes a key that is free, or whose answer is forgotten; leaves another's as it is. */
function remember(
  { id: changeId, changes }: Change,
  { key, fingerprint, at }: IdempotentRequest,
): Statement {
  const [first] = changes.created;
  if (first === undefined) throw new Error('The decision created nothing');
  return {
    sql: `
    MERGE INTO idempotency_keys AS known
    USING (
      SELECT column1 AS organisation,
             column2 AS idempotency_key,
             column3 AS fingerprint,
             column4::TIMESTAMP_NTZ(3) AS remembered_at,
             column5 AS deployment,
             column6 AS change_id,
             column7::TIMESTAMP_NTZ(3) AS forgotten_before
      FROM VALUES ${places(1, 7)}
    ) AS new
    ON known.organisation = new.organisation AND known.idempotency_key = new.idempotency_key
    WHEN MATCHED AND known.remembered_at < new.forgotten_before THEN UPDATE SET
      fingerprint = new.fingerprint,
      remembered_at = new.remembered_at,
      deployment = new.deployment,
      change_id = new.change_id
    WHEN NOT MATCHED THEN
      INSERT (organisation, idempotency_key, fingerprint, remembered_at, deployment, change_id)
      VALUES (new.organisation, new.idempotency_key, new.fingerprint, new.remembered_at,
              new.deployment, new.change_id)`,
    values: [
      first.deployment.organisation,
      key,
      fingerprint,
      toTimestamp(at),
      JSON.stringify(first.deployment),
      changeId,
      toTimestamp(forgottenBefore(at)),
    ],
  };
}

function insertDeployments(changeId: string, created: readonly StoredDeployment[]): Statement {
  return {
    sql: `
    INSERT INTO deployments (${storedColumns.join(', ')}, taxonomy_key)
    VALUES ${places(created.length, storedColumns.length + 1)}`,
    values: created.flatMap((stored) => toValues(stored, changeId)),
  };
}

function insertEvents(
  events: ChangeSet['events'],
  revisions: ReadonlyMap<string, number>,
): Statement {
  return {
    sql: `
    INSERT INTO deployment_events (
      deployment_id, revision, occurred_at, from_status, to_status, cause, cause_deployment_id,
      actor, repository, workflow
    )
    VALUES ${places(events.length, 10)}`,
    values: events.flatMap(({ deploymentId, event }) => {
      const revision = revisions.get(deploymentId);
      if (revision === undefined)
        throw new Error(`An event of ${deploymentId}, which did not change`);
      return [
        deploymentId,
        revision,
        toTimestamp(event.occurred_at),
        event.from_status,
        event.to_status,
        event.cause,
        event.cause_deployment_id,
        event.actor,
        event.repository,
        event.workflow,
      ];
    }),
  };
}

/**
 * Records the change, which is possible only if each of its rows was written by it and by nothing
 * else, its key was free, and it had not been given up: otherwise `abandoned` becomes NULL, which the
 * column does not take, and the transaction ends there. A batch has no other way to stop itself.
 */
function recordChange({ id, changes, touched, idempotency }: Change): Statement {
  const rows = [...changes.updated, ...changes.created].map(({ deployment }) => deployment.id);
  if (touched !== undefined) rows.push(touched.id);
  const [first] = changes.created;
  const organisation = first?.deployment.organisation ?? '';
  const keys =
    idempotency === undefined
      ? { condition: '', values: [] }
      : {
          condition: `
          AND (SELECT COUNT(*)
               FROM idempotency_keys
               WHERE organisation = ? AND idempotency_key = ? AND change_id = ?) = 1`,
          values: [organisation, idempotency.key, id],
        };
  return {
    sql: `
    INSERT INTO changes (change_id, made_at, abandoned)
    SELECT ?,
           SYSDATE()::TIMESTAMP_NTZ(3),
           CASE
             WHEN (SELECT COUNT(*)
                   FROM deployments
                   WHERE id IN (${rows.map(() => '?').join(', ')}) AND change_id = ?) = ?
          AND (SELECT COUNT(*) FROM changes WHERE change_id = ?) = 0${keys.condition}
             THEN FALSE
           END`,
    values: [id, ...rows, id, rows.length, id, ...keys.values],
  };
}

/** `(?, ?), (?, ?)`: places for the values of some rows. */
function places(rows: number, columns: number): string {
  const row = `(${Array<string>(columns).fill('?').join(', ')})`;
  return Array<string>(rows).fill(row).join(', ');
}
