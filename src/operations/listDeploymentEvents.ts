import { deploymentNotFound } from '../domain/errors.js';
import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation } from './operation.js';

const defaultLimit = 100;

/** Lists the events of a deployment, oldest first, a page at a time. */
export const listDeploymentEvents: Operation<'listDeploymentEvents'> = async (
  { path, query },
  { caller, store },
) => {
  const id = path.id.toLowerCase();
  const scope: CursorScope = { organisation: caller.organisation, list: `events ${id}` };
  const after = query.cursor === undefined ? 0 : Number(decodeCursor(query.cursor, scope));
  const limit = query.limit ?? defaultLimit;

  const found = await store.read({ read: 'events', id, after, limit: limit + 1 });

  if (found.length === 0 && (await store.read({ read: 'deployment', id })) === undefined) {
    throw deploymentNotFound(id);
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  const cursor = more ? encodeCursor(String(last.revision), scope) : undefined;
  return {
    status: 200,
    headers: nextPage(`/v1/deployments/${id}/events`, { limit: String(limit) }, cursor),
    body: page,
  };
};
