import type { Page } from './responses.js';
import type { Deployment, ListQuery } from './contract.js';

/** Follows a list from page to page; the next one is asked for when the one before is used up. */
export async function* allOf(
  list: (query: ListQuery) => Promise<Page>,
  query: ListQuery,
): AsyncGenerator<Deployment, void, undefined> {
  let page = await list(query);
  for (;;) {
    yield* page.deployments;
    if (page.next === undefined) return;
    page = await list({ ...query, cursor: page.next });
  }
}
