import type {
  Deployment,
  DeploymentStatus,
  Problem,
  ProblemType,
  QueuePosition,
} from './contract.js';

/** Tells the errors of this client apart; stable. */
export type ClientErrorCode =
  | 'problem'
  | 'connection_failed'
  | 'timed_out'
  | 'unexpected_response'
  | 'credentials_unavailable'
  | 'wait_timed_out'
  | 'claim_timed_out'
  | 'lease_lost'
  | 'settled_otherwise';

/** What goes with an error beside its message. */
export interface ErrorDetails {
  /** The `X-Request-Id` of the call: the service's log has a line under it. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The base of all errors of this client. An aborted call is not one: it rejects with the signal's reason,
 * as `fetch` does.
 */
export abstract class ClientError extends Error {
  abstract readonly code: ClientErrorCode;
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean;
  readonly requestId: string | undefined;

  constructor(message: string, retryable: boolean, { requestId, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.retryable = retryable;
    this.requestId = requestId;
  }
}

/** What a response says beside its problem. */
export interface ProblemResponse extends ErrorDetails {
  /** After how many seconds to try again. */
  readonly retryAfter?: number | undefined;
  /** The deployment's present entity tag, for `precondition-failed`. */
  readonly etag?: string | undefined;
  /** Whether an earlier try of this call ended without a response, so that it may have taken effect. */
  readonly afterLostResponse?: boolean;
}

/**
 * Statuses that say: not now. Those from 520 on are registered nowhere; Cloudflare sends them when it has no
 * response from the server behind it
 * (https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/).
 */
export const retryableStatuses: readonly number[] = [
  ...[408, 425, 429, 502, 503, 504],
  ...[520, 521, 522, 523, 524, 530],
];

/** The service refused. `type` says why, to programs; the message, which is `detail`, to people. */
export class ProblemError extends ClientError {
  override readonly name = 'ProblemError';
  readonly code = 'problem';
  readonly problem: Problem;
  readonly retryAfter: number | undefined;
  readonly etag: string | undefined;
  readonly afterLostResponse: boolean;

  constructor(problem: Problem, response: ProblemResponse = {}) {
    super(problem.detail, retryableStatuses.includes(problem.status), response);
    this.problem = problem;
    this.retryAfter = response.retryAfter;
    this.etag = response.etag;
    this.afterLostResponse = response.afterLostResponse ?? false;
  }

  /** What kind of problem it is. */
  get type(): ProblemType {
    return this.problem.type;
  }

  /** The HTTP status. */
  get status(): number {
    return this.problem.status;
  }
}

/** No connection, or one that broke before the response was there. Whether the call took effect is unknown. */
export class ConnectionFailed extends ClientError {
  override readonly name = 'ConnectionFailed';
  readonly code = 'connection_failed';
}

/** No response in time. Whether the call took effect is unknown. */
export class TimedOut extends ClientError {
  override readonly name = 'TimedOut';
  readonly code = 'timed_out';
}

/** A response that this service does not give, from a proxy in between or from another server. */
export class UnexpectedResponse extends ClientError {
  override readonly name = 'UnexpectedResponse';
  readonly code = 'unexpected_response';
  readonly status: number;
  /** After how many seconds to try again, where the response said so. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    retryable: boolean,
    status: number,
    retryAfter?: number,
    details: ErrorDetails = {},
  ) {
    super(message, retryable, details);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** There is nothing to authenticate with, and why; `retryable` when there may be in a moment. */
export class CredentialsUnavailable extends ClientError {
  override readonly name = 'CredentialsUnavailable';
  readonly code = 'credentials_unavailable';

  constructor(message: string, details: ErrorDetails & { readonly retryable?: boolean } = {}) {
    super(message, details.retryable ?? false, details);
  }
}

/** A deployment did not reach a status in time. */
export class WaitTimedOut extends ClientError {
  override readonly name = 'WaitTimedOut';
  readonly code = 'wait_timed_out';
  /** The deployment as it was last seen; `undefined` when it was never seen. */
  readonly deployment: Deployment | undefined;

  constructor(message: string, deployment: Deployment | undefined, details: ErrorDetails = {}) {
    super(message, true, details);
    this.deployment = deployment;
  }
}

/** A deployment has come to rest in another status than those waited for. */
export class SettledOtherwise extends ClientError {
  override readonly name = 'SettledOtherwise';
  readonly code = 'settled_otherwise';
  readonly deployment: Deployment;

  constructor(deployment: Deployment, wanted: readonly DeploymentStatus[]) {
    super(
      `Deployment ${deployment.id} is ${deployment.status}, and stays so until somebody changes it; waited for ${wanted.join(' or ')}`,
      false,
    );
    this.deployment = deployment;
  }
}

/** The turn of a deployment did not come in time. */
export class ClaimTimedOut extends ClientError {
  override readonly name = 'ClaimTimedOut';
  readonly code = 'claim_timed_out';
  /** Where the deployment stood last; `undefined` when the service never said. */
  readonly position: QueuePosition | undefined;

  constructor(id: string, timeoutMs: number, position: QueuePosition | undefined) {
    super(
      `It ${timeoutMs > 0 ? `was not the turn of deployment ${id} within ${timeoutMs / 1000} s` : `is not the turn of deployment ${id} yet`}`,
      true,
    );
    this.position = position;
  }
}

/** A lease holds no longer: what was started under it must stop, since somebody else may be deploying by now. */
export class LeaseLost extends ClientError {
  override readonly name = 'LeaseLost';
  readonly code = 'lease_lost';

  /** @param why that it is so; what the cause says, unless it is given */
  constructor(id: string, why?: string, cause?: unknown) {
    const said = why ?? (cause instanceof Error ? cause.message : 'nobody said why');
    super(`The lease of deployment ${id} is lost: ${said}`, false, { cause });
  }
}
