import { gitHubToken, noCredentials } from '../client/client.js';
import type { Credentials } from '../client/client.js';

/** How the page finds out who looks at it. */
export interface Session {
  /**
   * `none`: authentication is off; `token`: a GitHub token is typed in; `github`: a cookie of this service, got by
   * signing in on GitHub.
   */
  readonly authentication: 'none' | 'token' | 'github';
  /** Where the pages of the GitHub are whose tokens the service takes, such as `https://github.com`. */
  readonly gitHub: string;
  /** Whom the cookie stands for; nobody is signed in without. */
  readonly login: string | undefined;
  /** Of the cookie; with authentication off, the one that is meant where none is named. */
  readonly organisation: string | undefined;
  /** Those that the person whom the cookie stands for may choose, as far as GitHub tells. */
  readonly organisations: readonly string[];
  /** To be sent with each request of a cookie, so that no other page can make one. */
  readonly csrfToken: string | undefined;
}

/** A token that somebody has typed in, for one organisation. */
export interface TypedToken {
  readonly token: string;
  readonly organisation: string;
}

type Fetch = typeof globalThis.fetch;

/**
 * Asks the service how the page is to authenticate.
 *
 * @param base where the service is, with a slash at its end
 * @throws Error when there is no response that says it
 */
export async function readSession(base: string, fetch: Fetch): Promise<Session> {
  const response = await fetch(new URL('session', base), {
    headers: { Accept: 'application/json' },
  });
  const body: unknown = response.ok ? await response.json() : undefined;
  if (typeof body !== 'object' || body === null) {
    throw new Error(`The service answered ${response.status} when it was asked how to sign in`);
  }
  const fields = new Map<string, unknown>(Object.entries(body));
  const text = (name: string) => {
    const value = fields.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const authentication = text('authentication');
  const gitHub = text('github_url') ?? 'https://github.com';
  if (authentication === 'none')
    return { ...withoutCookie('none', gitHub), organisation: text('organisation') };
  if (authentication !== 'github') return withoutCookie('token', gitHub);
  const organisations = fields.get('organisations');
  return {
    authentication,
    gitHub,
    login: text('login'),
    organisation: text('organisation'),
    organisations: Array.isArray(organisations)
      ? organisations.filter((each) => typeof each === 'string')
      : [],
    csrfToken: text('csrf_token'),
  };
}

function withoutCookie(authentication: 'none' | 'token', gitHub: string): Session {
  const none = { login: undefined, organisation: undefined, csrfToken: undefined };
  return { authentication, gitHub, organisations: [], ...none };
}

/**
 * What to authenticate requests with.
 *
 * @param organisation what the page's URL says
 * @returns nothing while somebody has to sign in first
 * @throws CredentialsUnavailable when the organisation or the token cannot be sent
 */
export function credentialsOf(
  session: Session,
  organisation: string,
  typed: TypedToken | undefined,
): Credentials | undefined {
  switch (session.authentication) {
    case 'none':
      return noCredentials(organisation === '' ? undefined : organisation);
    case 'token':
      return typed && gitHubToken(typed.token, typed.organisation);
    case 'github':
      return session.login === undefined || session.organisation === undefined
        ? undefined
        : { headers: () => Promise.resolve(csrfHeader(session)) };
  }
}

/** The header that shows that a request was made by this page. */
export function csrfHeader({ csrfToken }: Session): Record<string, string> {
  return csrfToken === undefined ? {} : { 'X-CSRF-Token': csrfToken };
}

const tokenKey = 'deployment-queue-token';

/** Where a tab keeps what was typed in; it is gone with the tab. */
export interface TabStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The token that this tab keeps. */
export function keptToken(storage: TabStorage): TypedToken | undefined {
  const [organisation, token] = storage.getItem(tokenKey)?.split(' ') ?? [];
  return organisation && token ? { organisation, token } : undefined;
}

/** Keeps a token in this tab, or forgets the one that is kept. */
export function keepToken(storage: TabStorage, typed: TypedToken | undefined): void {
  if (typed === undefined) storage.removeItem(tokenKey);
  else storage.setItem(tokenKey, `${typed.organisation} ${typed.token}`);
}

/**
 * Where signing in on GitHub begins.
 *
 * @param returnTo the path and the query of the page to come back to
 */
export function signInLink(base: string, returnTo: string): string {
  const url = new URL('session/sign-in', base);
  // What is longer the service refuses.
  if (returnTo.length <= 1024) url.searchParams.set('return_to', returnTo);
  return url.href;
}

/**
 * Chooses the organisation of a cookie.
 *
 * @throws Error with what the service has against it
 */
export async function chooseOrganisation(
  base: string,
  session: Session,
  organisation: string,
  fetch: Fetch,
): Promise<void> {
  const response = await fetch(new URL('session/organisation', base), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...csrfHeader(session) },
    body: JSON.stringify({ organisation }),
  });
  if (!response.ok) throw new Error(await refusalOf(response));
}

/**
 * Ends a cookie.
 *
 * @throws Error with what the service has against it
 */
export async function signOut(base: string, session: Session, fetch: Fetch): Promise<void> {
  const headers = csrfHeader(session);
  const response = await fetch(new URL('session/sign-out', base), { method: 'POST', headers });
  // Who is not signed in (any more) is signed out.
  if (!response.ok && response.status !== 401) throw new Error(await refusalOf(response));
}

async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' &&
    body !== null &&
    'detail' in body &&
    typeof body.detail === 'string'
    ? body.detail
    : `The service answered ${response.status}`;
}
