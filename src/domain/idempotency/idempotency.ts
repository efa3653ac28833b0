import type { Deployment, StoredDeployment } from '../deployments/deployment.js';
import { ApplicationError } from '../errors.js';

/** A request that carries an `Idempotency-Key`. */
export interface IdempotentRequest {
  /** Whose key it is, see `keyOwner`. */
  readonly owner: string;
  /** The key, unique for its owner. */
  readonly key: string;
  /** A digest of all that makes the request what it is; the same request has the same. */
  readonly fingerprint: string;
  /** When it arrived, RFC 3339 in UTC with milliseconds. */
  readonly at: string;
}

/** The first response to a request under its key. */
export interface RememberedResponse {
  readonly fingerprint: string;
  readonly rememberedAt: string;
  /** The deployment as it was in the first response. */
  readonly deployment: Deployment;
}

/** What can be read of idempotency keys. */
export interface IdempotencyReads {
  /** The first response under a key, expired or not. */
  rememberedResponse: {
    of: Pick<IdempotentRequest, 'owner' | 'key'>;
    gives: RememberedResponse | undefined;
  };
}

/** What can change of idempotency keys. */
export interface IdempotencyChanges {
  /** A first response; it takes the place of an expired one, and of no other. */
  readonly response: IdempotentRequest & { readonly deployment: Deployment };
}

/** A deployment that was created now, or earlier under the same `Idempotency-Key`. */
export interface Creation {
  readonly stored: StoredDeployment;
  readonly replayed: boolean;
}

const rememberedForMs = 24 * 60 * 60 * 1000;

/** Responses that were remembered before this instant have expired, seen from `at`. */
export function expiredBefore(at: string): string {
  return new Date(Date.parse(at) - rememberedForMs).toISOString();
}

/**
 * Decides whether a request gets the first response again.
 *
 * @returns the deployment of the first response; `undefined` when the request is the first
 * @throws ApplicationError `idempotency-key-reused` when the key belongs to another request
 */
export function recall(
  response: RememberedResponse | undefined,
  request: IdempotentRequest,
): Deployment | undefined {
  return response !== undefined && repeats(response, request) ? response.deployment : undefined;
}

/**
 * Whether a request repeats the first one under its key, while that is remembered.
 *
 * @throws ApplicationError `idempotency-key-reused` when that was another request
 */
export function repeats(
  first: Pick<RememberedResponse, 'fingerprint' | 'rememberedAt'>,
  request: IdempotentRequest,
): boolean {
  if (first.rememberedAt < expiredBefore(request.at)) return false;
  if (first.fingerprint === request.fingerprint) return true;
  throw new ApplicationError(
    'idempotency-key-reused',
    'The Idempotency-Key was used for another request in the last 24 hours; use a new key',
  );
}
