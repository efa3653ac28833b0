import { lastingFreezes } from '../domain/gates/freezes.js';
import { showFreeze } from '../domain/gates/show.js';
import { pageOfAll } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the freezes that are not over, the oldest first, a page at a time. */
export const listFreezes: Operation<'listFreezes'> = async ({ query }, context) => {
  const { caller, store, clock } = context;
  const controls = await store.read({ read: 'controls' });
  const now = clock.now();
  const freezes = lastingFreezes(controls, now).map(({ gate }) => showFreeze(gate, now));
  const scope = { organisation: caller.organisation, list: 'freezes' };
  return pageOfAll({ scope, path: '/v1/freezes', keyOf: ({ id }) => id }, freezes, query);
};
