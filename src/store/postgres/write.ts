import type { ChangeSet } from '../../domain/changes.js';
import { growthOf } from '../../domain/usage/growth.js';
import { deleteDeployments, deleteEvents } from './deployments/remove.js';
import { insertTaxonomies } from './deployments/taxonomies.js';
import {
  deleteSkipping,
  holdRows,
  insertDeployments,
  insertEvents,
  insertRolledBack,
  known,
  noteSkipping,
  takeReadings,
  updateDeployments,
} from './deployments/write.js';
import { remember } from './idempotency.js';
import { lockControls, replaceControls, requireControlsAt } from './controls.js';
import { changeQueue } from './queue.js';
import { plain } from './statement.js';
import type { Statement } from './statement.js';
import { addUsage, requireWithin } from './usage.js';

/** A change that has been decided and is to be stored, whole or not at all. */
export interface Change {
  /** Says whether this very change has been stored. */
  readonly id: string;
  /** The tenant. */
  readonly organisation: string;
  readonly changes: ChangeSet;
}

/** What writes each kind of change. All changes take what others may contend for in this order. */
const writers: {
  readonly [Name in keyof ChangeSet]-?: (changes: NonNullable<ChangeSet[Name]>) => Statement[];
} = {
  queue: changeQueue,
  deployments: ({ created = [], updated = [], unchanged = [] }) => {
    const rows = [
      ...updated.map(({ from, to }) => ({ id: to.deployment.id, revision: from })),
      ...unchanged.map(known),
    ];
    return [
      // A single one is held by what writes it.
      ...(rows.length > 1 ? [holdRows(rows)] : []),
      ...(unchanged.length > 0 ? [takeReadings(unchanged)] : []),
      ...(created.length > 0 ? [insertTaxonomies(created), insertDeployments(created)] : []),
      ...(updated.length > 0 ? [updateDeployments(updated)] : []),
    ];
  },
  events: (events) => (events.length > 0 ? [insertEvents(events)] : []),
  skipping: (skipping) => [noteSkipping(skipping)],
  doneSkipping: (done) => [deleteSkipping(done)],
  rolledBack: (rolledBack) => [insertRolledBack(rolledBack)],
  removedEvents: (removed) => [deleteEvents(removed)],
  removed: (removed) => [holdRows(removed.map(known)), ...deleteDeployments(removed)],
  response: (response) => [remember(response)],
  controls: replaceControls,
  controlsAt: (controls) => [requireControlsAt(controls)],
  // A sequence has given it out.
  fence: () => [],
  // What holds while it is kept is asked at the end.
  quota: () => [],
};

/**
 * The statements of a change, which is one transaction and travels as one. None of them waits for this process, so
 * a lock is held no longer than the server takes for them.
 *
 * `READ COMMITTED`, since a change set names all that it rests on: each statement sees what was committed before it,
 * and ends the transaction where that is not what the change was made from. `SERIALIZABLE` would find the same, and
 * end transactions besides that have no more in common than a page or the counter of their tenant.
 */
export function changeStatements({ id, organisation, changes }: Change): Statement[] {
  const { controlsAt, controls, quota } = changes;
  const written = Object.entries(writers).flatMap(([name, writer]) => {
    const part = changes[name as keyof ChangeSet];
    // The writer of this name takes the changes of this name.
    return part === undefined ? [] : (writer as (part: unknown) => Statement[])(part);
  });
  const growth = growthOf(changes);
  return [
    begin,
    ...(controls !== undefined ? [lockControls(organisation, 'for a change')] : []),
    ...(controls === undefined && controlsAt !== undefined
      ? [lockControls(organisation, 'as they are')]
      : []),
    ...written,
    ...(growth.deployments !== 0 || growth.bytes !== 0 ? [addUsage(organisation, growth)] : []),
    ...(quota !== undefined ? [requireWithin(organisation, quota)] : []),
    {
      sql: 'INSERT INTO changes (change_id, made_at, abandoned) VALUES ($1, now(), FALSE)',
      values: [id],
    },
    commit,
  ];
}

/** The frame of a transaction that writes. */
export const begin = plain('BEGIN ISOLATION LEVEL READ COMMITTED');
export const commit = plain('COMMIT');
