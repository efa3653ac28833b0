import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../domain/callers/caller.js';
import { ApplicationError } from '../domain/errors.js';
import type { Owner, Tenant } from '../domain/tenants/tenant.js';
import type { LimitLines } from '../platform/line-limit.js';
import type { Logger } from '../platform/logging.js';
import { readCredentials } from './credentials.js';
import type { Credentials } from './credentials.js';
import { isFailure } from './failure-limit.js';
import type { FailureLimit } from './failure-limit.js';
import type { AuthMetrics } from './metrics.js';
import { means, nameText, organisationHeader } from './organisation.js';
import type { OrganisationName } from './organisation.js';
import type { Sessions } from './session/sessions.js';
import type { Tenants } from './tenants.js';

/** What of a request authentication looks at. */
export interface AuthenticatedRequest {
  readonly headers: IncomingHttpHeaders;
  /** Looked at only with the session of a browser: what changes something must then come from its own page. */
  readonly method?: string | undefined;
  /** The client's address; looked at only when a token is refused, or is one that nothing is known of. */
  readonly ip?: string | undefined;
}

/**
 * Finds out who sends a request.
 *
 * @param log told of a request that is refused, with the reason and without the token
 * @throws ApplicationError `unauthenticated`, `forbidden`, `organisation-required`, `contract-violation`,
 *   `rate-limited` or `unavailable`; never resolves for a caller that is not known for certain
 */
export type Authenticate = (request: AuthenticatedRequest, log: Logger) => Promise<Caller>;

/** What a client does that may have only so many tokens refused; both throw `rate-limited` when it had them. */
export interface Attempt {
  /** Asked before somebody else is about a token that nothing is known of. */
  readonly admit: () => void;
  /** Counts a failure that the error does not show. */
  readonly failed: () => void;
}

/** What a token says of the caller: all but the tenant, which the owner decides. */
export interface Identity extends Omit<Caller, 'organisation'> {
  /** Whose repository or organisation it is. */
  readonly owner: Owner;
}

/** A caller that is known, and the tenant that made it this one. */
interface Known {
  readonly tenant: Tenant;
  readonly caller: Caller;
}

/**
 * Finds out who the caller with this token is.
 *
 * @param named reads the organisation that the request names, if any; throws when that cannot be one
 */
export type VerifyToken = (
  token: string,
  named: () => OrganisationName | undefined,
  attempt: Attempt,
) => Promise<Identity>;

/** What authentication is made of. */
export interface AuthenticationParts {
  readonly oidc: VerifyToken;
  readonly pat: VerifyToken;
  /** Those of browsers; without them no cookie is looked at. */
  readonly sessions?: Pick<Sessions, 'isCarriedBy' | 'require'> | undefined;
  readonly tenants: Tenants;
  readonly failures: FailureLimit;
  readonly metrics: AuthMetrics;
  /** Decides which refusals are logged. */
  readonly limitLines: LimitLines;
}

/**
 * Authenticates by the bearer token (RFC 6750, section 2.1): one that looks like a JWT as GitHub
 * Actions' OIDC token, any other as a personal access token. No token is ever tried both ways. A request
 * without a token may have the session of a browser, which has its person's token in it.
 *
 * A client may send only so many tokens that are refused. A member that is known, and a token with a right
 * signature, are let in all the same: others may share their address.
 */
export function createAuthentication(parts: AuthenticationParts): Authenticate {
  const { sessions, tenants, failures, metrics, limitLines } = parts;
  /** Who a token's identity is, with the tenant that its owner had. */
  const callers = new WeakMap<Identity, Known>();

  function callerOf(identity: Identity, tenant: Tenant): Caller {
    const known = callers.get(identity);
    if (known?.tenant === tenant) return known.caller;
    const { actor, repository, workflow, job, source, role } = identity;
    const { organisation } = tenant;
    const caller = { organisation, actor, repository, workflow, job, source, role };
    callers.set(identity, { tenant, caller });
    return caller;
  }

  const verify = async (
    { method, token, organisation }: Credentials,
    request: AuthenticatedRequest,
  ): Promise<Caller> => {
    const header = request.headers['x-organisation'] ?? organisation;
    const named = () => organisationHeader(header);
    let giveBack: (() => void) | undefined;
    const attempt: Attempt = {
      admit() {
        giveBack ??= failures(request.ip);
      },
      failed() {
        attempt.admit();
        giveBack = () => undefined;
      },
    };
    try {
      // Nobody is asked about members of an organisation that is not served.
      if (method === 'pat') await tenants.requireServed(named(), attempt.admit);
      const identity = await parts[method](token, named, attempt);
      const tenant = await tenants.find(identity.owner);
      if (header !== tenant.organisation) requireMeant(named(), identity.owner, tenant);
      return callerOf(identity, tenant);
    } catch (error) {
      if (isFailure(error)) attempt.failed();
      throw error;
    } finally {
      giveBack?.();
    }
  };

  const credentialsOf = async (request: AuthenticatedRequest): Promise<Credentials> => {
    const { authorization } = request.headers;
    if (authorization !== undefined || sessions?.isCarriedBy(request.headers) !== true) {
      return readCredentials(authorization);
    }
    const { token, organisation } = await sessions.require(request);
    return { method: 'pat', token, organisation };
  };

  return async (request, log) => {
    let method: 'oidc' | 'pat' | 'none' = 'none';
    try {
      const credentials = await credentialsOf(request);
      method = credentials.method;
      const caller = await verify(credentials, request);
      metrics.authRequest(method, true);
      return caller;
    } catch (error) {
      metrics.authRequest(method, false);
      if (error instanceof ApplicationError) {
        const { code, message, details } = error;
        const line = { method, code, detail: cut(message), reason: cut(details.reason) };
        limitLines(() => {
          log.warn(line, 'refused');
        });
      }
      throw error;
    }
  };
}

/** The longest text of a refusal in the log: some of it may be what the caller wrote. */
const maxLogged = 300;

function cut<T extends string | undefined>(text: T): T | string {
  return text === undefined || text.length <= maxLogged ? text : `${text.slice(0, maxLogged)}…`;
}

/**
 * Authenticates nobody, for one's own machine: the service then listens on loopback only.
 *
 * @param organisation the tenant of a request without `X-Organisation`
 */
export function authenticationOff(organisation: string): Authenticate {
  return ({ headers }) =>
    new Promise((resolve) => {
      const name = organisationHeader(headers['x-organisation']);
      resolve({
        organisation: name === undefined ? organisation : nameText(name),
        actor: null,
        repository: null,
        workflow: null,
        source: 'development',
      });
    });
}

/** Refuses a request that names another organisation than its token. */
function requireMeant(name: OrganisationName | undefined, owner: Owner, tenant: Tenant): void {
  if (name === undefined || means(name, owner, tenant)) return;
  const detail =
    name.login === owner.login
      ? `X-Organisation is ${nameText(name)}, but the id of ${owner.login} is another`
      : `X-Organisation is ${nameText(name)}, but the token is of ${owner.login}; leave it out`;
  throw new ApplicationError('forbidden', detail);
}
