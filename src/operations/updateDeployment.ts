import { GateClosed } from '../domain/gates/closed.js';
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
  const { override, ...fields } = body;
  requireFields(fields);
  const command: UpdateCommand = {
    id: path.id.toLowerCase(),
    fields,
    override,
    caller,
    leaseToken: headers['Lease-Token'],
    precondition: (stored) => {
      requireMatch(headers['If-Match'], entityTag(stored), 'deployment');
    },
  };
  const held = await store
    .change('updateDeployment', () => update(command, clock.now()))
    .catch((error: unknown) => {
      if (error instanceof GateClosed) {
        metrics.startBlocked(
          error.deployment,
          error.closed.map(({ kind }) => kind),
        );
      }
      throw error;
    });
  const { stored, changed, skipped, overridden } = unlessLost(held);
  if (overridden) metrics.gatesOverridden(stored.deployment);
  if (changed) {
    metrics.deploymentUpdated(caller.organisation, stored.deployment.status);
    metrics.deploymentsSkipped(caller.organisation, skipped);
  }
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
