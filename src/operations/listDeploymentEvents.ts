import { deploymentNotFound } from '../domain/errors.js';
import type { Operation } from './operation.js';

/** Lists the changes of status of a deployment, oldest first. */
export const listDeploymentEvents: Operation<'listDeploymentEvents'> = async (
  { path },
  { store },
) => {
  const id = path.id.toLowerCase();
  const events = await store.read({ read: 'events', id });
  if (events === undefined) throw deploymentNotFound(id);
  return { status: 200, headers: {}, body: [...events] };
};
