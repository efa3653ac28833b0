import { created, idempotentRequest } from './creation.js';
import type { Operation } from './operation.js';
import { performRollback } from './rollback.js';

/** Rolls back what runs in a taxonomy. */
export const rollbackTaxonomy: Operation<'rollbackTaxonomy'> = async (
  { query, headers, body },
  context,
) => {
  const { name, environment, provider, cloud_account_id, region, cell, target_version } = query;
  const taxonomy = {
    organisation: context.caller.organisation,
    name,
    environment,
    provider,
    cloud_account_id: cloud_account_id ?? null,
    region: region ?? null,
    cell: cell ?? null,
  };
  const idempotency = idempotentRequest(
    context.caller,
    headers['Idempotency-Key'],
    { operationId: 'rollbackTaxonomy', query, body },
    context.clock,
  );
  const { reason, auto, lock } = body;
  const request = { selector: { taxonomy }, targetVersion: target_version, reason, auto, lock };
  return created(await performRollback(request, idempotency, context));
};
