import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Accounts } from './github-accounts.js';

/** An OAuth app as it is registered with GitHub. */
export interface RegisteredApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly callbackUrl: string;
}

/** What the person at GitHub's pages does, in the browser that is sent there. */
export interface AppPerson {
  /** Who is signed in at GitHub. */
  login: string;
  /** Whether the person lets the app in. */
  consents: boolean;
  /** After how many seconds tokens of the app expire; `undefined` for never, as with OAuth apps. */
  tokenSeconds: number | undefined;
}

/** The paths beside the API: those of pages, and of tokens. */
export interface GitHubWeb {
  readonly app: RegisteredApp;
  readonly person: AppPerson;
  /** Tokens that were given out, oldest first. */
  readonly granted: readonly string[];
  /** Responds, if the request is of one of them. */
  respond(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** `DELETE /applications/{client_id}/token`: its status. */
  revoke(request: IncomingMessage): Promise<204 | 401 | 404 | 422>;
}

/** A code that was given out. */
interface Code {
  readonly login: string;
  readonly redirectUri: string | undefined;
  readonly challenge: string | undefined;
  readonly scopes: readonly string[];
  readonly until: number;
}

/** How long a code is good, in milliseconds. */
const codeMs = 10 * 60 * 1000;

/**
 * Doubles GitHub's web application flow for one app, with PKCE by S256, the only method that GitHub takes.
 *
 * Sources: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
 * https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors,
 * https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors,
 * https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token
 */
export function createGitHubWeb(app: RegisteredApp, accounts: Accounts): GitHubWeb {
  const person: AppPerson = { login: 'mona', consents: true, tokenSeconds: undefined };
  const codes = new Map<string, Code>();
  const granted: string[] = [];

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    if (query.get('client_id') !== app.clientId) {
      page(response, 404, 'Page not found');
      return;
    }
    const redirectUri = query.get('redirect_uri') ?? undefined;
    const back = (fields: Record<string, string>, to = redirectUri ?? app.callbackUrl): void => {
      const url = new URL(to);
      const state = query.get('state');
      for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
      if (state !== null) url.searchParams.set('state', state);
      response.writeHead(302, { location: url.href, 'content-type': 'text/html' }).end();
    };
    if (redirectUri !== undefined && !isBelow(redirectUri, app.callbackUrl)) {
      back(errorOf('redirect_uri_mismatch'), app.callbackUrl);
      return;
    }
    const challenge = query.get('code_challenge') ?? undefined;
    const method = query.get('code_challenge_method') ?? undefined;
    if (challenge !== undefined || method !== undefined) {
      if (method !== 'S256' || !/^[\w-]{43}$/.test(challenge ?? '')) {
        page(response, 400, 'The code challenge is not valid');
        return;
      }
    }
    if (!person.consents) {
      back(errorOf('access_denied'));
      return;
    }
    const code = randomBytes(10).toString('hex');
    const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const { login } = person;
    codes.set(code, { login, redirectUri, challenge, scopes, until: Date.now() + codeMs });
    back({ code });
  }

  /** GitHub says 200 to all of these. */
  function exchange(fields: URLSearchParams): Record<string, string | number> {
    if (fields.get('client_secret') !== app.clientSecret) {
      return errorOf('incorrect_client_credentials');
    }
    const name = fields.get('code') ?? '';
    const code = codes.get(name);
    codes.delete(name);
    if (code === undefined || code.until < Date.now()) return errorOf('bad_verification_code');
    const redirectUri = fields.get('redirect_uri');
    if (redirectUri !== null && redirectUri !== (code.redirectUri ?? app.callbackUrl)) {
      return errorOf('redirect_uri_mismatch');
    }
    const verifier = fields.get('code_verifier') ?? '';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (code.challenge !== undefined && code.challenge !== challenge) {
      return errorOf('bad_verification_code');
    }
    const expires = person.tokenSeconds !== undefined;
    const kind = expires ? 'app_user' : 'oauth';
    const token = accounts.addUser({ login: code.login, kind, scopes: code.scopes });
    granted.push(token);
    return {
      access_token: token,
      // GitHub separates them by commas, the standard by spaces.
      scope: expires ? '' : code.scopes.join(','),
      token_type: 'bearer',
      ...(person.tokenSeconds !== undefined && { expires_in: person.tokenSeconds }),
    };
  }

  return {
    app,
    person,
    granted,
    async respond(request, response) {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      if (pathname === '/login/oauth/authorize' && request.method === 'GET') {
        authorize(searchParams, response);
        return true;
      }
      if (pathname !== '/login/oauth/access_token') return false;
      if (request.method !== 'POST') {
        page(response, 404, 'Page not found');
        return true;
      }
      const fields = await fieldsOf(request);
      if (fields.get('client_id') !== app.clientId) {
        respondIn(request, response, 404, { error: 'Not Found' });
      } else respondIn(request, response, 200, exchange(fields));
      return true;
    },
    async revoke(request) {
      const body = await text(request);
      const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64');
      if (request.headers.authorization !== `Basic ${basic}`) return 401;
      if (!(request.url ?? '').endsWith(`/applications/${app.clientId}/token`)) return 404;
      const { access_token: token } = JSON.parse(body) as { access_token?: string };
      if (token === undefined || !granted.includes(token)) return 422;
      if (accounts.find(token) === undefined) return 422;
      accounts.revoke(token);
      return 204;
    },
  };
}

const descriptions = {
  redirect_uri_mismatch:
    'The redirect_uri MUST match the registered callback URL for this application.',
  access_denied: 'The user has denied your application access.',
  incorrect_client_credentials: 'The client_id and/or client_secret passed are incorrect.',
  bad_verification_code: 'The code passed is incorrect or expired.',
} as const;

function errorOf(error: keyof typeof descriptions): Record<string, string> {
  return {
    error,
    error_description: descriptions[error],
    error_uri: `https://docs.github.com/apps/troubleshooting/#${error}`,
  };
}

/** A redirect goes to the callback or below it; on loopback, to any port. */
function isBelow(redirectUri: string, callbackUrl: string): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const [redirect, callback] = [new URL(redirectUri), new URL(callbackUrl)];
  const host = callback.hostname === '127.0.0.1' ? 'hostname' : 'host';
  const isPath =
    redirect.pathname === callback.pathname ||
    redirect.pathname.startsWith(`${callback.pathname.replace(/\/$/, '')}/`);
  return redirect.protocol === callback.protocol && redirect[host] === callback[host] && isPath;
}

async function fieldsOf(request: IncomingMessage): Promise<URLSearchParams> {
  const body = await text(request);
  const isJson = (request.headers['content-type'] ?? '').includes('json');
  return new URLSearchParams(isJson ? (JSON.parse(body) as Record<string, string>) : body);
}

/** A form, unless `Accept` asks for JSON. */
function respondIn(
  { headers }: IncomingMessage,
  response: ServerResponse,
  status: number,
  fields: Record<string, string | number>,
): void {
  const isJson = (headers.accept ?? '').includes('application/json');
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  response
    .writeHead(status, {
      'content-type': isJson
        ? 'application/json; charset=utf-8'
        : 'application/x-www-form-urlencoded; charset=utf-8',
      'cache-control': 'max-age=0, private, must-revalidate',
    })
    .end(isJson ? JSON.stringify(fields) : form.toString());
}

function page(response: ServerResponse, status: number, title: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><title>${title}</title>`);
}
