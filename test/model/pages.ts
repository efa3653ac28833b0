import { isDeepStrictEqual as same } from 'node:util';
import { expect } from 'chai';
import { Refused } from './design.js';
import { filterOf, matches } from './meaning.js';
import type { Queue } from './queue.js';
import type { ApiResponse, Deployment, Filter, Listing, Of, PageEnd } from './request.js';
import { parse } from './response.js';

/** Expects a page of deployments or events, and remembers where it ends when there is more. */
export function listPage(queue: Queue, request: Of<Listing['kind']>, response: ApiResponse): void {
  const { limit, after, ...list } = request;
  // Where a cursor of another list meets an unknown id, either may be told.
  if (response.status !== 404) requireSameList(queue.login, list, after);
  const rest =
    list.kind === 'list'
      ? matching(queue, list.filter, after)
      : queue.find(list.id).events.slice(Number(after?.last ?? 0));
  const cursor = expectPage(response, list, rest, limit);
  if (cursor === undefined) return;
  const end = (parse(response) as { id?: string; revision?: number }[]).at(-1);
  const last = end?.id ?? end?.revision ?? '';
  queue.pages.push({ cursor, login: queue.login, list, last });
}

/** The deployments that a filter lets through, newest first, from the end of a page on. */
function matching({ entries }: Queue, filter: Filter, after: PageEnd | undefined): Deployment[] {
  const all = entries.map(({ deployment }) => deployment);
  const older = all.slice(0, after && all.findIndex(({ id }) => id === after.last));
  return older.filter((deployment) => matches(deployment, filter)).reverse();
}

/** @throws Refused when what is to be continued is another list, or another organisation's */
function requireSameList(login: string, list: Listing, after: PageEnd | undefined): void {
  if (after === undefined || (after.login === login && sameList(after.list, list))) return;
  throw new Refused(422, 'contract-violation', 'cursor', 'belongs to another list');
}

function sameList(a: Listing, b: Listing): boolean {
  if (a.kind === 'list') return b.kind === 'list' && same(filterOf(a.filter), filterOf(b.filter));
  return b.kind === 'events' && a.id.toLowerCase() === b.id.toLowerCase();
}

/**
 * Expects a page, and a link to the next one when there is more.
 *
 * @param rest what had to come: this page and all that follows
 * @param limit how much of that a page may hold
 * @returns the cursor of the next page; `undefined` after the last one
 */
function expectPage(
  response: ApiResponse,
  list: Listing,
  rest: readonly unknown[],
  limit = 100,
): string | undefined {
  expect(response.status, response.text).to.equal(200);
  expect(parse(response)).to.deep.equal(rest.slice(0, limit));

  const link = response.headers['link'];
  expect(link !== undefined, `Link: ${String(link)}`).to.equal(rest.length > limit);
  if (link === undefined) return undefined;
  const [, path, query] = /^<([^?]*)\?(.*)>; rel="next"$/.exec(String(link)) ?? [];
  expect(path?.toLowerCase()).to.equal(response.path.toLowerCase());
  const next = new URLSearchParams(query);
  const names = new Set(next.keys());
  const parameters = Object.fromEntries([...names].map((name) => [name, next.getAll(name)]));
  const { cursor: [cursor] = [], limit: limits, ...filter } = parameters;
  expect(limits).to.deep.equal([String(limit)]);
  expect(filterOf(filter)).to.deep.equal(filterOf(list.kind === 'list' ? list.filter : {}));
  return cursor;
}
