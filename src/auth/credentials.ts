import { ApplicationError } from '../domain/errors.js';
import { isInstallationToken, looksLikeJwt } from '../platform/token-formats.js';

/** A token, and how it is verified. */
export interface Credentials {
  readonly method: 'oidc' | 'pat';
  readonly token: string;
  /** The organisation that is meant where `X-Organisation` names none. */
  readonly organisation?: string | undefined;
}

/** `token68` of RFC 9110, section 11.2: what a bearer token is made of. */
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * Reads `Authorization`.
 *
 * @throws ApplicationError `unauthenticated` when there is no bearer token, or one that neither way accepts
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
      'The Authorization header is not of the form "Bearer <token>", sent once and with one token',
    );
  }
  if (isInstallationToken(token)) {
    throw new ApplicationError(
      'unauthenticated',
      'An installation token, such as GITHUB_TOKEN in GitHub Actions, does not say who you are: ' +
        'give the job "permissions: id-token: write" and send its OIDC token',
    );
  }
  return { method: looksLikeJwt(token) ? 'oidc' : 'pat', token };
}
