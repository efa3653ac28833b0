import type { StoredDeployment } from '../domain/deployments/deployment.js';
import { ApplicationError } from '../domain/errors.js';

/**
 * The strong entity tag of a deployment (RFC 9110, section 8.8.3): its revision, and the instant of
 * its last change, so that a restored database does not give an old tag a new meaning.
 */
export function entityTag({ deployment, revision }: StoredDeployment): string {
  return `"${revision}-${Date.parse(deployment.updated_at).toString(36)}"`;
}

/**
 * Honours `If-Match` (RFC 9110, section 13.1.1).
 *
 * @param header `*` or a list of entity tags; absent, everything matches
 * @throws ApplicationError `precondition-failed`, naming the present tag
 */
export function requireMatch(header: string | undefined, stored: StoredDeployment): void {
  if (header === undefined || header === '*') return;
  const etag = entityTag(stored);
  // A weak tag never matches here, since the comparison is the strong one.
  const strong = [...header.matchAll(/(W\/)?("[^"]*")/g)].filter(([, weak]) => weak === undefined);
  if (strong.some(([, , tag]) => tag === etag)) return;
  throw new ApplicationError(
    'precondition-failed',
    `The deployment has changed; its ETag is now ${etag}`,
    {
      etag,
    },
  );
}
