import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation } from './operation.js';

const defaultLimit = 100;

/** Lists the events of locks and freezes, oldest first, a page at a time. */
export const listGateEvents: Operation<'listGateEvents'> = async ({ query }, { caller, store }) => {
  const scope: CursorScope = { organisation: caller.organisation, list: 'gate events' };
  const after = query.cursor === undefined ? 0 : Number(decodeCursor(query.cursor, scope));
  const limit = query.limit ?? defaultLimit;

  const found = await store.read({ read: 'gateEvents', after, limit: limit + 1 });

  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  const cursor = more ? encodeCursor(String(last.revision), scope) : undefined;
  return {
    status: 200,
    headers: nextPage('/v1/gates/events', { limit: String(limit) }, cursor),
    body: page,
  };
};
