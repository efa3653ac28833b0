import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { planFaults, playFault, type FaultPlan } from '../faults.js';
import { createAccounts, type Accounts, type NewUser } from './github-accounts.js';
import {
  membershipResponse,
  membershipsResponse,
  userResponse,
  error,
  unauthenticated,
  type GitHubResponse,
} from './github-responses.js';
import {
  checkGitHubResponse,
  GitHubContractViolation,
  type GitHubOperation,
} from './github-contract.js';
import { countRateLimits } from './github-rate-limit.js';
import { createGitHubWeb } from './web-flow.js';
import type { GitHubWeb, RegisteredApp } from './web-flow.js';
import { listenOnLoopback } from '../loopback-server.js';

/** A request that has arrived, a faulty response or not. */
export interface GitHubRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** Without `authorization`: no assertion that fails may print a token. */
  readonly headers: IncomingHttpHeaders;
  /** The scheme of the authorization as sent, `undefined` without one. */
  readonly scheme: string | undefined;
  /** Whether exactly this token was sent. */
  carries(token: string): boolean;
}

/** A running double of https://api.github.com. */
export interface GitHubApi extends Pick<
  Accounts,
  'setMembership' | 'renameOrganisation' | 'revoke'
> {
  /** To be used as `GITHUB_API_URL`, the base path included, without a slash at its end. */
  readonly url: string;
  /** All requests so far, oldest first. */
  readonly requests: readonly GitHubRequest[];
  /** Requests so far for the user and for memberships. */
  readonly counts: { readonly user: number; readonly membership: number };
  readonly faults: FaultPlan;
  /** The pages of the same GitHub, where an app is registered. */
  readonly web: GitHubWeb | undefined;
  /** Responses that did not match GitHub's description and were replaced by a 500. */
  readonly violations: readonly GitHubContractViolation[];
  /** Makes a token known. Returns it. */
  addUser(user: NewUser): string;
  /**
   * Stops listening: connections are refused.
   *
   * @throws GitHubContractViolation the first one that no earlier call has thrown
   */
  stop(): Promise<void>;
  /** Listens again on the same port, with the same users. */
  restart(): Promise<void>;
}

/** Settings of {@link startGitHubApi}. */
export interface GitHubApiOptions {
  /** In front of every path; GitHub Enterprise Server has `/api/v3`. */
  readonly basePath?: string;
  /** Requests an hour for a person or installation, 5,000 when left out. Requests without a known token always have 60. */
  readonly rateLimit?: number;
  /** An app that people sign in by, at the same address. */
  readonly app?: RegisteredApp;
}

/**
 * Starts a double of GitHub's REST API for `GET /user` and memberships, and of the pages by which an app has people
 * sign in.
 *
 * It behaves as GitHub's documentation says, and each JSON response is checked against GitHub's OpenAPI description
 * before it leaves. Everything else is 404, like an unknown path at GitHub.
 */
export async function startGitHubApi({
  basePath = '',
  rateLimit = 5000,
  app,
}: GitHubApiOptions = {}): Promise<GitHubApi> {
  const accounts = createAccounts();
  const web = app && createGitHubWeb(app, accounts);
  const faults = planFaults();
  const countRequest = countRateLimits();
  const requests: GitHubRequest[] = [];
  const violations: GitHubContractViolation[] = [];
  const counts = { user: 0, membership: 0 };
  let reported = 0;

  const server = await listenOnLoopback(async (request, response) => {
    const path = request.url ?? '';
    requests.push(recordOf(request));
    const target = targetOf(request.method, path, basePath);
    if (target?.operation === '/user') counts.user += 1;
    if (target?.operation === '/user/memberships/orgs/{org}') counts.membership += 1;
    const fault = faults.take(path);
    if (fault && (await playFault(fault, request, response))) return;
    if (await web?.respond(request, response)) return;
    if (!request.headers['user-agent']) {
      refuseNameless(response);
      return;
    }
    if (web && request.method === 'DELETE' && path.startsWith(`${basePath}/applications/`)) {
      response.writeHead(await web.revoke(request), commonHeaders(request)).end();
      return;
    }

    const token = credentialsOf(request).token;
    const grant = token === undefined ? undefined : accounts.find(token);
    const limit = grant
      ? countRequest(grant.user?.login ?? 'installation', rateLimit)
      : countRequest('anonymous', UNAUTHENTICATED_LIMIT);
    const content = contentFor();
    try {
      if (target) checkGitHubResponse(target.operation, content.status, content.body);
    } catch (violation) {
      if (!(violation instanceof GitHubContractViolation)) throw violation;
      violations.push(violation);
      return void response.writeHead(500, { 'content-type': 'text/plain' }).end(String(violation));
    }
    response
      .writeHead(content.status, {
        ...commonHeaders(request),
        ...limit.headers,
        ...content.headers,
      })
      .end(JSON.stringify(content.body));

    function contentFor(): GitHubResponse {
      const version = request.headers['x-github-api-version'];
      if (version !== undefined && !SUPPORTED_VERSIONS.includes(String(version)))
        return unsupportedVersion(String(version));
      if (!target) return error(404, 'Not Found', 'https://docs.github.com/rest');
      if (limit.exceeded) return rateLimitExceeded(grant?.user?.id);
      if (!grant) return unauthenticated(target.operation, token);
      if (target.operation === '/user') return userResponse(api, grant);
      return target.operation === '/user/memberships/orgs'
        ? membershipsResponse(api, grant, target.query)
        : membershipResponse(api, grant, target.org);
    }
  });
  const api = server.url + basePath;

  return {
    url: api,
    requests,
    counts,
    faults,
    web,
    violations,
    addUser: (user) => accounts.addUser(user),
    setMembership: (login, org, state) => {
      accounts.setMembership(login, org, state);
    },
    renameOrganisation: (from, to) => {
      accounts.renameOrganisation(from, to);
    },
    revoke: (token) => {
      accounts.revoke(token);
    },
    async stop() {
      await server.stop();
      const violation = violations[reported];
      reported = violations.length;
      if (violation) throw violation;
    },
    restart: () => server.restart(),
  };
}

const SUPPORTED_VERSIONS = ['2022-11-28', '2026-03-10'];
const UNAUTHENTICATED_LIMIT = 60;

type Target =
  | { readonly operation: '/user' }
  | { readonly operation: '/user/memberships/orgs'; readonly query: URLSearchParams }
  | {
      readonly operation: Exclude<GitHubOperation, '/user' | '/user/memberships/orgs'>;
      readonly org: string;
    };

function targetOf(method: string | undefined, path: string, basePath: string): Target | undefined {
  const [pathname = '', query = ''] = path.split('?');
  if (method !== 'GET' || !pathname.startsWith(basePath)) return undefined;
  const rest = pathname.slice(basePath.length);
  if (rest === '/user') return { operation: '/user' };
  if (rest === '/user/memberships/orgs') {
    return { operation: '/user/memberships/orgs', query: new URLSearchParams(query) };
  }
  const org = /^\/user\/memberships\/orgs\/([^/]+)$/.exec(rest)?.[1];
  return org === undefined
    ? undefined
    : { operation: '/user/memberships/orgs/{org}', org: decoded(org) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** "Bearer" and "token" mean the same; other schemes carry no token. */
function credentialsOf({ headers }: IncomingMessage): {
  scheme: string | undefined;
  token: string | undefined;
} {
  const [scheme, token, ...rest] = headers.authorization?.split(' ') ?? [];
  const known = scheme !== undefined && /^(bearer|token)$/i.test(scheme) && rest.length === 0;
  return { scheme, token: known ? token : undefined };
}

function recordOf(request: IncomingMessage): GitHubRequest {
  const headers = { ...request.headers };
  delete headers.authorization;
  const { scheme, token } = credentialsOf(request);
  const digest = token === undefined ? undefined : digestOf(token);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    scheme,
    carries: (candidate) => digestOf(candidate) === digest,
  };
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The proxy in front of the API says this, in HTML and without rate limit. */
function refuseNameless(response: ServerResponse): void {
  response
    .writeHead(403, { 'content-type': 'text/html' })
    .end(
      '\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header ' +
        '(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.\r\n',
    );
}

function unsupportedVersion(version: string): GitHubResponse {
  return error(
    400,
    `The version '${version}' is not supported.`,
    'https://docs.github.com/rest/about-the-rest-api/api-versions',
  );
}

function rateLimitExceeded(user: number | undefined): GitHubResponse {
  const subject = user === undefined ? 'for 127.0.0.1' : `for user ID ${user}`;
  const documentation =
    'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';
  return error(403, `API rate limit exceeded ${subject}.`, documentation);
}

function commonHeaders(request: IncomingMessage): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'private, max-age=60, s-maxage=60',
    vary: 'Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With',
    'x-github-api-version-selected': String(
      request.headers['x-github-api-version'] ?? SUPPORTED_VERSIONS[0],
    ),
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': randomBytes(8).toString('hex').toUpperCase(),
  };
}
