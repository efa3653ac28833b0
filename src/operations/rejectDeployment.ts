import { reject } from '../domain/deployments/approve.js';
import { entityTag } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Rejects a deployment that waits: it is cancelled. */
export const rejectDeployment: Operation<'rejectDeployment'> = async (
  { path, body },
  { caller, store, clock, metrics },
) => {
  const command = { id: path.id.toLowerCase(), caller, reason: body.reason ?? null };
  const { stored, changed } = await store.change('rejectDeployment', () =>
    reject(command, clock.now()),
  );
  if (changed) metrics.decided(stored.deployment, 'rejected');
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
