import { policyNotFound } from '../domain/errors.js';
import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation } from './operation.js';

const defaultLimit = 100;

/** Lists the events of a policy, oldest first, a page at a time; those of one that was deleted, too. */
export const listPolicyEvents: Operation<'listPolicyEvents'> = async (
  { path: { name }, query },
  { caller, store },
) => {
  const scope: CursorScope = { organisation: caller.organisation, list: `policy events ${name}` };
  const after = query.cursor === undefined ? 0 : Number(decodeCursor(query.cursor, scope));
  const limit = query.limit ?? defaultLimit;

  const found = await store.read({ read: 'policyEvents', name, after, limit: limit + 1 });

  // Its first event is there for good, so there is none before a cursor.
  if (found.length === 0 && after === 0) throw policyNotFound(name);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  const cursor = more ? encodeCursor(String(last.revision), scope) : undefined;
  return {
    status: 200,
    headers: nextPage(`/v1/policies/${name}/events`, { limit: String(limit) }, cursor),
    body: page,
  };
};
