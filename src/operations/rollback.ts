import type { Creation, RollbackSelector } from '../store/store.js';
import type { IdempotentRequest } from '../domain/idempotency/idempotency.js';
import { rollback } from '../domain/deployments/rollback.js';
import type { OperationContext } from './operation.js';

/** Rolls back what the selector names; `undefined` when there is no deployment of its id. */
export async function performRollback(
  selector: RollbackSelector,
  targetVersion: string | undefined,
  idempotency: IdempotentRequest | undefined,
  { caller, store, clock, metrics }: OperationContext,
): Promise<Creation | undefined> {
  const creation = await store.rollback(selector, targetVersion, idempotency, (members, request) =>
    rollback(members, request, caller, clock.newIdentity()),
  );
  if (creation?.replayed === false) {
    metrics.deploymentCreated(creation.stored.deployment);
    metrics.rolledBack(creation.stored.deployment);
  }
  return creation;
}
