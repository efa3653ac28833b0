import { environmentTag } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Reads how an environment is queued for. */
export const getEnvironment: Operation<'getEnvironment'> = async ({ path }, { store }) => {
  const environment = path.environment.toLowerCase();
  const queue = await store.read({ read: 'queue', environment });
  if (queue === undefined) throw new Error(`The environment ${environment} has no queue`);
  const { stored } = queue.head;
  return { status: 200, headers: { ETag: environmentTag(stored) }, body: stored.environment };
};
