import type { ChangeSet } from '../../domain/changes.js';
import type { StoredDeployment } from '../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import { growthOf } from '../../domain/usage/growth.js';
import { deleteDeployments, deleteEvents } from './deployments/remove.js';
import { insertTaxonomy } from './deployments/taxonomies.js';
import {
  deleteSkipping,
  insertDeployments,
  insertEvents,
  insertRolledBack,
  noteSkipping,
  requireSkipped,
  takeRows,
  touch,
  updateDeployments,
} from './deployments/write.js';
import type { Statement } from './statement.js';
import { remember, requireRemembered } from './idempotency.js';
import type { TableKind } from './options.js';
import { replaceControls, requireNextControls, requireControlsAt } from './controls.js';
import { changeQueue, requireNextQueue } from './queue.js';
import { addUsage, lockUsage, requireWithin, takeAllUsage } from './usage.js';
import { places } from './values.js';

/** A change that has been decided and is to be stored, whole or not at all. */
export interface Change {
  /** Says whether this very change has been stored. */
  readonly id: string;
  /** The tenant. */
  readonly organisation: string;
  readonly changes: ChangeSet;
  /** New deployments whose taxonomy may not be stored. */
  readonly newTaxonomies?: readonly StoredDeployment[];
}

/** What writes each kind of change; what others may contend for comes first. */
const writers: {
  readonly [Name in keyof ChangeSet]-?: (
    changeId: string,
    changes: NonNullable<ChangeSet[Name]>,
    tables: TableKind,
  ) => Statement[];
} = {
  response: remember,
  // That they are still these is a condition of the change, see recordChange.
  controlsAt: () => [],
  controls: (id, change) => replaceControls(id, change),
  queue: changeQueue,
  // A sequence has given it out.
  fence: () => [],
  deployments: (id, { created = [], updated = [], unchanged = [] }, tables) => [
    ...unchanged.map((stored) => touch(id, stored)),
    ...(tables === 'hybrid' && unchanged.length > 0 ? [takeRows(unchanged)] : []),
    ...updateDeployments(id, updated),
    ...inParts(created, (part) => insertDeployments(id, part)),
  ],
  events: (_id, events) => insertEvents(events),
  skipping: (_id, skipping) => skipping.flatMap(noteSkipping),
  doneSkipping: (_id, done) => done.map(deleteSkipping),
  rolledBack: (_id, rolledBack) => rolledBack.map(insertRolledBack),
  removedEvents: (_id, removed) => removed.map(deleteEvents),
  removed: deleteDeployments,
  // What holds while it is kept is asked at the end.
  quota: () => [],
};

/**
 * The statements of a change, which is one request: a transaction that commits only if everything in
 * it was possible. What others may contend for comes first, so that a wait for a lock comes before
 * anything has been read.
 *
 * @throws Error when an event is of no state that the change leads to
 */
export function changeStatements(change: Change, tables: TableKind): Statement[] {
  const { id, organisation, changes, newTaxonomies = [] } = change;
  const taxonomies = new Map(newTaxonomies.map((each) => [taxonomyKey(each.deployment), each]));
  requireOwnEvents(changes);
  const written = Object.entries(writers).flatMap(([name, writer]) => {
    const part = changes[name as keyof ChangeSet];
    // The writer of this name takes the changes of this name.
    const write = writer as (changeId: string, part: unknown, tables: TableKind) => Statement[];
    return part === undefined ? [] : write(id, part, tables);
  });
  const growth = growthOf(changes);
  const isCounted = growth.deployments !== 0 || growth.bytes !== 0;
  const statements = [
    ...(tables === 'hybrid' ? lockedUsage(change, isCounted) : []),
    ...[...taxonomies.values()].map(insertTaxonomy),
    ...written,
    ...(isCounted ? addUsage(id, organisation, growth, tables) : []),
    recordChange(change),
  ];
  return asTransaction(id, statements, tables);
}

/** Which rows of usage a change locks before all else, where rows are locked. */
function lockedUsage({ id, organisation, changes }: Change, isCounted: boolean): Statement[] {
  if (changes.controls !== undefined) return takeAllUsage(id, organisation);
  return isCounted ? [lockUsage(id, organisation)] : [];
}

/** Statements as one transaction, and where no key stops a second one, after all others. */
export function asTransaction(
  id: string,
  statements: readonly Statement[],
  tables: TableKind,
): Statement[] {
  const lock = tables === 'standard' ? [takeWriteLock(id), requireWriteLock(id)] : [];
  return [begin, ...lock, ...statements, commit];
}

/**
 * Each event is of a state that its deployment comes to by this very change, and of another one than the
 * event before: so a state has one event, also where no key says so.
 */
function requireOwnEvents({ deployments = {}, events = [] }: ChangeSet): void {
  const { created = [], updated = [] } = deployments;
  const states = new Map([
    ...created.map((to) => [to.deployment.id, { after: 0, last: to.revision }] as const),
    ...updated.map(
      ({ from, to }) => [to.deployment.id, { after: from, last: to.revision }] as const,
    ),
  ]);
  for (const { deploymentId: id, event } of events) {
    const { revision } = event;
    const { after, last } = states.get(id) ?? { after: 0, last: 0 };
    if (revision <= after || revision > last)
      throw new Error(`Deployment ${id} does not come to the revision ${revision} of an event`);
    states.set(id, { after: revision, last });
  }
}

/** The frame of a transaction. */
export const begin: Statement = { sql: 'BEGIN TRANSACTION', values: [] };
const commit: Statement = { sql: 'COMMIT', values: [] };
export const rollback: Statement = { sql: 'ROLLBACK', values: [] };

/** One change after the other, where no key stops a second one: sql/snowflake/standard. */
function takeWriteLock(changeId: string): Statement {
  return { sql: 'UPDATE write_lock SET change_id = ?', values: [changeId] };
}

/**
 * Ends the transaction where there was no row to lock, so that nothing keeps changes apart: a division by zero, since
 * nothing else ends one that has not written. How it begins tells it from other failures: see failure.ts.
 */
function requireWriteLock(changeId: string): Statement {
  return {
    sql: 'SELECT 1 / COUNT(*) AS locked FROM write_lock WHERE change_id = ?',
    values: [changeId],
  };
}

/** How many new deployments one statement writes, so that with its values it has room in a request. */
const maxRows = 10;

function inParts<Row>(
  rows: readonly Row[],
  write: (part: readonly Row[]) => Statement,
): Statement[] {
  const parts: Statement[] = [];
  for (let at = 0; at < rows.length; at += maxRows) parts.push(write(rows.slice(at, at + maxRows)));
  return parts;
}

/**
 * Records the change, which is possible only if
 *
 * - each of its rows was written by it and by nothing else, or removed as it had been read;
 * - those that it rests on have come to no later revision, and controls and the queue are those that it rests on;
 * - its key was free, the tenant is within its quota, and whoever has skipped all has not been deployed again;
 * - it had not been given up.
 *
 * Otherwise `abandoned` becomes NULL, which the column does not take, and the transaction ends there. A batch has
 * no other way to stop itself.
 */
function recordChange({ id, organisation, changes }: Change): Statement {
  const { deployments = {}, doneSkipping = [], removed = [], response, quota } = changes;
  const { controlsAt, controls, queue } = changes;
  const { created = [], updated = [], unchanged = [] } = deployments;
  const written = [...updated.map(({ to }) => to), ...created, ...unchanged];
  const rows = [...new Set(written.map(({ deployment }) => deployment.id))];
  const conditions: Statement[] = [
    { sql: '(SELECT COUNT(*) FROM changes WHERE change_id = ?) = 0', values: [id] },
  ];
  if (rows.length > 0) {
    conditions.push({
      sql: `(SELECT COUNT(*)
               FROM deployments
               WHERE id IN ${places(rows.length)} AND change_id = ?) = ?`,
      values: [...rows, id, rows.length],
    });
  }
  const changed = new Set(updated.map(({ to }) => to.deployment.id));
  for (const { deployment, revision } of unchanged) {
    if (changed.has(deployment.id)) continue;
    conditions.push({
      sql: `(SELECT COUNT(*)
               FROM deployment_events
               WHERE deployment_id = ? AND revision > ?) = 0`,
      values: [deployment.id, revision],
    });
  }
  conditions.push(...doneSkipping.flatMap(requireSkipped));
  if (removed.length > 0) {
    conditions.push({
      sql: `(SELECT COUNT(*) FROM deployments WHERE id IN ${places(removed.length)}) = 0`,
      values: removed.map(({ deployment }) => deployment.id),
    });
  }
  if (quota !== undefined) conditions.push(...requireWithin(organisation, quota));
  if (response !== undefined) conditions.push(...requireRemembered(id, response));
  if (controlsAt !== undefined) conditions.push(requireControlsAt(controlsAt));
  if (controls !== undefined) conditions.push(requireNextControls(controls));
  if (queue !== undefined) conditions.push(requireNextQueue(id, queue));
  return {
    // Its beginning tells a request that failed here from others: see failure.ts.
    sql: `INSERT INTO changes (change_id, made_at, abandoned)
    SELECT ?,
           SYSDATE()::TIMESTAMP_NTZ(3),
           CASE
             WHEN ${conditions.map(({ sql }) => sql).join('\n              AND ')}
             THEN FALSE
           END`,
    values: [id, ...conditions.flatMap(({ values }) => values)],
  };
}
