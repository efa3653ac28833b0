import { policyNotFound } from '../domain/errors.js';
import type { PolicyEvent } from '../domain/policies/policy.js';
import { pageOf, startOf } from './listed.js';
import type { List } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the events of a policy, oldest first, a page at a time; those of one that was deleted, too. */
export const listPolicyEvents: Operation<'listPolicyEvents'> = async (
  { path: { name }, query },
  { caller, store },
) => {
  const list: List<PolicyEvent> = {
    scope: { organisation: caller.organisation, list: `policy events ${name}` },
    path: `/v1/policies/${name}/events`,
    keyOf: ({ revision }) => String(revision),
  };
  const { after, limit } = startOf(list, query);
  const found = await store.read({
    read: 'policyEvents',
    name,
    after: Number(after ?? 0),
    limit: limit + 1,
  });
  // Its first event is there for good, so there is none before a cursor.
  if (found.length === 0 && after === undefined) throw policyNotFound(name);
  return pageOf(list, found, limit);
};
