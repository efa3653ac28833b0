import { release } from '../domain/queue/hold.js';
import { entityTag } from './entity-tag.js';
import { unlessLost } from './held.js';
import type { Operation } from './operation.js';

/** Gives a lease back. */
export const releaseLease: Operation<'releaseLease'> = async (
  { path, headers },
  { caller, store, clock, metrics },
) => {
  const command = { id: path.id.toLowerCase(), caller, token: headers['Lease-Token'] };
  const held = await store.change('releaseLease', () => release(command, clock.now()));
  const { stored } = unlessLost(held);
  metrics.deploymentUpdated(caller.organisation, stored.deployment.status);
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
