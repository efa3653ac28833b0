import type { StoredDeployment } from '../domain/deployments/deployment.js';
import type { StoredEnvironment } from '../domain/environments/environment.js';
import { ApplicationError } from '../domain/errors.js';
import type { Policy } from '../domain/policies/policy.js';

/**
 * The strong entity tag of a deployment (RFC 9110, section 8.8.3): its revision, and the instant of
 * its last change, so that a restored database does not give an old tag a new meaning.
 */
export function entityTag({ deployment, revision }: StoredDeployment): string {
  return tagOf(revision, deployment.updated_at);
}

/** The same of a policy. */
export function policyTag({ revision, updated_at: at }: Policy): string {
  return tagOf(revision, at);
}

/** The same of the settings of an environment, which nobody may have set. */
export function environmentTag({ environment, revision }: StoredEnvironment): string {
  return tagOf(revision, environment.updated_at ?? new Date(0).toISOString());
}

function tagOf(revision: number, at: string): string {
  return `"${revision}-${Date.parse(at).toString(36)}"`;
}

/**
 * What a proxy adds to the tag of what it compresses: nginx and others make it weak, Apache adds `-gzip`,
 * Jetty `--gzip`, LiteSpeed `;br`, Caddy `-zstd`.
 */
const entry = /(?:W\/)?"([^"]*?)(?:(?:--?|;)(?:x-)?(?:gzip|gz|br|deflate|zstd|compress))?"/g;

/**
 * Whether a list of entity tags has this one, whatever a proxy has made of it.
 *
 * A weak tag says that two representations mean the same (RFC 9110, section 8.8.1). `If-Match` compares
 * strongly (section 13.1.1), since it guards against the loss of a change that the tag does not show; here
 * a tag names one revision, weak or not, and a suffix only says how that was transferred.
 *
 * @param list as in `If-Match` and `If-None-Match`: `*`, or entity tags
 * @example hasTag('"1-mk9m2qxc-gzip", "2-mk9m3abc"', '"1-mk9m2qxc"') // true
 */
export function hasTag(list: string, tag: string): boolean {
  if (list === tag || list.trim() === '*') return true;
  for (const [, opaque] of list.matchAll(entry)) if (`"${opaque}"` === tag) return true;
  return false;
}

/**
 * Honours `If-Match` (RFC 9110, section 13.1.1).
 *
 * @param header `*` or a list of entity tags; absent, everything matches
 * @param etag the present tag
 * @throws ApplicationError `precondition-failed`, naming the present tag
 */
export function requireMatch(
  header: string | undefined,
  etag: string,
  what: 'deployment' | 'policy' | 'environment',
): void {
  if (header === undefined || hasTag(header, etag)) return;
  const message = `The ${what} has changed; its ETag is now ${etag}`;
  throw new ApplicationError('precondition-failed', message, { etag });
}
