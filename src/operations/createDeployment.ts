import { create } from '../domain/deployments/create.js';
import { created, idempotentRequest } from './creation.js';
import type { Operation } from './operation.js';

/** Registers a deployment as `scheduled`. */
export const createDeployment: Operation<'createDeployment'> = async (
  { headers, body },
  { caller, store, clock, metrics },
) => {
  const idempotency = idempotentRequest(
    headers['Idempotency-Key'],
    { operationId: 'createDeployment', body },
    clock,
  );
  const creation = await store.create(caller.organisation, idempotency, () =>
    create(body, caller, clock.newIdentity()),
  );
  if (!creation.replayed) metrics.deploymentCreated(creation.stored.deployment);
  return created(creation, caller);
};
