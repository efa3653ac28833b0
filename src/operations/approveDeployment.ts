import { approve } from '../domain/deployments/approve.js';
import { entityTag } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Approves a deployment that is to start. */
export const approveDeployment: Operation<'approveDeployment'> = async (
  { path, body },
  { caller, store, clock, metrics },
) => {
  const command = { id: path.id.toLowerCase(), caller, reason: body.reason ?? null };
  const { stored, changed } = await store.change('approveDeployment', () =>
    approve(command, clock.now()),
  );
  if (changed) metrics.decided(stored.deployment, 'approved');
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
