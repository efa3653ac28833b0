import type { OperationDescription, OperationInput } from '../../generated/client.js';
import type { Fetch } from '../platform/proxied-fetch.js';
import type { Credentials } from './credentials.js';
import { ClientError, CredentialsUnavailable, ProblemError } from './errors.js';
import { exchange } from './exchange.js';
import type { ExchangeOptions, WireRequest, WireResponse } from './exchange.js';
import { randomId } from './random-id.js';
import { retrying } from './retry.js';
import type { RetryOptions } from './retry.js';

/** What every call may be told. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** For one try, in milliseconds; the client's, unless it is set here. */
  readonly timeoutMs?: number | undefined;
}

/** Where calls go, and how. */
export interface Connection {
  readonly baseUrl: URL;
  readonly credentials: Credentials;
  readonly timeoutMs: number;
  readonly retry: RetryOptions;
  readonly fetch: Fetch;
}

/**
 * Carries a call out: as many tries as it takes, all of them with the same `Idempotency-Key` and
 * `X-Request-Id`, so that however many arrive, one takes effect.
 */
export function send(
  connection: Connection,
  operation: OperationDescription,
  input: OperationInput,
  options: CallOptions = {},
): Promise<WireResponse> {
  return sendBy(exchange, connection, operation, input, options);
}

/** The same, by another way to carry out one request. */
export async function sendBy<Response>(
  carryOut: (request: WireRequest, options: ExchangeOptions) => Promise<Response>,
  connection: Connection,
  operation: OperationDescription,
  input: OperationInput,
  options: CallOptions,
): Promise<Response> {
  const { credentials, retry, fetch } = connection;
  const { signal, timeoutMs = connection.timeoutMs } = options;
  const url = urlOf(connection.baseUrl, operation, input);
  const own = headersOf(operation, options);
  const body = input.body === undefined ? undefined : JSON.stringify(input.body);
  const requestId = own['X-Request-Id'];
  let renewed = false;
  let afterLostResponse = false;

  const attempt = async (): Promise<Response> => {
    const authentication = await credentials.headers(signal);
    const request = {
      name: operation.operationId,
      method: operation.method,
      url,
      headers: merge(own, authentication, body !== undefined),
      body,
    };
    const { success } = operation;
    try {
      return await carryOut(request, {
        fetch,
        timeoutMs,
        signal,
        success,
        hint: '; is the base URL right?',
        requestId,
        afterLostResponse,
      });
    } catch (error) {
      if (isUnauthenticated(error) && credentials.refused !== undefined && !renewed) {
        renewed = true;
        credentials.refused(authentication);
        return attempt();
      }
      afterLostResponse ||= mayHaveTakenEffect(error);
      throw error;
    }
  };
  return retrying(attempt, retry, signal);
}

function urlOf(
  baseUrl: URL,
  { path, operationId }: OperationDescription,
  input: OperationInput,
): URL {
  const filled = path.replaceAll(/\{(.+?)\}/g, (_part, name: string) => {
    const value = input.path[name];
    // An empty part, or one of dots, would make it the path of another operation.
    if (value === undefined || /^\.{0,2}$/.test(value)) {
      throw new TypeError(`${operationId}: ${name} must not be empty`);
    }
    return encodeURIComponent(value);
  });
  const url = new URL(baseUrl);
  url.pathname = url.pathname.replace(/\/$/, '') + filled;
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value === undefined) continue;
    // A list is its name, repeated (OpenAPI's style `form`, exploded).
    for (const one of [value].flat()) url.searchParams.append(name, String(one));
  }
  return url;
}

/** The headers that the call's options name, and those that every call has. */
function headersOf(
  { headers }: OperationDescription,
  options: object,
): Record<string, string | undefined> {
  const given = new Map<string, unknown>(Object.entries(options));
  const sent: Record<string, string | undefined> = {};
  for (const [option, header] of Object.entries(headers)) {
    const value = given.get(option);
    if (typeof value === 'string') sent[header] = value;
    else if (header === 'Idempotency-Key' || header === 'X-Request-Id') sent[header] = randomId();
  }
  return sent;
}

function merge(
  own: Readonly<Record<string, string | undefined>>,
  authentication: Readonly<Record<string, string>>,
  hasBody: boolean,
): Headers {
  const headers = new Headers({ Accept: 'application/json, application/problem+json' });
  if (hasBody) headers.set('Content-Type', 'application/json');
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) headers.set(name, value);
  }
  for (const [name, value] of Object.entries(authentication)) {
    // The error that Headers throws would show the value.
    if (!/^[ -~]*$/.test(value)) {
      throw new CredentialsUnavailable(`The credentials' header ${name} cannot be sent`);
    }
    headers.set(name, value);
  }
  return headers;
}

function isUnauthenticated(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 401;
}

/** Whether a try that failed may have been carried out all the same. */
function mayHaveTakenEffect(error: unknown): boolean {
  if (!(error instanceof ClientError) || !error.retryable) return false;
  return !('status' in error) || error.status !== 429;
}
