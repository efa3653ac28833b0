import { pageOfAll } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the organisation's policies by name, a page at a time. */
export const listPolicies: Operation<'listPolicies'> = async ({ query }, { caller, store }) => {
  const { policies } = await store.read({ read: 'controls' });
  const scope = { organisation: caller.organisation, list: 'policies' };
  return pageOfAll({ scope, path: '/v1/policies', keyOf: ({ name }) => name }, policies, query);
};
