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
  const request = { selector: { id }, targetVersion: query.target_version };
  return created(await performRollback(request, idempotency, context), context.caller);
};
