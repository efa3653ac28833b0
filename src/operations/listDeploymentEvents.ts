import type { DeploymentEvent } from '../domain/deployments/deployment.js';
import { deploymentNotFound } from '../domain/errors.js';
import { pageOf, startOf } from './listed.js';
import type { List } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the events of a deployment, oldest first, a page at a time. */
export const listDeploymentEvents: Operation<'listDeploymentEvents'> = async (
  { path, query },
  { caller, store },
) => {
  const id = path.id.toLowerCase();
  const list: List<DeploymentEvent> = {
    scope: { organisation: caller.organisation, list: `events ${id}` },
    path: `/v1/deployments/${id}/events`,
    keyOf: ({ revision }) => String(revision),
  };
  const { after, limit } = startOf(list, query);
  const found = await store.read({
    read: 'events',
    id,
    after: Number(after ?? 0),
    limit: limit + 1,
  });
  if (found.length === 0 && (await store.read({ read: 'deployment', id })) === undefined) {
    throw deploymentNotFound(id);
  }
  return pageOf(list, found, limit);
};
