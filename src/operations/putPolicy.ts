import { putPolicy as put } from '../domain/policies/change.js';
import { policyTag } from './entity-tag.js';
import type { Operation } from './operation.js';
import { policyCommand } from './policy-command.js';

/** Creates a policy, or replaces all of one. */
export const putPolicy: Operation<'putPolicy'> = async (
  { path: { name }, headers, body },
  { caller, store, clock },
) => {
  const command = policyCommand(name, caller, headers['If-Match']);
  const { policy, created } = await store.change('putPolicy', () =>
    put(command, body, clock.now()),
  );
  const ETag = policyTag(policy);
  return created
    ? { status: 201, headers: { Location: `/v1/policies/${name}`, ETag }, body: policy }
    : { status: 200, headers: { ETag }, body: policy };
};
