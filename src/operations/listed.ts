import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';

/** A list of which all is at hand. */
export interface Listed<Item> {
  readonly organisation: string;
  /** Its name, and the path that it is read at. */
  readonly list: string;
  readonly path: string;
  /** In the order of their keys. */
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
}

const defaultLimit = 100;

/** A page of a list of which all is at hand. */
export function pageOf<Item>(
  { organisation, list, path, items, keyOf }: Listed<Item>,
  query: { readonly cursor?: string; readonly limit?: number },
): { status: 200; headers: { Link?: string }; body: Item[] } {
  const scope: CursorScope = { organisation, list };
  const after = query.cursor === undefined ? '' : decodeCursor(query.cursor, scope);
  const limit = query.limit ?? defaultLimit;
  const found = items.filter((item) => keyOf(item) > after);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  const cursor = more ? encodeCursor(keyOf(last), scope) : undefined;
  return { status: 200, headers: nextPage(path, { limit: String(limit) }, cursor), body: page };
}
