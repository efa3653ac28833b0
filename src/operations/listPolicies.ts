import { pageOf } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the organisation's policies by name, a page at a time. */
export const listPolicies: Operation<'listPolicies'> = async ({ query }, { caller, store }) => {
  const { policies } = await store.read({ read: 'controls' });
  const { organisation } = caller;
  const list = { organisation, list: 'policies', path: '/v1/policies' };
  return pageOf({ ...list, items: policies, keyOf: ({ name }) => name }, query);
};
