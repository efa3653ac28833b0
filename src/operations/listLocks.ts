import { lastingLocks } from '../domain/gates/locks.js';
import { pageOfAll } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the locks that are closed, the oldest first, a page at a time. */
export const listLocks: Operation<'listLocks'> = async ({ query }, { caller, store, clock }) => {
  const controls = await store.read({ read: 'controls' });
  const locks = lastingLocks(controls, clock.now()).map(({ gate }) => gate);
  const scope = { organisation: caller.organisation, list: 'locks' };
  return pageOfAll({ scope, path: '/v1/locks', keyOf: ({ id }) => id }, locks, query);
};
