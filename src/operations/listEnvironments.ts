import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation } from './operation.js';

const defaultLimit = 100;

/** Lists the environments that somebody has set by name, a page at a time. */
export const listEnvironments: Operation<'listEnvironments'> = async (
  { query },
  { caller, store },
) => {
  const scope: CursorScope = { organisation: caller.organisation, list: 'environments' };
  const after = query.cursor === undefined ? '' : nameIn(decodeCursor(query.cursor, scope));
  const limit = query.limit ?? defaultLimit;

  const found = await store.read({ read: 'environments', after, limit: limit + 1 });

  const page = found.slice(0, limit).map(({ environment }) => environment);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  const cursor = more ? encodeCursor(positionOf(last.environment), scope) : undefined;
  return {
    status: 200,
    headers: nextPage('/v1/environments', { limit: String(limit) }, cursor),
    body: page,
  };
};

/** A name may have spaces, which a position in a cursor may not. */
function positionOf(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function nameIn(position: string): string {
  return Buffer.from(position, 'base64url').toString();
}
