import { create } from '../domain/deployments/create.js';
import { once } from '../domain/idempotency/once.js';
import { withinQuota } from '../domain/usage/quota.js';
import { created, idempotentRequest } from './creation.js';
import type { Operation } from './operation.js';

/** Registers a deployment as `scheduled`. */
export const createDeployment: Operation<'createDeployment'> = async (
  { headers, body },
  { caller, store, clock, metrics, quota },
) => {
  const request = idempotentRequest(
    caller,
    headers['Idempotency-Key'],
    { operationId: 'createDeployment', body },
    clock,
  );
  const creation = await store.change('createDeployment', () =>
    once(request, { caller, action: 'register' }, () =>
      withinQuota(quota, create(body, caller, clock.newIdentity())),
    ),
  );
  if (!creation.replayed) metrics.deploymentCreated(creation.stored.deployment);
  return created(creation);
};
