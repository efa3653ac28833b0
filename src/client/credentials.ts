import type { Fetch } from '../platform/proxied-fetch.js';
import { ActionsToken } from './actions-token.js';
import { ownEnvironment, ownFetch } from './environment.js';
import { CredentialsUnavailable } from './errors.js';

/** How requests are authenticated. */
export interface Credentials {
  /**
   * The headers to send. Asked for before each try, so that they may be renewed.
   *
   * @throws CredentialsUnavailable
   */
  headers(signal?: AbortSignal): Promise<Record<string, string>>;
  /**
   * Told that the service did not accept these headers (401). When there is such a method, the call is
   * tried once more with whatever `headers` gives then.
   */
  refused?(headers: Readonly<Record<string, string>>): void;
}

/**
 * A person's GitHub token, personal or of an app, for an organisation that the person is a member of.
 *
 * @param organisation the login, in any case, or `login~id`
 * @throws CredentialsUnavailable when either is empty or cannot be sent in a header
 * @example gitHubToken(process.env.DEPLOYMENT_QUEUE_TOKEN ?? '', 'acme')
 */
export function gitHubToken(token: string, organisation: string): Credentials {
  const authorization = bearer(token, 'The GitHub token');
  const headers = { Authorization: authorization, ...organisationHeader(organisation) };
  return { headers: () => Promise.resolve(headers) };
}

/**
 * The OIDC token of the GitHub Actions job that this runs in. It is fetched when it is first needed,
 * shared by all calls, and renewed before it expires and when the service refuses it.
 *
 * The job needs `permissions: id-token: write`.
 * See https://docs.github.com/en/actions/reference/security/oidc.
 *
 * @param options.audience what the service expects, its `GITHUB_OIDC_AUDIENCE`; `deployment-queue-api`
 * @param options.environment where `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`
 *   are; the environment of the process
 * @param options.allowInsecureHttp lets that URL be plain http to another machine
 * @param options.fetch instead of Node's through the proxies of the environment
 * @throws CredentialsUnavailable at once when the job may not ask for a token
 * @example const client = createClient({ url: 'https://queue.example.com', credentials: gitHubActions() });
 */
export function gitHubActions(
  options: {
    readonly audience?: string | undefined;
    readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
    readonly allowInsecureHttp?: boolean | undefined;
    readonly fetch?: Fetch | undefined;
  } = {},
): Credentials {
  const { audience = 'deployment-queue-api', environment = ownEnvironment() } = options;
  const { allowInsecureHttp = false, fetch = ownFetch() } = options;
  const source = new ActionsToken({ environment, audience, allowInsecureHttp, fetch });
  const authorizationOf = (token: string) => bearer(token, "The job's OIDC token");
  return {
    async headers(signal) {
      return { Authorization: authorizationOf(await source.get(signal)) };
    },
    refused(headers) {
      source.forget((token) => headers['Authorization'] === authorizationOf(token));
    },
  };
}

/**
 * None, for a service with authentication off; it may still be told which organisation is meant.
 *
 * @example const client = createClient({ url: 'http://127.0.0.1:8000', credentials: noCredentials() });
 */
export function noCredentials(organisation?: string): Credentials {
  const headers = organisation === undefined ? {} : organisationHeader(organisation);
  return { headers: () => Promise.resolve(headers) };
}

/** What a header may hold is checked here, since the error that `fetch` throws would show the token. */
function bearer(token: string, what: string): string {
  if (token === '') throw new CredentialsUnavailable(`${what} is empty`);
  if (!/^[!-~]+$/.test(token)) {
    throw new CredentialsUnavailable(
      `${what} holds a space, a line break or another character that no token has`,
    );
  }
  return `Bearer ${token}`;
}

function organisationHeader(organisation: string): { 'X-Organisation': string } {
  if (!/^[\w-]+(~\d+)?$/.test(organisation)) {
    throw new CredentialsUnavailable(
      "The organisation must be a GitHub organisation's login (letters, digits and inner hyphens), or login~id",
    );
  }
  return { 'X-Organisation': organisation };
}
