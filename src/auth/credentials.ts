import { ApplicationError } from '../domain/errors.js';

/** A token, and the way it goes. */
export interface Credentials {
  readonly method: 'oidc' | 'pat';
  readonly token: string;
}

/** `token68` of RFC 9110, section 11.2: what a bearer token is made of. */
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * What GitHub's own tokens begin with, see
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github.
 * An installation token may have the dots of a JWT after its prefix.
 */
const gitHubToken = /^(?:gh[a-z]_|github_pat_)/;

/**
 * Reads `Authorization`.
 *
 * @throws ApplicationError `unauthenticated` when there is no bearer token, or one that no way can accept
 */
export function readCredentials(authorization: string | undefined): Credentials {
  if (authorization === undefined) {
    throw new ApplicationError(
      'unauthenticated',
      'Authentication is required: send Authorization: Bearer <token>, with the OIDC token of a ' +
        'GitHub Actions job, or with a personal access token and X-Organisation',
    );
  }
  const [, token] = bearer.exec(authorization) ?? [];
  if (token === undefined) {
    throw new ApplicationError(
      'unauthenticated',
      'The Authorization header is not of the form "Bearer <token>"',
    );
  }
  if (token.startsWith('ghs_')) {
    throw new ApplicationError(
      'unauthenticated',
      'An installation token, such as GITHUB_TOKEN in GitHub Actions, does not say who you are: ' +
        'give the job "permissions: id-token: write" and send its OIDC token',
    );
  }
  return { method: looksLikeJwt(token) ? 'oidc' : 'pat', token };
}

/** A JWT has dots and begins with the base64url of `{"`; none of GitHub's tokens for people does. */
function looksLikeJwt(token: string): boolean {
  return !gitHubToken.test(token) && (token.includes('.') || token.startsWith('eyJ'));
}
