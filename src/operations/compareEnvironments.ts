import { taxonomyKey } from '../domain/deployments/taxonomy.js';
import { contractViolation } from '../domain/errors.js';
import { compare, maxCompared } from '../domain/overview/compare.js';
import { pairUp } from '../domain/overview/pairs.js';
import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation } from './operation.js';

const defaultLimit = 50;

/** Compares what runs in two environments, a page at a time. */
export const compareEnvironments: Operation<'compareEnvironments'> = async (
  { query: { limit = defaultLimit, cursor, ...query } },
  { caller, store },
) => {
  const { from, to, ...filter } = query;
  if (from === to) {
    throw contractViolation([
      { parameter: 'to', message: `must be another environment than from, which is ${from}` },
    ]);
  }
  const parameters = Object.entries<string>(query);
  const scope: CursorScope = {
    organisation: caller.organisation,
    list: JSON.stringify(['diff', ...[...parameters].sort()]),
  };
  const key = cursor === undefined ? undefined : decodeCursor(cursor, scope);
  const pageOf = (environment: string) =>
    store.read({
      read: 'taxonomies',
      filter: { ...filter, environment },
      after: key === undefined ? undefined : { key, by: 'component' },
      limit: limit + maxCompared,
    });

  const { pairs, more } = pairUp(...(await Promise.all([pageOf(from), pageOf(to)])), limit);
  const rows = await store.change('compare', () => compare(pairs));

  const last = pairs.at(-1);
  const [member] = [...(last?.from ?? []), ...(last?.to ?? [])];
  const next = more && member !== undefined ? encodeCursor(taxonomyKey(member), scope) : undefined;
  return {
    status: 200,
    headers: nextPage('/v1/diff', [...parameters, ['limit', String(limit)]], next),
    body: [...rows],
  };
};
