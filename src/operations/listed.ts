import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';

/** A list that is read a page at a time, by a `limit` and a `cursor`. */
export interface List<Item> {
  readonly scope: CursorScope;
  readonly path: string;
  /** What its items follow each other by, without spaces. */
  readonly keyOf: (item: Item) => string;
}

/** Which page of a list is asked for. */
export interface PageQuery {
  readonly cursor?: string;
  readonly limit?: number;
}

/** A page, as it is responded with. */
export interface ListPage<Item> {
  readonly status: 200;
  readonly headers: { Link?: string };
  readonly body: Item[];
}

const defaultLimit = 100;

/**
 * After which key a page begins, `undefined` for the first one, and how many it holds.
 *
 * @throws ApplicationError `contract-violation` when the cursor is of another list
 */
export function startOf<Item>({ scope }: List<Item>, { cursor, limit = defaultLimit }: PageQuery) {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, scope);
  return { after, limit };
}

/**
 * A page of a list.
 *
 * @param found what follows its start: one more than it holds, where there is more
 */
export function pageOf<Item>(
  { scope, path, keyOf }: List<Item>,
  found: readonly Item[],
  limit: number,
): ListPage<Item> {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  const cursor = more ? encodeCursor(keyOf(last), scope) : undefined;
  return { status: 200, headers: nextPage(path, { limit: String(limit) }, cursor), body: page };
}

/** A page of a list of which all is at hand, in the order of its keys. */
export function pageOfAll<Item>(
  list: List<Item>,
  items: readonly Item[],
  query: PageQuery,
): ListPage<Item> {
  const { after = '', limit } = startOf(list, query);
  const found = items.filter((item) => list.keyOf(item) > after);
  return pageOf(list, found, limit);
}
