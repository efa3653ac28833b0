import type { TaxonomyFilter } from '../domain/deployments/reads.js';
import { taxonomyKey } from '../domain/deployments/taxonomy.js';
import { currentOf } from '../domain/overview/current.js';
import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation } from './operation.js';

const defaultLimit = 50;

/** Lists what runs where, what is under way and what waits, a row a taxonomy, a page at a time. */
export const listCurrent: Operation<'listCurrent'> = async (
  { query: { limit = defaultLimit, cursor, ...filter } },
  { caller, store, clock },
) => {
  const parameters = Object.entries<string>(filter satisfies TaxonomyFilter);
  const { organisation } = caller;
  const scope: CursorScope = {
    organisation,
    list: JSON.stringify(['current', ...[...parameters].sort()]),
  };
  const key = cursor === undefined ? undefined : decodeCursor(cursor, scope);

  const { taxonomies, more } = await store.read({
    read: 'taxonomies',
    filter,
    after: key === undefined ? undefined : { key, by: 'taxonomy' },
    limit,
  });
  const rows = await store.change('current', () => currentOf(taxonomies, clock.now()));

  const last = taxonomies.at(-1);
  const next = more && last !== undefined ? encodeCursor(taxonomyKey(last), scope) : undefined;
  return {
    status: 200,
    headers: nextPage('/v1/current', [...parameters, ['limit', String(limit)]], next),
    body: [...rows],
  };
};
