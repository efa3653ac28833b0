import { hash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { ApplicationError } from '../../domain/errors.js';
import type { Owner } from '../../domain/tenants/tenant.js';
import type { Identity, VerifyToken } from '../authenticate.js';
import type { CountLookup } from '../metrics.js';
import { toLogin, toOwnerId } from '../organisation.js';
import type { KeyLookup } from './keys.js';

/** Whose tokens are accepted, and for whom they must have been issued. */
export interface OidcOptions {
  /** The value of `iss`. */
  readonly issuer: string;
  /** The value of `aud`. */
  readonly audience: string;
}

/** How far clocks may be apart, in seconds. */
const clockTolerance = 60;
/** How long a token may live, in seconds; GitHub's live for minutes. */
const maxLifetime = 3600;

/** Header parameters by which a token would bring or point at its own key, or change its encoding. */
const refusedParameters = ['jku', 'x5u', 'jwk', 'x5c', 'b64'];

/** What a token that was found genuine says. */
interface Verified {
  /** The same object each time, so that what is made of it is made once. */
  readonly identity: Identity;
  /** Until when it is accepted, in milliseconds since the epoch. */
  readonly until: number;
}

/** How many genuine tokens are cached: one for each job that runs at the same time. */
const maxCached = 10_000;

/**
 * Verifies the OIDC token of a GitHub Actions job
 * (https://docs.github.com/en/actions/reference/security/oidc).
 *
 * A job sends its token many times, and what makes it genuine does not change within its life: so it is
 * verified once, and known by its hash until it expires or the issuer's keys have been fetched anew.
 */
export function createOidcVerifier(
  options: OidcOptions,
  keys: KeyLookup,
  count: CountLookup,
): VerifyToken {
  const { issuer, audience } = options;
  const cached = new LRUCache<string, Verified>({ max: maxCached });
  let generation = keys.generation();

  const verifyOnce = async (token: string): Promise<Verified> => {
    const present = keys.generation();
    if (present !== generation) cached.clear();
    generation = present;
    const name = hash('sha256', token, 'base64');
    const known = cached.get(name);
    if (known !== undefined && Date.now() < known.until) {
      count('hit');
      return known;
    }
    count('miss');
    requirePlainHeader(token);
    const verified = read(await verify(token, keys.find, issuer, audience));
    cached.set(name, verified);
    return verified;
  };

  return async (token) => (await verifyOnce(token)).identity;
}

function read(claims: JWTPayload): Verified {
  const { exp = 0, iat = 0 } = claims;
  const until = (Math.min(exp, iat + maxLifetime) + clockTolerance) * 1000;
  return {
    identity: {
      owner: ownerOf(claims),
      actor: text(claims['actor']),
      repository: text(claims['repository']),
      workflow: text(claims['workflow']),
      job: {
        actorId: text(claims['actor_id']),
        repositoryId: text(claims['repository_id']),
        ref: text(claims['ref']),
        commitSha: text(claims['sha']),
        runId: text(claims['run_id']),
        runAttempt: text(claims['run_attempt']),
        eventName: text(claims['event_name']),
        environment: text(claims['environment']),
        workflowRef: text(claims['job_workflow_ref']),
      },
      source: 'oidc',
      goodUntil: until,
    },
    until,
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
  findKey: JWTVerifyGetKey,
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
      maxTokenAge: maxLifetime,
      requiredClaims: ['exp', 'iat'],
    });
    const { exp = Infinity, iat = 0 } = payload;
    if (exp - iat > maxLifetime) throw invalid('exp is more than an hour after iat');
    return payload;
  } catch (error) {
    throw explain(error, audience);
  }
}

/**
 * What to tell the caller. The owner of a token whose signature is right may know what is wrong with it; of
 * any other token, the caller learns only that it is not accepted.
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

function refuse(message: string, claim: string, reason: string): ApplicationError {
  return new ApplicationError('unauthenticated', message, { reason: `${claim} ${reason}` });
}

function invalid(reason: string): ApplicationError {
  const message = 'The token is not one that the trusted issuer has signed for this use';
  return new ApplicationError('unauthenticated', message, { reason });
}

function ownerOf(claims: JWTPayload): Owner {
  const login = toLogin(text(claims['repository_owner']) ?? '');
  if (login === undefined) throw unusable('repository_owner', 'login');
  const id = toOwnerId(text(claims['repository_owner_id']) ?? '');
  if (id === undefined) throw unusable('repository_owner_id', 'id');
  return { id, login };
}

function unusable(claim: string, what: string): ApplicationError {
  const message = `The token's claim ${claim} is missing or no ${what}`;
  return new ApplicationError('unauthenticated', message);
}

function text(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null;
}
