import type { Fetch } from '../platform/proxied-fetch.js';
import {
  ClientError,
  CredentialsUnavailable,
  retryableStatuses,
  UnexpectedResponse,
} from './errors.js';
import { exchange } from './exchange.js';
import type { WireRequest } from './exchange.js';
import { insecureFault, isInsecure } from './insecure.js';

const timeoutMs = 10_000;
/** A token is renewed this long before it expires, so that it does not expire on its way. */
const marginMs = 30_000;

interface Token {
  readonly value: string;
  /** When to fetch another, on the monotonic clock: `performance.now()`. */
  readonly renewAt: number;
}

/** Where the token is asked for, and how. */
export interface ActionsTokenOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly audience: string;
  readonly allowInsecureHttp: boolean;
  readonly fetch: Fetch;
}

/** The OIDC token of a job, one at a time. Whoever asks tries again where an error is `retryable`. */
export class ActionsToken {
  readonly #request: WireRequest;
  readonly #fetch: Fetch;
  #present: Token | undefined;
  #fetching: Promise<Token> | undefined;

  /** @throws CredentialsUnavailable when the environment is not that of a job that may ask for one */
  constructor(options: ActionsTokenOptions) {
    this.#request = tokenRequest(options);
    this.#fetch = options.fetch;
  }

  /** A token that is good for now. Calls at once share one request for it. */
  async get(signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    const present = this.#present;
    if (present !== undefined && performance.now() < present.renewAt) return present.value;
    this.#fetching ??= this.#fetchToken().finally(() => {
      this.#fetching = undefined;
    });
    // A caller who gives up must not cancel the request for the others.
    const { value } = await orAborted(this.#fetching, signal);
    return value;
  }

  /** Forgets the present token if it is the one that was refused; a newer one stays. */
  forget(isRefused: (token: string) => boolean): void {
    if (this.#present !== undefined && isRefused(this.#present.value)) this.#present = undefined;
  }

  async #fetchToken(): Promise<Token> {
    const options = { fetch: this.#fetch, timeoutMs, signal: undefined, success: [200], mayPass };
    try {
      const { status, body } = await exchange(this.#request, options);
      const value = valueOf(body);
      if (value === undefined)
        throw new UnexpectedResponse('There is no token in it', true, status);
      this.#present = { value, renewAt: performance.now() + usableFor(value) };
      return this.#present;
    } catch (error) {
      throw new CredentialsUnavailable("GitHub Actions did not give the job's OIDC token", {
        retryable: error instanceof ClientError && error.retryable,
        cause: error,
      });
    }
  }
}

/**
 * Whether the endpoint may give the token in a moment: it responds with an error, a page or nothing at all now
 * and then. That the job may not have one (401, 403) stays so.
 */
function mayPass(status: number): boolean {
  return status === 200 || status >= 500 || retryableStatuses.includes(status);
}

function tokenRequest({
  environment,
  audience,
  allowInsecureHttp,
}: ActionsTokenOptions): WireRequest {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } =
    environment;
  if (!address || !token) {
    throw new CredentialsUnavailable(
      environment['GITHUB_ACTIONS'] === 'true'
        ? 'This job may not ask for an OIDC token: give it `permissions: id-token: write` (a pull request from a fork never may)'
        : 'There is no OIDC token outside of GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set; use a GitHub token',
    );
  }
  if (!URL.canParse(address) || !/^[!-~]+$/.test(token)) {
    throw new CredentialsUnavailable(
      'ACTIONS_ID_TOKEN_REQUEST_URL is not a URL, or ACTIONS_ID_TOKEN_REQUEST_TOKEN is not a token',
    );
  }
  const url = new URL(address);
  if (isInsecure(url) && !allowInsecureHttp) {
    throw new CredentialsUnavailable(`ACTIONS_ID_TOKEN_REQUEST_URL ${insecureFault}`);
  }
  url.searchParams.set('audience', audience);
  const headers = new Headers({ Authorization: `Bearer ${token}`, Accept: 'application/json' });
  return { name: 'OIDC token', method: 'GET', url, headers };
}

function valueOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('value' in body)) return undefined;
  return typeof body.value === 'string' && body.value !== '' ? body.value : undefined;
}

/**
 * For how many milliseconds a token is used: until a margin before its `exp` (RFC 7519, section 4.1.4),
 * or for half its life when that is longer. A token without `exp` is used for the present calls only.
 */
function usableFor(token: string): number {
  const expiry = expiryOf(token);
  if (expiry === undefined) return 0;
  const life = expiry - Date.now();
  return Math.max(life - marginMs, life / 2);
}

function expiryOf(token: string): number | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return undefined;
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let leave = (): void => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  signal.addEventListener('abort', leave, { once: true });
  try {
    await Promise.race([promise, left]);
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
