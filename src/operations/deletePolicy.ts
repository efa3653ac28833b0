import { deletePolicy as remove } from '../domain/policies/change.js';
import type { Operation } from './operation.js';
import { policyCommand } from './policy-command.js';

/** Deletes a policy; its events stay. */
export const deletePolicy: Operation<'deletePolicy'> = async (
  { path: { name }, headers },
  { caller, store, clock },
) => {
  const command = policyCommand(name, caller, headers['If-Match']);
  await store.change('deletePolicy', () => remove(command, clock.now()));
  return { status: 204, headers: {} };
};
