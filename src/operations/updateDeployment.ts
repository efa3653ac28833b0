import { deploymentNotFound } from '../domain/errors.js';
import { requireFields, update } from '../domain/deployments/update.js';
import { entityTag, requireMatch } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Changes status, notes or deployment URI; `deployed` skips the older scheduled ones. */
export const updateDeployment: Operation<'updateDeployment'> = async (
  { path, headers, body },
  { caller, store, clock, metrics },
) => {
  requireFields(body);
  const id = path.id.toLowerCase();
  const { organisation } = caller;

  const result = await store.update(organisation, id, body.status === 'deployed', (slice) => {
    requireMatch(headers['If-Match'], slice.target);
    return update(slice, body, caller, clock.now());
  });

  if (result === undefined) throw deploymentNotFound(id);
  const { stored, changes } = result;
  if (changes.updated.length > 0) {
    metrics.deploymentUpdated(organisation, stored.deployment.status);
    metrics.deploymentsSkipped(organisation, changes.updated.length - 1);
  }
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
