import { createFreeze as create } from '../domain/gates/freezes.js';
import { showFreeze } from '../domain/gates/show.js';
import { closedNow } from './closed.js';
import { idempotentRequest } from './creation.js';
import type { Operation } from './operation.js';

/** Creates a freeze, once for each `Idempotency-Key`. */
export const createFreeze: Operation<'createFreeze'> = async (
  { headers, body },
  { caller, store, clock, metrics },
) => {
  const key = headers['Idempotency-Key'];
  const request = idempotentRequest(caller, key, { operationId: 'createFreeze', body }, clock);
  const { gate, replayed } = await store.change('createFreeze', () =>
    create({ caller, request }, body, clock.newIdentity()),
  );
  if (!replayed) metrics.gateChanged(caller.organisation, 'freeze.created');
  return closedNow(`/v1/freezes/${gate.id}`, showFreeze(gate, clock.now()), replayed);
};
