import { checkAccess } from '../domain/policies/check.js';
import type { Operation } from './operation.js';

/** Explains whether somebody may do something, and why. */
export const checkPolicies: Operation<'checkPolicies'> = async ({ body }, { caller, store }) => {
  const policies = await store.read({ read: 'controls' });
  return { status: 200, headers: {}, body: checkAccess(body, caller, policies) };
};
