import { requireFields, update } from '../domain/deployments/update.js';
import type { UpdateCommand } from '../domain/deployments/update.js';
import { entityTag, requireMatch } from './entity-tag.js';
import { unlessLost } from './held.js';
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
    leaseToken: headers['Lease-Token'],
    precondition: (stored) => {
      requireMatch(headers['If-Match'], entityTag(stored), 'deployment');
    },
  };
  const held = await store.change('updateDeployment', () => update(command, clock.now()));
  const { stored, changed, skipped } = unlessLost(held);
  if (changed) {
    metrics.deploymentUpdated(caller.organisation, stored.deployment.status);
    metrics.deploymentsSkipped(caller.organisation, skipped);
  }
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
