import type {
  PolicyChanges,
  PolicyEvent,
  PolicySet,
  PolicySetChange,
} from '../../domain/policies/policy.js';
import { noPolicies } from '../../domain/policies/policy.js';
import type { PolicyCache } from '../policy-cache.js';
import { columnsWith } from './deployments/rows.js';
import type { Row, Statement } from './statement.js';
import type { Question, Reader } from './reader.js';
import { instant, text, toTimestamp, whole } from './values.js';

/** All policies of the tenant, taken from the cache where they are those that were read last. */
export function policiesThrough(cache: PolicyCache): Reader<'policies'> {
  return (organisation): Question<PolicySet> => ({
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
        ? noPolicies
        : cache.get(
            organisation,
            { revision: whole(row, 'REVISION'), changedAt: instant(row, 'UPDATED_AT') },
            () => text(row, 'EXTRA'),
          ),
  });
}

/** The events of the policies of a name, oldest first. */
export const policyEvents: Reader<'policyEvents'> = (organisation, { name, after, limit }) => ({
  statement: {
    sql: `
    SELECT event AS event
    FROM policy_changes
    WHERE organisation = ? AND name = ? AND revision > ?
    ORDER BY revision
    LIMIT ?`,
    values: [organisation, name, after, limit],
  },
  parse: (rows) => rows.map(toEvent),
});

/** Written by replacePolicies, from an event; the response is validated against the contract as well. */
function toEvent(row: Row): PolicyEvent {
  return JSON.parse(text(row, 'EVENT')) as PolicyEvent;
}

/** Puts a set in the place of the one before, with the event of its change. */
export function replacePolicies(
  changeId: string,
  { organisation, name, to, event }: PolicySetChange,
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
        JSON.stringify(to.policies),
        changeId,
      ],
    },
    {
      sql: 'UPDATE policy_changes SET policies = NULL WHERE organisation = ? AND revision < ? AND policies IS NOT NULL',
      values: [organisation, to.revision],
    },
  ];
}

/** What holds once a change has made the next set: nobody else has made one of its revision or a later one. */
export function requireNextPolicies({ organisation, to }: PolicySetChange): Statement {
  return {
    sql: `(SELECT COUNT(*) FROM policy_changes WHERE organisation = ? AND revision >= ?) = 1`,
    values: [organisation, to.revision],
  };
}

/**
 * What holds while the policies are those that a change rests on. No lock keeps them so until the commit, and
 * none is needed: a change of policies reads nothing else, so whichever comes first, it is as if this change
 * had come before it.
 */
export function requirePoliciesAt({
  organisation,
  revision,
}: PolicyChanges['policiesAt']): Statement {
  return {
    sql: `(SELECT COALESCE(MAX(revision), 0) FROM policy_changes WHERE organisation = ?) = ?`,
    values: [organisation, revision],
  };
}
