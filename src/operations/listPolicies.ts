import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation } from './operation.js';

const defaultLimit = 100;

/** Lists the organisation's policies by name, a page at a time. */
export const listPolicies: Operation<'listPolicies'> = async ({ query }, { caller, store }) => {
  const scope: CursorScope = { organisation: caller.organisation, list: 'policies' };
  const after = query.cursor === undefined ? '' : decodeCursor(query.cursor, scope);
  const limit = query.limit ?? defaultLimit;

  const { policies } = await store.read({ read: 'policies' });

  const found = policies.filter(({ name }) => name > after);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  const cursor = more ? encodeCursor(last.name, scope) : undefined;
  return {
    status: 200,
    headers: nextPage('/v1/policies', { limit: String(limit) }, cursor),
    body: page,
  };
};
