import supertest from 'supertest';
import type { Test } from 'supertest';
import { startGitHubApi } from './github/github-api.js';
import type { GitHubApi } from './github/github-api.js';
import { startAttacker, startOidcIssuer } from './oidc/oidc-issuer.js';
import type { OidcIssuer } from './oidc/oidc-issuer.js';
import { startTestService } from './service.js';
import type { TestService } from './service.js';

/** A service with authentication on, the two parties that it trusts, and one that it must not. */
export interface AuthenticatedService {
  readonly service: TestService;
  readonly issuer: OidcIssuer;
  readonly attacker: OidcIssuer;
  readonly gitHub: GitHubApi;
  /** Stops all four; fails when the service talked to the attacker. */
  stop(): Promise<void>;
}

/** Who sends a request: a token, and `X-Organisation` where one is named. */
export interface Sender {
  readonly token: string;
  readonly organisation?: string;
}

/** Methods that tests send. */
export type Method = 'get' | 'post' | 'patch' | 'put' | 'delete' | 'head' | 'options';

/**
 * Starts the service with authentication on, against a local issuer and a double of GitHub's API.
 *
 * @param environment settings that differ
 */
export async function startAuthenticatedService(
  environment: Record<string, string> = {},
): Promise<AuthenticatedService> {
  const [issuer, attacker, gitHub] = await Promise.all([
    startOidcIssuer(),
    startAttacker(),
    startGitHubApi(),
  ]);
  const service = await startTestService({
    AUTH_ENABLED: 'true',
    GITHUB_OIDC_ISSUER: issuer.url,
    GITHUB_API_URL: gitHub.url,
    ...environment,
  });
  return {
    service,
    issuer,
    attacker,
    gitHub,
    async stop() {
      await service.stop();
      const { fetches } = attacker;
      await Promise.all([issuer.stop(), attacker.stop(), gitHub.stop()]);
      if (fetches > 0) throw new Error(`The service asked the attacker ${fetches} times`);
    },
  };
}

/** Where the tests of a suite find their service. */
export interface Authenticated {
  readonly now: AuthenticatedService;
}

/** Runs one authenticated service around all tests of a suite. */
export function authenticateAll(environment: Record<string, string> = {}): Authenticated {
  const { running, start, stop } = holder(environment);
  before(start);
  after(stop);
  return running;
}

/** Runs an authenticated service around each test of a suite; it has nothing in its caches. */
export function authenticateEach(environment: Record<string, string> = {}): Authenticated {
  const { running, start, stop } = holder(environment);
  beforeEach(start);
  afterEach(stop);
  return running;
}

function holder(environment: Record<string, string>): {
  running: Authenticated;
  start: () => Promise<void>;
  stop: () => Promise<void>;
} {
  let current: AuthenticatedService | undefined;
  return {
    running: {
      get now() {
        if (current === undefined) throw new Error('The service does not run outside of a test');
        return current;
      },
    },
    async start() {
      current = await startAuthenticatedService(environment);
    },
    async stop() {
      await current?.stop();
      current = undefined;
    },
  };
}

/** A request with a sender's credentials. */
export function send(
  { apiUrl }: TestService,
  { token, organisation }: Sender,
  method: Method = 'get',
  path = '/v1/deployments',
): Test {
  const request = supertest(apiUrl)[method](path).set('Authorization', `Bearer ${token}`);
  return organisation === undefined ? request : request.set('X-Organisation', organisation);
}
