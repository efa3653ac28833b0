import { rollback } from '../domain/deployments/rollback.js';
import type { RollbackRequest } from '../domain/deployments/rollback.js';
import { once } from '../domain/idempotency/once.js';
import type { Creation, IdempotentRequest } from '../domain/idempotency/idempotency.js';
import { withinQuota } from '../domain/usage/quota.js';
import type { OperationContext } from './operation.js';

/** Rolls back, once for each `Idempotency-Key`. */
export async function performRollback(
  request: RollbackRequest,
  idempotency: IdempotentRequest | undefined,
  { caller, store, clock, metrics, quota }: OperationContext,
): Promise<Creation> {
  const creation = await store.change('rollback', () =>
    once(idempotency, { caller, action: 'rollback' }, () =>
      withinQuota(quota, rollback(request, caller, clock.newIdentity())),
    ),
  );
  if (!creation.replayed) {
    metrics.deploymentCreated(creation.stored.deployment);
    metrics.rolledBack(creation.stored.deployment);
    if (request.lock === true) metrics.gateChanged(caller.organisation, 'lock.created');
  }
  return creation;
}
