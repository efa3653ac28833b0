import { noPolicies } from '../../domain/policies/policy.js';
import type {
  PolicyChanges,
  PolicyEvent,
  PolicyReads,
  PolicySet,
} from '../../domain/policies/policy.js';
import type { Database } from './database.js';
import type { Source } from './source.js';

/** All policies of the tenant. */
export function readPolicies({ organisation, database, policies }: Source): PolicySet {
  const row = database.prepare(lastChange).get(organisation);
  if (row === undefined) return noPolicies;
  const revision = Number(row['revision']);
  return policies.get(organisation, { revision, changedAt: String(row['occurred_at']) }, () =>
    String(database.prepare(policiesOf).get(organisation, revision)?.['policies']),
  );
}

const lastChange = `
  SELECT revision, occurred_at
  FROM policy_changes
  WHERE organisation = ?
  ORDER BY revision DESC
  LIMIT 1`;

const policiesOf = 'SELECT policies FROM policy_changes WHERE organisation = ? AND revision = ?';

/** The events of the policies of a name, oldest first. */
export function readPolicyEvents(
  { organisation, database }: Source,
  { name, after, limit }: PolicyReads['policyEvents']['of'],
): PolicyEvent[] {
  return (
    database
      .prepare(eventsOf)
      .all(organisation, name, after, limit)
      // Written by writePolicySet, from an event.
      .map((row) => JSON.parse(String(row['event'])) as PolicyEvent)
  );
}

const eventsOf = `
  SELECT event
  FROM policy_changes
  WHERE organisation = ? AND name = ? AND revision > ?
  ORDER BY revision
  LIMIT ? + 0`;

/**
 * Puts a set in the place of the one before, with the event of its change; inside the transaction in which
 * that was read.
 *
 * @throws Error when there is a set of this revision
 */
export function writePolicySet(
  database: Database,
  { organisation, name, to, event }: PolicyChanges['policySet'],
): void {
  database.prepare(forgetPolicies).run(organisation, to.revision - 1);
  database
    .prepare(insertChange)
    .run(
      organisation,
      to.revision,
      name,
      to.changedAt,
      JSON.stringify(event),
      JSON.stringify(to.policies),
    );
}

const forgetPolicies = `
  UPDATE policy_changes SET policies = NULL WHERE organisation = ? AND revision = ?`;

const insertChange = `
  INSERT INTO policy_changes (organisation, revision, name, occurred_at, event, policies)
  VALUES (?, ?, ?, ?, ?, ?)`;
