import { ApplicationError } from '../domain/errors.js';
import type { ErrorCode, ErrorDetails, Violation } from '../domain/errors.js';

/** Every kind of problem that this API responds with; the contract lists the same. */
export type ProblemCode =
  | ErrorCode
  | 'malformed-request'
  | 'route-not-found'
  | 'method-not-allowed'
  | 'content-too-large'
  | 'unsupported-media-type'
  | 'request-timeout'
  | 'expectation-failed'
  | 'headers-too-large'
  | 'overloaded'
  | 'internal';

/** HTTP status and title (the status in words, RFC 9110) of each kind. */
const statuses: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  'malformed-request': [400, 'Bad Request'],
  'nothing-to-update': [400, 'Bad Request'],
  'organisation-required': [400, 'Bad Request'],
  unauthenticated: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  'route-not-found': [404, 'Not Found'],
  'deployment-not-found': [404, 'Not Found'],
  'policy-not-found': [404, 'Not Found'],
  'lock-not-found': [404, 'Not Found'],
  'freeze-not-found': [404, 'Not Found'],
  'calendar-not-found': [404, 'Not Found'],
  'rollback-source-not-found': [404, 'Not Found'],
  'method-not-allowed': [405, 'Method Not Allowed'],
  'transition-not-allowed': [409, 'Conflict'],
  'rollback-not-allowed': [409, 'Conflict'],
  'rollback-pending': [409, 'Conflict'],
  'cancel-count-differs': [409, 'Conflict'],
  'claim-not-allowed': [409, 'Conflict'],
  'claim-superseded': [409, 'Conflict'],
  'lease-held': [409, 'Conflict'],
  'lease-lost': [409, 'Conflict'],
  'lease-required': [409, 'Conflict'],
  'quota-exceeded': [409, 'Conflict'],
  'policies-full': [409, 'Conflict'],
  'gate-closed': [409, 'Conflict'],
  'gates-full': [409, 'Conflict'],
  'approval-not-allowed': [409, 'Conflict'],
  'request-timeout': [408, 'Request Timeout'],
  'precondition-failed': [412, 'Precondition Failed'],
  'content-too-large': [413, 'Content Too Large'],
  'unsupported-media-type': [415, 'Unsupported Media Type'],
  'expectation-failed': [417, 'Expectation Failed'],
  'contract-violation': [422, 'Unprocessable Content'],
  'idempotency-key-reused': [422, 'Unprocessable Content'],
  'rate-limited': [429, 'Too Many Requests'],
  'headers-too-large': [431, 'Request Header Fields Too Large'],
  internal: [500, 'Internal Server Error'],
  overloaded: [503, 'Service Unavailable'],
  unavailable: [503, 'Service Unavailable'],
};

/** An error of the HTTP layer, with the headers of its response. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    { headers = {}, cause }: { headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.headers = headers;
  }
}

/** A path that the contract does not have. */
export function routeNotFound(path: string): HttpError {
  return new HttpError('route-not-found', `There is nothing at ${path}`);
}

/** Problem details (RFC 9457) with the status and headers of their response. */
export interface ProblemResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    readonly detail: string;
    readonly instance: string;
    readonly errors?: readonly Violation[];
    readonly access?: ErrorDetails['access'];
    readonly blocked_by?: ErrorDetails['blockedBy'];
  };
}

/**
 * The response to an error. Of an unexpected one the caller learns only that it happened.
 *
 * @param instance the path of the request
 */
export function toProblem(error: unknown, instance: string): ProblemResponse {
  if (error instanceof ApplicationError) {
    return respond(error.code, error.message, instance, headersOf(error), error.details);
  }
  if (error instanceof HttpError) {
    return respond(error.code, error.message, instance, error.headers);
  }
  const detail = 'The service failed to answer; the fault is logged under the X-Request-Id';
  return respond('internal', detail, instance, {});
}

function respond(
  code: ProblemCode,
  detail: string,
  instance: string,
  headers: Readonly<Record<string, string>>,
  { violations: errors, access, blockedBy }: ErrorDetails = {},
): ProblemResponse {
  const [status, title] = statuses[code];
  const type = `urn:problem-type:deployment-queue:${code}`;
  const body = {
    type,
    title,
    status,
    detail,
    instance,
    ...(errors && { errors }),
    ...(access && { access }),
    ...(blockedBy && { blocked_by: blockedBy }),
  };
  return { status, headers, body };
}

function headersOf({ code, details }: ApplicationError): Record<string, string> {
  return {
    ...(code === 'unauthenticated' && { 'WWW-Authenticate': 'Bearer' }),
    ...(details.etag !== undefined && { ETag: details.etag }),
    ...((code === 'unavailable' || code === 'rate-limited') && {
      'Retry-After': String(details.retryAfter ?? 5),
    }),
  };
}
