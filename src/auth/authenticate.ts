import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../domain/callers/caller.js';
import { ApplicationError } from '../domain/errors.js';
import type { Logger } from '../platform/logging.js';
import { readCredentials } from './credentials.js';
import type { AuthMetrics } from './metrics.js';
import { organisationHeader } from './organisation.js';

/**
 * Finds out who sends a request.
 *
 * @param log told of a request that is refused, with the reason and without the token
 * @throws ApplicationError `unauthenticated`, `forbidden`, `organisation-required`, `contract-violation` or
 *   `unavailable`; never resolves for a caller that is not known for certain
 */
export type Authenticate = (headers: IncomingHttpHeaders, log: Logger) => Promise<Caller>;

/**
 * Finds out who the caller with this token is.
 *
 * @param named reads the organisation that the request names, if any; throws when that cannot be one
 */
export type VerifyToken = (token: string, named: () => string | undefined) => Promise<Caller>;

/** What authentication is made of. */
export interface AuthenticationParts {
  readonly oidc: VerifyToken;
  readonly pat: VerifyToken;
  /** The organisations that are served, in lower case; `undefined` for all. */
  readonly allowedOrganisations: ReadonlySet<string> | undefined;
  readonly metrics: AuthMetrics;
}

/**
 * Authenticates by the bearer token (RFC 6750, section 2.1): one that looks like a JWT as GitHub
 * Actions' OIDC token, any other as a personal access token. No token is ever tried both ways.
 */
export function createAuthentication(parts: AuthenticationParts): Authenticate {
  return async (headers, log) => {
    let method: 'oidc' | 'pat' | 'none' = 'none';
    try {
      const credentials = readCredentials(headers.authorization);
      method = credentials.method;
      const named = () => organisationHeader(headers['x-organisation']);
      const caller = await parts[method](credentials.token, named);
      requireAllowed(caller.organisation, parts.allowedOrganisations);
      parts.metrics.authRequest(method, true);
      return caller;
    } catch (error) {
      parts.metrics.authRequest(method, false);
      if (error instanceof ApplicationError) {
        const { code, message, details } = error;
        log.warn({ method, code, detail: message, reason: details.reason }, 'refused');
      }
      throw error;
    }
  };
}

/**
 * Authenticates nobody, for one's own machine: the service then listens on loopback only.
 *
 * @param organisation the tenant of a request without `X-Organisation`
 */
export function authenticationOff(organisation: string): Authenticate {
  return (headers) =>
    new Promise((resolve) => {
      resolve({
        organisation: organisationHeader(headers['x-organisation']) ?? organisation,
        actor: null,
        repository: null,
        workflow: null,
        source: 'development',
      });
    });
}

function requireAllowed(organisation: string, allowed: ReadonlySet<string> | undefined): void {
  if (allowed === undefined || allowed.has(organisation)) return;
  throw new ApplicationError('forbidden', `The organisation ${organisation} is not allowed here`);
}
