import type { Fetch } from '../platform/proxied-fetch.js';
import type { Problem } from './contract.js';
import {
  ConnectionFailed,
  ProblemError,
  retryableStatuses,
  TimedOut,
  UnexpectedResponse,
} from './errors.js';
import { withinTime } from './time.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  /** What it is called in errors. */
  readonly name: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: string | undefined;
}

/** How a request is carried out. */
export interface ExchangeOptions {
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** The statuses that are no problems. */
  readonly success: readonly number[];
  /** What to think of a response that is not expected, after what it was. */
  readonly hint?: string | undefined;
  /** Whether a status that comes without problem details may be another one in a moment. */
  readonly mayPass?: ((status: number) => boolean) | undefined;
  readonly requestId?: string | undefined;
  readonly afterLostResponse?: boolean;
}

/** A response that is no problem. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Headers;
  /** What the JSON says; `undefined` when there is no body. */
  readonly body: unknown;
}

/**
 * Carries out one request, once. A redirect is not followed: the credentials are for this server.
 *
 * @throws ProblemError the service refused
 * @throws ConnectionFailed, TimedOut no response
 * @throws UnexpectedResponse a response that is not this service's
 */
export async function exchange(
  request: WireRequest,
  options: ExchangeOptions,
): Promise<WireResponse> {
  const { response, text } = await withinTime(
    options.timeoutMs,
    () => lateError(request, options),
    options.signal,
    async (signal) => {
      const response = await ask(request, options, signal);
      return { response, text: await connected(request, options, () => response.text()) };
    },
  );
  const { status, headers } = response;
  const body = bodyOf(headers, text);
  if (options.success.includes(status)) {
    if (status === 204 || status === 304) return { status, headers, body: undefined };
    if (body !== undefined) return { status, headers, body };
  }
  throw refusal(request, options, response, body);
}

/**
 * Sends a request, and resolves once the headers of its response are there.
 *
 * @throws ConnectionFailed
 */
export function ask(
  request: WireRequest,
  options: ExchangeOptions,
  signal: AbortSignal,
): Promise<Response> {
  const { url, method, headers, body } = request;
  // A browser's own does nothing as a method of something else.
  const { fetch } = options;
  return connected(request, options, () =>
    fetch(url, {
      method,
      headers,
      signal,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    }),
  );
}

/** There was no response in time. */
export function lateError(
  { name, url }: WireRequest,
  { timeoutMs, requestId }: ExchangeOptions,
): TimedOut {
  return new TimedOut(`${name}: no response from ${url.origin} within ${timeoutMs} ms`, true, {
    requestId,
  });
}

/** The media type of a response, without parameters. */
export function mediaType(headers: Headers): string | undefined {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
}

/** What the JSON of a response says; `undefined` where there is none. */
export function bodyOf(headers: Headers, text: string): unknown {
  const type = mediaType(headers);
  const json = type === 'application/json' || type === 'application/problem+json';
  return json ? parse(text) : undefined;
}

/** What a response means that is not what was asked for. */
export function refusal(
  { name, url }: WireRequest,
  { requestId, afterLostResponse, hint, mayPass }: ExchangeOptions,
  { status, headers }: Response,
  body: unknown,
): ProblemError | UnexpectedResponse {
  const retryAfter = secondsOf(headers.get('retry-after'));
  if (isProblem(body)) {
    return new ProblemError(body, {
      retryAfter,
      etag: headers.get('etag') ?? undefined,
      requestId: headers.get('x-request-id') ?? requestId,
      afterLostResponse: afterLostResponse ?? false,
    });
  }
  return new UnexpectedResponse(
    `${name}: ${url.origin} ${unexpected(status, headers, mediaType(headers))}${hint ?? ''}`,
    (mayPass ?? isPassing)(status),
    status,
    retryAfter,
    { requestId },
  );
}

/** A fault of the service has problem details; a 500 without is that of a proxy in between. */
function isPassing(status: number): boolean {
  return status === 500 || retryableStatuses.includes(status);
}

/**
 * Does something over a connection.
 *
 * @throws ConnectionFailed
 */
export async function connected<T>(
  { name, url }: WireRequest,
  { requestId }: ExchangeOptions,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason = reasonOf(error);
    // A certificate that is refused now will be refused again, and so is a proxy's user or this host.
    const retryable = !/CERT|ISSUER|SIGNATURE|Proxy response \(4/.test(reason);
    throw new ConnectionFailed(
      `${name}: the connection to ${url.origin} failed: ${reason}`,
      retryable,
      { requestId, cause: error },
    );
  }
}

/** What lies behind the "fetch failed" of Node's fetch: a code such as ECONNREFUSED, or a sentence. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'for a reason that is not an Error';
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // What a proxy has against it stands in the message.
  return code === undefined || code === 'UND_ERR_ABORTED' ? error.message : code;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether it has what the contract requires of problem details. */
function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const fields = new Map<string, unknown>(Object.entries(body));
  return (
    typeof fields.get('status') === 'number' &&
    ['type', 'title', 'detail', 'instance'].every((name) => typeof fields.get(name) === 'string')
  );
}

/** The seconds that `Retry-After` asks for: a number, or a date (RFC 9110, section 10.2.3). */
function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function unexpected(status: number, headers: Headers, type: string | undefined): string {
  const location = headers.get('location');
  // A fetch other than Node's may hide what a redirect says, and give it the status 0.
  if (status === 0 || (status >= 300 && status < 400 && location !== null)) {
    return `redirects${target(location)}; redirects are not followed with credentials`;
  }
  return `answered ${status} with ${type === undefined || type === '' ? 'no media type' : type}`;
}

function target(location: string | null): string {
  if (location === null || !URL.canParse(location)) return '';
  return ` to ${new URL(location).origin}`;
}
