import { gatesName, noControls } from '../../domain/controls/controls.js';
import type { Controls, ControlsChanges, ControlsReads } from '../../domain/controls/controls.js';
import type { GateEvent } from '../../domain/gates/gate.js';
import type { PolicyEvent } from '../../domain/policies/policy.js';
import { controlsText } from '../controls-cache.js';
import type { Database } from './database.js';
import type { Source } from './source.js';

/** All controls of the tenant. */
export function readControls({ organisation, database, controls }: Source): Controls {
  const row = database.prepare(lastChange).get(organisation);
  if (row === undefined) return noControls;
  const revision = Number(row['revision']);
  return controls.get(organisation, { revision, changedAt: String(row['occurred_at']) }, () =>
    String(database.prepare(textOf).get(organisation, revision)?.['policies']),
  );
}

const lastChange = `
  SELECT revision, occurred_at
  FROM policy_changes
  WHERE organisation = ?
  ORDER BY revision DESC
  LIMIT 1`;

const textOf = 'SELECT policies FROM policy_changes WHERE organisation = ? AND revision = ?';

/** The events of the policies of a name, oldest first. */
export function readPolicyEvents(
  source: Source,
  of: ControlsReads['policyEvents']['of'],
): PolicyEvent[] {
  return readEvents<PolicyEvent>(source, of);
}

/** The events of locks and freezes, oldest first. */
export function readGateEvents(source: Source, of: ControlsReads['gateEvents']['of']): GateEvent[] {
  return readEvents<GateEvent>(source, { ...of, name: gatesName });
}

function readEvents<Event>(
  { organisation, database }: Source,
  { name, after, limit }: ControlsReads['policyEvents']['of'],
): Event[] {
  return (
    database
      .prepare(eventsOf)
      .all(organisation, name, after, limit)
      // Written by writeControls, from an event.
      .map((row) => JSON.parse(String(row['event'])) as Event)
  );
}

const eventsOf = `
  SELECT event
  FROM policy_changes
  WHERE organisation = ? AND name = ? AND revision > ?
  ORDER BY revision
  LIMIT ? + 0`;

/**
 * Puts controls in the place of those before, with the event of their change; inside the transaction in which
 * those were read.
 *
 * @throws Error when there are some of this revision
 */
export function writeControls(
  database: Database,
  { organisation, name, to, event }: ControlsChanges['controls'],
): void {
  database.prepare(forgetText).run(organisation, to.revision - 1);
  database
    .prepare(insertChange)
    .run(organisation, to.revision, name, to.changedAt, JSON.stringify(event), controlsText(to));
}

const forgetText = `
  UPDATE policy_changes SET policies = NULL WHERE organisation = ? AND revision = ?`;

const insertChange = `
  INSERT INTO policy_changes (organisation, revision, name, occurred_at, event, policies)
  VALUES (?, ?, ?, ?, ?, ?)`;
