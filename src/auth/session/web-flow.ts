import * as oauth from 'oauth4webapi';
import { ApplicationError } from '../../domain/errors.js';
import { reasonOf } from '../../platform/logging.js';
import type { Logger } from '../../platform/logging.js';
import type { Fetch } from '../../platform/proxied-fetch.js';
import { readLimited } from '../outbound.js';
import type { SignInOptions } from './options.js';

/** What a browser has to bring back for a sign-in to be finished. */
export interface Begun {
  readonly state: string;
  readonly verifier: string;
}

/** A token of a person. */
export interface PersonToken {
  readonly token: string;
  /** After how many seconds it is no good any more, where GitHub says. */
  readonly expiresIn: number | undefined;
}

/** GitHub's web application flow. */
export interface WebFlow {
  /** Where to send a browser, and what to remember meanwhile. */
  begin(): Promise<Begun & { readonly url: URL }>;
  /**
   * Gets the token for what GitHub has sent a browser back with.
   *
   * @throws ApplicationError `forbidden` when the person or GitHub says no, or it is not what was begun;
   *   `unavailable`
   */
  finish(parameters: URLSearchParams, begun: Begun): Promise<PersonToken>;
}

const timeoutMs = 10_000;
const maxBytes = 64 * 1024;

/** What GitHub has against the app's settings; the person can do nothing about it. */
const misconfigured: ReadonlySet<string> = new Set([
  'incorrect_client_credentials',
  'redirect_uri_mismatch',
  'application_suspended',
  'invalid_client',
  'unauthorized_client',
]);

/**
 * Speaks GitHub's web application flow (RFC 6749, section 4.1) with a state and PKCE by S256 (RFC 7636).
 *
 * Source: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export function createWebFlow(
  { clientId, clientSecret, serverUrl, publicUrl }: SignInOptions,
  log: Pick<Logger, 'warn' | 'error'>,
  fetch: Fetch,
): WebFlow {
  const redirectUri = `${publicUrl}/session/callback`;
  const authorizeUrl = `${serverUrl}/login/oauth/authorize`;
  const server: oauth.AuthorizationServer = {
    issuer: `${serverUrl}/login/oauth`,
    authorization_endpoint: authorizeUrl,
    token_endpoint: `${serverUrl}/login/oauth/access_token`,
  };
  const client: oauth.Client = { client_id: clientId };
  const options = {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- settings allow it on this machine only
    [oauth.allowInsecureRequests]: serverUrl.startsWith('http:'),
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) =>
      fetchWhole(fetch, url, init),
    headers: { 'User-Agent': 'deployment-queue-api' },
  };

  const refuse = (error: string, where: string): never => {
    if (error === 'access_denied') {
      throw new ApplicationError('forbidden', 'You did not let the app sign you in at GitHub');
    }
    if (misconfigured.has(error)) {
      log.error({ error, where }, "GitHub refuses the app's settings");
      throw new ApplicationError(
        'unavailable',
        'GitHub does not take the settings of this app; an operator finds the reason in the log',
        { retryAfter: 60 },
      );
    }
    throw new ApplicationError(
      'forbidden',
      'GitHub does not know the code any more, or it is not of this sign-in: begin again',
    );
  };

  return {
    async begin() {
      const state = oauth.generateRandomState();
      const verifier = oauth.generateRandomCodeVerifier();
      const url = new URL(authorizeUrl);
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'read:org',
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString();
      return { url, state, verifier };
    },

    async finish(parameters, { state, verifier }) {
      const granted = authorizedOf(parameters, state);
      const response = await oauth
        .authorizationCodeGrantRequest(
          server,
          client,
          oauth.ClientSecretPost(clientSecret),
          granted,
          redirectUri,
          verifier,
          options,
        )
        .catch((error: unknown) => {
          log.warn({ reason: reasonOf(error) }, 'GitHub did not respond');
          throw unavailable();
        });
      // GitHub says 200 also when it refuses, which the standard does not know.
      const error = await errorIn(response);
      if (error !== undefined) refuse(error, 'access_token');
      try {
        const result = await oauth.processAuthorizationCodeResponse(server, client, response);
        return { token: result.access_token, expiresIn: result.expires_in };
      } catch {
        // Its message may have what was received in it.
        log.error({ status: response.status }, 'GitHub gave a response that makes no sense here');
        throw unavailable();
      }
    },
  };

  function authorizedOf(parameters: URLSearchParams, state: string): URLSearchParams {
    try {
      return oauth.validateAuthResponse(server, client, parameters, state);
    } catch (error) {
      if (error instanceof oauth.AuthorizationResponseError)
        return refuse(error.error, 'authorize');
      throw new ApplicationError(
        'forbidden',
        'GitHub has sent you back to a sign-in that was not begun in this browser: begin again',
      );
    }
  }
}

function unavailable(): ApplicationError {
  return new ApplicationError('unavailable', 'GitHub is out of reach; try again in 5 seconds', {
    retryAfter: 5,
  });
}

/** The error that a response tells of, as GitHub and the standard do. */
async function errorIn(response: Response): Promise<string | undefined> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const error = typeof body === 'object' && body !== null && 'error' in body && body.error;
  return typeof error === 'string' ? error : undefined;
}

/** Fetches within limits of time and size, and follows no redirect. */
async function fetchWhole(
  fetch: Fetch,
  url: string,
  { method, headers, body }: oauth.CustomFetchOptions<'POST', URLSearchParams>,
): Promise<Response> {
  const response = await fetch(url, {
    ...{ method, headers, body },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await readLimited(response, maxBytes);
  return new Response(text === '' ? null : text, {
    status: response.status,
    headers: response.headers,
  });
}
