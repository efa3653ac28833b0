import { gatesName, noControls } from '../../domain/controls/controls.js';
import type {
  ControlsChange,
  ControlsChanges,
  ControlsReads,
} from '../../domain/controls/controls.js';
import type { GateEvent } from '../../domain/gates/gate.js';
import type { PolicyEvent } from '../../domain/policies/policy.js';
import { controlsText } from '../controls-cache.js';
import type { Question, Reader, Source } from './reader.js';
import type { Statement } from './statement.js';

/** All controls of the tenant; they travel only when they are not those that were read last. */
export const controls: Reader<'controls'> = ({ organisation, controls: cache }) => {
  const last = cache.last(organisation);
  return {
    statement: {
      sql: `
        SELECT revision, occurred_at,
               CASE WHEN revision <> $2 OR occurred_at <> $3 THEN policies END AS policies
        FROM policy_changes
        WHERE organisation = $1
        ORDER BY revision DESC
        LIMIT 1`,
      values: [organisation, last?.revision ?? 0, last?.changedAt ?? '-infinity'],
    },
    parse: ([row]) => {
      if (row === undefined) return noControls;
      const text = row['policies'];
      if (typeof text !== 'string' && last !== undefined) return last;
      const of = { revision: Number(row['revision']), changedAt: String(row['occurred_at']) };
      return cache.get(organisation, of, () => String(text));
    },
  };
};

/** The events of the policies of a name, oldest first. */
export const policyEvents: Reader<'policyEvents'> = (source, of) => events<PolicyEvent>(source, of);

/** The events of locks and freezes, oldest first. */
export const gateEvents: Reader<'gateEvents'> = (source, of) =>
  events<GateEvent>(source, { ...of, name: gatesName });

const events = <Event>(
  { organisation }: Pick<Source, 'organisation'>,
  { name, after, limit }: ControlsReads['policyEvents']['of'],
): Question<readonly Event[]> => ({
  statement: {
    sql: `
      SELECT event
      FROM policy_changes
      WHERE organisation = $1 AND name = $2 AND revision > $3
      ORDER BY revision
      LIMIT $4`,
    values: [organisation, name, after, limit],
  },
  // Written by replaceControls, from an event.
  parse: (rows) => rows.map((row) => JSON.parse(String(row['event'])) as Event),
});

/**
 * Keeps the controls of a tenant as they are until the commit, for changes that rest on them, or keeps all such
 * changes away, for one of the controls themselves. It has to be a statement of its own: only the next one sees what
 * was committed while this one waited.
 */
export function lockControls(organisation: string, how: 'as they are' | 'for a change'): Statement {
  const lock = how === 'for a change' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  // Organisations whose digests are the same wait for each other, and nothing else.
  return {
    sql: `SELECT ${lock}(hashtextextended('policies of ' || $1, 0))`,
    values: [organisation],
  };
}

/** The controls must be those that the change rests on. */
export function requireControlsAt({
  organisation,
  revision,
}: ControlsChanges['controlsAt']): Statement {
  return {
    sql: `
      SELECT require_rows(coalesce(max(revision), 0), $2)
      FROM policy_changes
      WHERE organisation = $1`,
    values: [organisation, revision],
  };
}

/** Puts controls in the place of those before, with the event of their change. */
export function replaceControls({ organisation, name, to, event }: ControlsChange): Statement[] {
  return [
    {
      sql: 'UPDATE policy_changes SET policies = NULL WHERE organisation = $1 AND revision = $2',
      values: [organisation, to.revision - 1],
    },
    {
      sql: `
        INSERT INTO policy_changes (organisation, revision, name, occurred_at, event, policies)
        VALUES ($1, $2, $3, $4, $5, $6)`,
      values: [
        organisation,
        to.revision,
        name,
        to.changedAt,
        JSON.stringify(event),
        controlsText(to),
      ],
    },
  ];
}
