import { gatesName, noControls } from '../../domain/controls/controls.js';
import type {
  Controls,
  ControlsChange,
  ControlsChanges,
  ControlsReads,
} from '../../domain/controls/controls.js';
import type { GateEvent } from '../../domain/gates/gate.js';
import type { PolicyEvent } from '../../domain/policies/policy.js';
import { controlsText } from '../controls-cache.js';
import type { ControlsCache } from '../controls-cache.js';
import { columnsWith } from './deployments/rows.js';
import type { Statement } from './statement.js';
import type { Question, Reader } from './reader.js';
import { instant, text, toTimestamp, whole } from './values.js';

/** All controls of the tenant, taken from the cache where they are those that were read last. */
export function controlsThrough(cache: ControlsCache): Reader<'controls'> {
  return (organisation): Question<Controls> => ({
    part: {
      sql: `
    SELECT ${columnsWith({ updated_at: 'changed.occurred_at', revision: 'changed.revision' })},
           changed.policies AS extra
    FROM policy_changes AS changed
    WHERE changed.organisation = ? AND changed.policies IS NOT NULL
    ORDER BY changed.revision DESC
    LIMIT 1`,
      values: [organisation],
    },
    parse: ([row]) =>
      row === undefined
        ? noControls
        : cache.get(
            organisation,
            { revision: whole(row, 'REVISION'), changedAt: instant(row, 'UPDATED_AT') },
            () => text(row, 'EXTRA'),
          ),
  });
}

/** The events of the policies of a name, oldest first. */
export const policyEvents: Reader<'policyEvents'> = (organisation, of) =>
  events<PolicyEvent>(organisation, of);

/** The events of locks and freezes, oldest first. */
export const gateEvents: Reader<'gateEvents'> = (organisation, of) =>
  events<GateEvent>(organisation, { ...of, name: gatesName });

const events = <Event>(
  organisation: string,
  { name, after, limit }: ControlsReads['policyEvents']['of'],
): Question<readonly Event[]> => ({
  statement: {
    sql: `
    SELECT event AS event
    FROM policy_changes
    WHERE organisation = ? AND name = ? AND revision > ?
    ORDER BY revision
    LIMIT ?`,
    values: [organisation, name, after, limit],
  },
  // Written by replaceControls, from an event; the response is validated against the contract as well.
  parse: (rows) => rows.map((row) => JSON.parse(text(row, 'EVENT')) as Event),
});

/** Puts controls in the place of those before, with the event of their change. */
export function replaceControls(
  changeId: string,
  { organisation, name, to, event }: ControlsChange,
): Statement[] {
  return [
    {
      sql: `
    INSERT INTO policy_changes (
      organisation, revision, name, occurred_at, event, policies, change_id
    )
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
      values: [
        organisation,
        to.revision,
        name,
        toTimestamp(to.changedAt),
        JSON.stringify(event),
        controlsText(to),
        changeId,
      ],
    },
    {
      sql: 'UPDATE policy_changes SET policies = NULL WHERE organisation = ? AND revision < ? AND policies IS NOT NULL',
      values: [organisation, to.revision],
    },
  ];
}

/** What holds once a change has made the next controls: nobody else has made one of its revision or a later one. */
export function requireNextControls({ organisation, to }: ControlsChange): Statement {
  return {
    sql: `(SELECT COUNT(*) FROM policy_changes WHERE organisation = ? AND revision >= ?) = 1`,
    values: [organisation, to.revision],
  };
}

/**
 * What holds while the controls are those that a change rests on. Until it is committed it keeps them so by the row of
 * usage that it adds to, of which a change of controls takes all; one that adds nothing starts nothing.
 */
export function requireControlsAt({
  organisation,
  revision,
}: ControlsChanges['controlsAt']): Statement {
  return {
    sql: `(SELECT COALESCE(MAX(revision), 0) FROM policy_changes WHERE organisation = ?) = ?`,
    values: [organisation, revision],
  };
}
