import { deploymentNotFound } from '../domain/errors.js';
import { entityTag } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Reads one deployment. What writes the response makes it a 304 when `If-None-Match` has this ETag. */
export const getDeployment: Operation<'getDeployment'> = async ({ path }, { store }) => {
  const id = path.id.toLowerCase();
  const stored = await store.read({ read: 'deployment', id });
  if (stored === undefined) throw deploymentNotFound(id);
  return { status: 200, headers: { ETag: entityTag(stored) }, body: stored.deployment };
};
