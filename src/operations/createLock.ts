import { createLock as create } from '../domain/gates/locks.js';
import { closedNow } from './closed.js';
import { idempotentRequest } from './creation.js';
import type { Operation } from './operation.js';

/** Places a lock, once for each `Idempotency-Key`. */
export const createLock: Operation<'createLock'> = async (
  { headers, body },
  { caller, store, clock, metrics },
) => {
  const key = headers['Idempotency-Key'];
  const request = idempotentRequest(caller, key, { operationId: 'createLock', body }, clock);
  const { gate, replayed } = await store.change('createLock', () =>
    create({ caller, request }, body, clock.newIdentity()),
  );
  if (!replayed) metrics.gateChanged(caller.organisation, 'lock.created');
  return closedNow(`/v1/locks/${gate.id}`, gate, replayed);
};
