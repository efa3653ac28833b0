import { deploymentNotFound } from '../domain/errors.js';
import { created, idempotentRequest } from './creation.js';
import type { Operation } from './operation.js';
import { performRollback } from './rollback.js';

/** Rolls back one deployment, when it is what runs in its taxonomy. */
export const rollbackDeployment: Operation<'rollbackDeployment'> = async (
  { path, query, headers },
  context,
) => {
  const id = path.id.toLowerCase();
  const idempotency = idempotentRequest(
    headers['Idempotency-Key'],
    { operationId: 'rollbackDeployment', path: { id }, query },
    context.clock,
  );
  const selector = { organisation: context.caller.organisation, id };
  const creation = await performRollback(selector, query.target_version, idempotency, context);
  if (creation === undefined) throw deploymentNotFound(id);
  return created(creation, context.caller);
};
