import type { Environment } from '../domain/environments/environment.js';
import { pageOf, startOf } from './listed.js';
import type { List } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the environments that somebody has set by name, a page at a time. */
export const listEnvironments: Operation<'listEnvironments'> = async (
  { query },
  { caller, store },
) => {
  const list: List<Environment> = {
    scope: { organisation: caller.organisation, list: 'environments' },
    path: '/v1/environments',
    keyOf: ({ environment }) => positionOf(environment),
  };
  const { after, limit } = startOf(list, query);
  const found = await store.read({
    read: 'environments',
    after: after === undefined ? '' : nameIn(after),
    limit: limit + 1,
  });
  const environments = found.map(({ environment }) => environment);
  return pageOf(list, environments, limit);
};

/** A name may have spaces, which a position in a cursor may not. */
function positionOf(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function nameIn(position: string): string {
  return Buffer.from(position, 'base64url').toString();
}
