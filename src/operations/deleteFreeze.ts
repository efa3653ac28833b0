import { deleteFreeze as remove } from '../domain/gates/freezes.js';
import type { Operation } from './operation.js';

/** Deletes a freeze. */
export const deleteFreeze: Operation<'deleteFreeze'> = async (
  { path, query },
  { caller, store, clock, metrics },
) => {
  const command = { id: path.id.toLowerCase(), caller, reason: query.reason ?? null };
  await store.change('deleteFreeze', () => remove(command, clock.now()));
  metrics.gateChanged(caller.organisation, 'freeze.deleted');
  return { status: 204, headers: {} };
};
