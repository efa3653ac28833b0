import type { ClosedGate } from './gates/gate.js';
import type { AccessDecision } from './policies/policy.js';

/** Why the service says no to a request that it understood; stable, and part of the contract. */
export type ErrorCode =
  | 'nothing-to-update'
  | 'organisation-required'
  | 'unauthenticated'
  | 'forbidden'
  | 'deployment-not-found'
  | 'policy-not-found'
  | 'lock-not-found'
  | 'freeze-not-found'
  | 'calendar-not-found'
  | 'rollback-source-not-found'
  | 'transition-not-allowed'
  | 'rollback-not-allowed'
  | 'rollback-pending'
  | 'cancel-count-differs'
  | 'claim-not-allowed'
  | 'claim-superseded'
  | 'lease-held'
  | 'lease-lost'
  | 'lease-required'
  | 'quota-exceeded'
  | 'policies-full'
  | 'gate-closed'
  | 'gates-full'
  | 'approval-not-allowed'
  | 'precondition-failed'
  | 'contract-violation'
  | 'idempotency-key-reused'
  | 'rate-limited'
  | 'unavailable';

/** One fault of a request: in the body at a JSON Pointer, or in a named parameter. */
export type Violation =
  | { readonly pointer: string; readonly message: string }
  | { readonly parameter: string; readonly message: string };

/** What goes with a refusal beside its message. */
export interface ErrorDetails {
  /** The faults, for `contract-violation`. */
  readonly violations?: readonly Violation[];
  /** What refused it, for `forbidden`. */
  readonly access?: AccessDecision;
  /** What stands in the way of a start, for `gate-closed`. */
  readonly blockedBy?: readonly ClosedGate[];
  /** The present entity tag, for `precondition-failed`. */
  readonly etag?: string;
  /** Seconds until another try makes sense, for `unavailable` and `rate-limited`. */
  readonly retryAfter?: number;
  /** Why exactly, for the log alone: what would help a forger is not told to the caller. */
  readonly reason?: string;
  /** The error that lies behind it, for the log alone. */
  readonly cause?: unknown;
}

/**
 * A request that is refused. The message is shown to the caller: it says what was wrong and what is
 * allowed, and never holds a token, SQL or a stack.
 */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** An unknown id, or another organisation's: the two must not be told apart. */
export function deploymentNotFound(id: string): ApplicationError {
  return new ApplicationError('deployment-not-found', `No deployment with id ${id}`);
}

/** A name that no policy has. */
export function policyNotFound(name: string): ApplicationError {
  return new ApplicationError('policy-not-found', `No policy with the name ${name}`);
}

/** An update that names nothing. */
export function nothingToUpdate(): ApplicationError {
  return new ApplicationError('nothing-to-update', 'No fields to update');
}

/** A request against the contract, with each of its faults. */
export function contractViolation(violations: readonly Violation[]): ApplicationError {
  const sentences = violations.map((violation) => {
    if (!('pointer' in violation)) return `${violation.parameter} ${violation.message}`;
    const { pointer, message } = violation;
    return `${pointer === '#' ? 'The body' : pointer} ${message}`;
  });
  return new ApplicationError('contract-violation', sentences.join('; '), { violations });
}
