import { requireFields, update } from '../domain/deployments/update.js';
import type { UpdateCommand } from '../domain/deployments/update.js';
import { entityTag, requireMatch } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Changes status, notes or deployment URI; `deployed` skips the older scheduled ones. */
export const updateDeployment: Operation<'updateDeployment'> = async (
  { path, headers, body },
  { caller, store, clock, metrics },
) => {
  requireFields(body);
  const command: UpdateCommand = {
    id: path.id.toLowerCase(),
    fields: body,
    caller,
    precondition: (stored) => {
      requireMatch(headers['If-Match'], entityTag(stored), 'deployment');
    },
  };
  const { stored, changed, skipped } = await store.change('updateDeployment', () =>
    update(command, clock.now()),
  );
  if (changed) {
    metrics.deploymentUpdated(caller.organisation, stored.deployment.status);
    metrics.deploymentsSkipped(caller.organisation, skipped);
  }
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
