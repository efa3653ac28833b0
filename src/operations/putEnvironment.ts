import { putEnvironment as put } from '../domain/environments/change.js';
import type { StoredEnvironment } from '../domain/environments/environment.js';
import { environmentTag, requireMatch } from './entity-tag.js';
import type { Operation } from './operation.js';

/** Sets how an environment is queued for. */
export const putEnvironment: Operation<'putEnvironment'> = async (
  { path, headers, body },
  { caller, store, clock },
) => {
  const command = {
    name: path.environment.toLowerCase(),
    caller,
    precondition: (present: StoredEnvironment) => {
      requireMatch(headers['If-Match'], environmentTag(present), 'environment');
    },
  };
  const stored = await store.change('putEnvironment', () => put(command, body, clock.now()));
  return { status: 200, headers: { ETag: environmentTag(stored) }, body: stored.environment };
};
