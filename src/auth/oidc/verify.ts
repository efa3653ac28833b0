import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import type { Caller } from '../../domain/deployment.js';
import { Refusal } from '../../domain/refusal.js';
import type { VerifyToken } from '../authenticate.js';
import { toOrganisation } from '../organisation.js';
import type { KeyLookup } from './keys.js';

/** Whose tokens are accepted, and for whom they must have been issued. */
export interface OidcSettings {
  /** The value of `iss`. */
  readonly issuer: string;
  /** The value of `aud`. */
  readonly audience: string;
  /** Whether a job may only touch deployments to the environment in its token. */
  readonly environmentClaim: boolean;
}

/** How far clocks may be apart, in seconds. */
const clockTolerance = 60;
/** How long a token may live, in seconds; GitHub's live for minutes. */
const longestLife = 3600;

/** Header parameters by which a token would bring or point at its own key, or change its encoding. */
const refusedParameters = ['jku', 'x5u', 'jwk', 'x5c', 'b64'];

/**
 * Verifies the OIDC token of a GitHub Actions job
 * (https://docs.github.com/en/actions/reference/security/oidc).
 *
 * @param findKey finds the issuer's key for a token
 */
export function createOidcVerifier(settings: OidcSettings, findKey: KeyLookup): VerifyToken {
  const { issuer, audience, environmentClaim } = settings;
  return async (token, named) => {
    requirePlainHeader(token);
    const claims = await verify(token, findKey, issuer, audience);
    const owner = ownerOf(claims);
    const organisation = named();
    if (organisation !== undefined && organisation !== owner) {
      throw new Refusal(
        'forbidden',
        `X-Organisation is ${organisation}, but the token is of ${owner}; leave it out`,
      );
    }
    const caller: Caller = {
      organisation: owner,
      actor: text(claims['actor']),
      repository: text(claims['repository']),
      workflow: text(claims['workflow']),
      source: 'oidc',
    };
    if (!environmentClaim) return caller;
    return { ...caller, onlyEnvironment: text(claims['environment']) };
  };
}

function requirePlainHeader(token: string): void {
  let header: Record<string, unknown>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw invalid('the header cannot be read');
  }
  if (typeof header['kid'] !== 'string' || header['kid'] === '') throw invalid('no kid');
  const refused = refusedParameters.find((name) => name in header);
  if (refused !== undefined) throw invalid(`the header has ${refused}`);
}

async function verify(
  token: string,
  findKey: KeyLookup,
  issuer: string,
  audience: string,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: ['RS256'],
      typ: 'JWT',
      issuer,
      audience,
      clockTolerance,
      maxTokenAge: longestLife,
      requiredClaims: ['exp', 'iat'],
    });
    const { exp = Infinity, iat = 0 } = payload;
    if (exp - iat > longestLife) throw invalid('exp is more than an hour after iat');
    return payload;
  } catch (error) {
    throw explain(error, audience);
  }
}

/**
 * What to tell the caller. Of a token whose signature is right, its owner may know what is wrong; of
 * any other, nobody learns more than that it is not accepted.
 */
function explain(error: unknown, audience: string): unknown {
  if (error instanceof errors.JWTExpired) {
    const message = 'The token has expired: request a new one right before it is needed';
    return refuse(message, error.claim, error.reason);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const message =
      error.claim === 'aud'
        ? `The token is not for the audience ${audience}: request it with that audience`
        : `The token's claim ${error.claim} is missing or not acceptable`;
    return refuse(message, error.claim, error.reason);
  }
  if (error instanceof errors.JOSEError) return invalid(`${error.code}: ${error.message}`);
  return error;
}

function refuse(message: string, claim: string, reason: string): Refusal {
  return new Refusal('unauthenticated', message, { reason: `${claim} ${reason}` });
}

function invalid(reason: string): Refusal {
  const message = 'The token is not one that the trusted issuer has signed for this use';
  return new Refusal('unauthenticated', message, { reason });
}

function ownerOf(claims: JWTPayload): string {
  const owner = claims['repository_owner'];
  const organisation = typeof owner === 'string' ? toOrganisation(owner) : undefined;
  if (organisation !== undefined) return organisation;
  throw new Refusal('unauthenticated', "The token's claim repository_owner is missing or no login");
}

function text(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null;
}
