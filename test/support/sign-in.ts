import { randomBytes } from 'node:crypto';
import type { Response } from 'supertest';
import type { Clock } from '../../src/platform/clock.js';
import { Browser } from './browser.js';
import { startGitHubApi } from './github/github-api.js';
import type { GitHubApi } from './github/github-api.js';
import type { GitHubWeb } from './github/web-flow.js';
import type { LoopbackServer } from './loopback-server.js';
import { startPrefixProxy } from './prefix-proxy.js';
import { startTestService } from './service.js';
import type { TestService } from './service.js';

/** A service that people sign in at, a proxy before it, and the GitHub that it trusts. */
export interface SignInService {
  readonly service: TestService;
  readonly gitHub: GitHubApi;
  readonly web: GitHubWeb;
  /** Where browsers find the service. */
  readonly publicUrl: string;
  /** The settings that it was started with, to start another one. */
  readonly environment: Record<string, string>;
  browser(): Browser;
  stop(): Promise<void>;
}

/** What differs. */
export interface SignInServiceOptions {
  /** The path under which the proxy serves it, such as `/tools/queue`. */
  readonly prefix?: string;
  readonly environment?: Record<string, string>;
  readonly clock?: Clock;
}

/** A key for `SESSION_KEYS`. */
export function newSessionKey(): string {
  return randomBytes(32).toString('base64');
}

/** Starts them; mona is a member of acme, and of globex. */
export async function startSignInService({
  prefix = '',
  environment = {},
  clock,
}: SignInServiceOptions = {}): Promise<SignInService> {
  let serviceUrl = '';
  const proxy: LoopbackServer = await startPrefixProxy(() => serviceUrl, prefix);
  const publicUrl = proxy.url + prefix;
  const app = {
    clientId: `Ov23li${randomBytes(7).toString('hex')}`,
    clientSecret: randomBytes(20).toString('hex'),
    callbackUrl: `${publicUrl}/session/callback`,
  };
  const gitHub = await startGitHubApi({ app });
  gitHub.addUser({ login: 'mona', memberships: { Acme: 'active', globex: 'active' } });
  const settings = {
    AUTH_ENABLED: 'true',
    GITHUB_API_URL: gitHub.url,
    GITHUB_OIDC_ISSUER: gitHub.url,
    GITHUB_OAUTH_CLIENT_ID: app.clientId,
    GITHUB_OAUTH_CLIENT_SECRET: app.clientSecret,
    SESSION_KEYS: newSessionKey(),
    PUBLIC_URL: publicUrl,
    ALLOWED_ORGANISATIONS: 'acme,globex',
    ...environment,
  };
  const service = await startTestService(settings, clock);
  serviceUrl = service.apiUrl;
  const { web } = gitHub;
  if (web === undefined) throw new Error('There is no app');
  return {
    ...{ service, gitHub, web, publicUrl, environment: settings },
    browser: () => new Browser(publicUrl),
    async stop() {
      await proxy.stop();
      await service.stop();
      await gitHub.stop();
    },
  };
}

/** Goes to GitHub: the address with which it sends the browser back. */
export async function goToGitHub(
  { publicUrl }: Pick<SignInService, 'publicUrl'>,
  browser: Browser,
  returnTo?: string,
): Promise<string> {
  const query = returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`;
  const begun = await browser.visit(`${publicUrl}/session/sign-in${query}`);
  const asked = await browser.visit(locationOf(begun, 303));
  return locationOf(asked, 302);
}

/** Signs in: where the browser comes to in the end. */
export async function signIn(
  running: Pick<SignInService, 'publicUrl'>,
  browser: Browser,
  returnTo?: string,
): Promise<string> {
  const callback = await goToGitHub(running, browser, returnTo);
  return locationOf(await browser.visit(callback), 303);
}

/** What `GET /session` says. */
export interface SessionBody {
  readonly authentication: string;
  readonly login?: string;
  readonly organisation?: string;
  readonly organisations?: string[];
  readonly csrf_token?: string;
}

/** Asks for the session from a page. */
export async function sessionOf(
  { publicUrl }: Pick<SignInService, 'publicUrl'>,
  browser: Browser,
): Promise<SessionBody> {
  const response = await browser.fetch('get', `${publicUrl}/session`);
  return response.body as SessionBody;
}

/** Where a redirect leads. */
export function locationOf(response: Response, status: number): string {
  if (response.status !== status) {
    throw new Error(`${response.status} instead of ${status}: ${response.text}`);
  }
  return String((response.headers as Record<string, unknown>)['location']);
}
