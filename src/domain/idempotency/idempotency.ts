import type { Deployment } from '../deployments/deployment.js';
import { ApplicationError } from '../errors.js';

/** A request that carries an `Idempotency-Key`. */
export interface IdempotentRequest {
  /** The key, unique within the organisation. */
  readonly key: string;
  /** A digest of all that makes the request what it is; the same request has the same. */
  readonly fingerprint: string;
  /** When it arrived, RFC 3339 in UTC with milliseconds. */
  readonly at: string;
}

/** The first answer to a request under its key. */
export interface RememberedResponse {
  readonly fingerprint: string;
  readonly rememberedAt: string;
  /** The deployment as it was first answered. */
  readonly deployment: Deployment;
}

const rememberedForMs = 24 * 60 * 60 * 1000;

/** Answers remembered before this instant are forgotten, seen from `at`. */
export function forgottenBefore(at: string): string {
  return new Date(Date.parse(at) - rememberedForMs).toISOString();
}

/**
 * Decides whether a request is answered from memory.
 *
 * @returns the deployment of the first answer; `undefined` when the request is the first
 * @throws ApplicationError `idempotency-key-reused` when the key belongs to another request
 */
export function recall(
  answer: RememberedResponse | undefined,
  request: IdempotentRequest,
): Deployment | undefined {
  if (answer === undefined || answer.rememberedAt < forgottenBefore(request.at)) return undefined;
  if (answer.fingerprint === request.fingerprint) return answer.deployment;
  throw new ApplicationError(
    'idempotency-key-reused',
    'The Idempotency-Key was used for another request in the last 24 hours; use a new key',
  );
}
