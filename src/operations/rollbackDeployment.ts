import { created, idempotentRequest } from './creation.js';
import type { Operation } from './operation.js';
import { performRollback } from './rollback.js';

/** Rolls back one deployment, when it is what runs in its taxonomy. */
export const rollbackDeployment: Operation<'rollbackDeployment'> = async (
  { path, query, headers, body },
  context,
) => {
  const id = path.id.toLowerCase();
  const idempotency = idempotentRequest(
    context.caller,
    headers['Idempotency-Key'],
    { operationId: 'rollbackDeployment', path: { id }, query, body },
    context.clock,
  );
  const { reason, auto, lock } = body;
  const request = { selector: { id }, targetVersion: query.target_version, reason, auto, lock };
  return created(await performRollback(request, idempotency, context));
};
