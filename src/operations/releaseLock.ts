import { releaseLock as release } from '../domain/gates/locks.js';
import type { Operation } from './operation.js';

/** Releases a lock, and no other. */
export const releaseLock: Operation<'releaseLock'> = async (
  { path, query },
  { caller, store, clock, metrics },
) => {
  const command = { id: path.id.toLowerCase(), caller, reason: query.reason ?? null };
  await store.change('releaseLock', () => release(command, clock.now()));
  metrics.gateChanged(caller.organisation, 'lock.released');
  return { status: 204, headers: {} };
};
