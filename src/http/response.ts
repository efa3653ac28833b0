import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { ContractOperation } from '../contract/contract.js';
import { hasTag } from '../operations/entity-tag.js';
import type { EventStream } from '../operations/operation.js';
import { revalidated, varyOf } from './caching.js';
import { withPrefix } from './forwarded-prefix.js';
import { rawSecurityHeaders } from './security-headers.js';
import type { AnyResponse } from './handlers.js';
import type { HeldMemory } from './memory.js';
import type { Validation } from './validation.js';

const json = 'application/json';

/** Responses up to this size are not counted: the system takes them, read or not. */
const smallBytes = 16 * 1024;

/**
 * Writes the responses of operations, once they have been checked.
 *
 * A store hands out a deployment that has not changed as the same frozen object. Its JSON is made, and
 * checked, the first time; after that the same text is sent again. What can change, or is not a
 * deployment, is checked and written every time.
 *
 * @param memory where room is made for responses that are not read at once
 */
export function createResponseWriter(
  validation: Validation,
  memory: HeldMemory,
): (res: Response, operation: ContractOperation, response: AnyResponse) => void {
  const checked = new WeakMap<object, string>();

  function textOf(operation: ContractOperation, status: number, body: unknown): string {
    if (operation.responseBody === 'deployment' && isObject(body)) {
      const known = checked.get(body);
      if (known !== undefined) return known;
    }
    if (operation.responseBody === 'deployments' && Array.isArray(body)) {
      return textOfMany(operation, status, body);
    }
    validation.response(operation, status, json, body);
    return operation.responseBody === 'deployment' ? write(body) : JSON.stringify(body);
  }

  function textOfMany(
    operation: ContractOperation,
    status: number,
    body: readonly unknown[],
  ): string {
    const known = body.map((item) => (isObject(item) ? checked.get(item) : undefined));
    const fresh = body.filter((_item, index) => known[index] === undefined);
    try {
      if (fresh.length > 0) validation.response(operation, status, json, fresh);
    } catch {
      // Once more in its place among the others, so that the fault is named by it.
      validation.response(operation, status, json, body);
    }
    const texts = body.map((item, index) => known[index] ?? write(item));
    return `[${texts.join(',')}]`;
  }

  function holdResponse(res: Response, bytes: number): void {
    const organisation = res.locals.caller?.organisation ?? '';
    // What was changed has to be said; a read can be asked for again.
    const isRead = res.req.method === 'GET';
    memory[isRead ? 'hold' : 'holdAnyway'](res, organisation, bytes);
  }

  /** The JSON of a deployment that has been checked, remembered where it cannot change. */
  function write(deployment: unknown): string {
    const text = JSON.stringify(deployment);
    if (isObject(deployment) && Object.isFrozen(deployment)) checked.set(deployment, text);
    return text;
  }

  return (res, operation, { status, headers, body, stream }) => {
    if (stream !== undefined) {
      sendStream(res, status, headers, stream);
      return;
    }
    if (body === undefined) {
      res.writeHead(status, rawHeaders(res, headers));
      res.end();
      return;
    }
    const text = textOf(operation, status, body);
    if (isKnown(res, headers)) {
      res.writeHead(304, rawHeaders(res, headers));
      res.end();
      return;
    }
    const raw = rawHeaders(res, headers);
    raw.push('Content-Type', `${json}; charset=utf-8`);
    const bytes = Buffer.byteLength(text);
    raw.push('Content-Length', String(bytes));
    if (bytes > smallBytes) holdResponse(res, bytes);
    res.writeHead(status, raw);
    res.end(text);
    // All of it is with the system, which gives a connection so much room and no more.
    if (bytes > smallBytes && res.writableLength === 0) memory.release(res);
  };
}

/**
 * Whether the caller has what would be sent (RFC 9110, section 13.1.2). Express would not say so for a tag
 * that a proxy has changed, nor beside `Cache-Control: no-cache`, which every `fetch` adds to `If-None-Match`
 * (Fetch Standard, "HTTP-network-or-cache fetch"): that directive wants the origin asked (RFC 9111, section
 * 5.2.1.4), and this is the origin.
 */
function isKnown({ req }: Response, headers: AnyResponse['headers']): boolean {
  const known = req.headers['if-none-match'];
  if (known === undefined || req.method !== 'GET') return false;
  const tag = headers['ETag'];
  return tag !== undefined && hasTag(known, tag);
}

/** What every response carries and its own headers, name and value by turns. */
function rawHeaders(
  res: Response,
  headers: AnyResponse['headers'],
  cacheControl = revalidated,
): string[] {
  const raw = [...rawSecurityHeaders, 'X-Request-Id', res.locals.requestId];
  raw.push('Cache-Control', cacheControl, 'Vary', varyOf(res));
  const { prefix } = res.locals;
  for (const name in headers) {
    const value = headers[name] ?? '';
    raw.push(name, prefix === undefined ? value : withPrefix(name, value, prefix));
  }
  return raw;
}

/**
 * Sends events for as long as there are some, the caller stays, and the service runs on: a server that
 * stops says so to each of its responses (`src/http/server.ts`), and waits for those that end by themselves.
 */
function sendStream(
  res: Response,
  status: number,
  headers: AnyResponse['headers'],
  stream: EventStream,
): void {
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  res.once('close', end).once('stopping', end);
  const raw = rawHeaders(res, headers, 'private, no-store');
  raw.push('Content-Type', 'text/event-stream');
  // A proxy that gathers what it passes on would hold events back.
  raw.push('X-Accel-Buffering', 'no');
  res.writeHead(status, raw);
  if (res.locals.isHead) {
    res.end();
    return;
  }
  res.flushHeaders();
  pipeline(stream(ending.signal), res).catch((error: unknown) => {
    // Whoever reads has left, or sees that the connection breaks off; it can come back.
    if (!ending.signal.aborted) res.locals.log.error({ err: error }, 'stream failed');
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
