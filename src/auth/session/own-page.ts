import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApplicationError } from '../../domain/errors.js';

/** What of a request shows from which page it comes. */
export interface PageRequest {
  /** As it was sent; absent, it is taken to change something. */
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const safe: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that a page of somebody else may have sent with a session's cookie (cross-site request forgery).
 * A browser says from where it comes, in `Sec-Fetch-Site` or `Origin`, and only a page of this origin can know the
 * token. Each of the two would do; together, neither an old browser nor a page that leaks a token is enough.
 *
 * @param origin that of this service
 * @param csrfToken that of the session
 * @throws ApplicationError `forbidden`
 */
export function requireOwnPage(
  { method, headers }: PageRequest,
  origin: string,
  csrfToken: string,
): void {
  if (safe.has(method)) return;
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined ? headers.origin === origin : site === 'same-origin';
  if (!isOwn || (headers.origin !== undefined && headers.origin !== origin)) {
    throw new ApplicationError(
      'forbidden',
      `A session may change something only from a page of ${origin}; elsewhere, send a token in Authorization`,
    );
  }
  const sent = headers['x-csrf-token'];
  if (typeof sent !== 'string' || !isEqual(sent, csrfToken)) {
    throw new ApplicationError(
      'forbidden',
      'X-CSRF-Token is missing or not that of the session: GET /session says which it is',
    );
  }
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
