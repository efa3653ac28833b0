import { policyNotFound } from '../domain/errors.js';
import { policyTag } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Reads one policy. What writes the response makes it a 304 when `If-None-Match` has this ETag. */
export const getPolicy: Operation<'getPolicy'> = async ({ path: { name } }, { store }) => {
  const { policies } = await store.read({ read: 'controls' });
  const policy = policies.find((one) => one.name === name);
  if (policy === undefined) throw policyNotFound(name);
  return { status: 200, headers: { ETag: policyTag(policy) }, body: policy };
};
