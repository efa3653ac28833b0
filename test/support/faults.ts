import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** One way for a server to misbehave. Every kind may wait `delayMs` before it happens. */
export type Fault = { readonly delayMs?: number } & (
  | { readonly kind: 'slow' }
  | { readonly kind: 'held'; readonly until: Promise<unknown> }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly kind: 'truncated'; readonly contentType: string; readonly body: string }
  | { readonly kind: 'huge'; readonly bytes: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
);

/** Answers as usual, but only after `delayMs`. */
export const slow = (delayMs: number): Fault => ({ kind: 'slow', delayMs });

/** Answers as usual, but only once something else is over. */
export const held = (until: Promise<unknown>): Fault => ({ kind: 'held', until });

/** Accepts the request and never answers. */
export const hang = (): Fault => ({ kind: 'hang' });

/** Cuts the connection with a TCP reset after the request has arrived. */
export const reset = (): Fault => ({ kind: 'reset' });

/** An error page of a proxy in front: HTML with a 5xx status. */
export const serverError = (status: 500 | 502 | 503 | 504 = 500): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<html><body><h1>${status}</h1></body></html>`,
});

/** 200 and `application/json`, but the body is not JSON. */
export const notJson = (): Fault => ({
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: '<!doctype html><title>Sign in to continue</title>',
});

/** 200 with well-formed JSON of the caller's choosing: the wrong shape. */
export const json = (value: unknown): Fault => ({
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});

/** Announces the whole body, sends half of it and cuts the connection. */
export const truncated = (
  body = '{"keys":[{"kty":"RSA","kid":"half of a key","n":"0vx7agoebGcQSuuPiLJXZptN"}]}',
): Fault => ({
  kind: 'truncated',
  contentType: 'application/json; charset=utf-8',
  body,
});

/** Redirects elsewhere, as a moved API or a captive portal does. */
export const redirect = (location: string, status: 301 | 302 | 307 | 308 = 301): Fault => ({
  kind: 'answer',
  status,
  headers: { location, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ message: 'Moved Permanently', url: location }),
});

/** 200 with one JSON object of `bytes` bytes, sent as fast as the reader takes it. */
export const huge = (bytes: number): Fault => ({ kind: 'huge', bytes });

/** Faults waiting to happen, in the order in which they were set. */
export interface FaultPlan {
  /** Sets a fault for the next `times` requests that `matches`; without `times`, until {@link clear}. */
  set(fault: Fault, options?: { times?: number; matches?: (path: string) => boolean }): void;
  /** Forgets every fault that has not happened yet. */
  clear(): void;
  /** The fault this request runs into, if any; counts it as used. */
  take(path: string): Fault | undefined;
}

/** A plan without faults. The one set first and not used up wins. */
export function planFaults(): FaultPlan {
  let planned: { fault: Fault; left: number; matches: (path: string) => boolean }[] = [];
  return {
    set(fault, { times = Infinity, matches = () => true } = {}) {
      planned.push({ fault, left: times, matches });
    },
    clear() {
      planned = [];
    },
    take(path) {
      const next = planned.find((entry) => entry.left > 0 && entry.matches(path));
      if (next) next.left -= 1;
      return next?.fault;
    },
  };
}

/**
 * Plays a fault on a request.
 *
 * @returns `true` when the request has been dealt with, `false` when it is still to be answered as usual.
 */
export async function playFault(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (fault.delayMs !== undefined) await sleep(fault.delayMs);
  switch (fault.kind) {
    case 'slow':
      return false;
    case 'held':
      await fault.until;
      return false;
    case 'hang':
      return true;
    case 'reset':
      request.socket.resetAndDestroy();
      return true;
    case 'answer':
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return true;
    case 'truncated':
      await sendHalf(fault.contentType, fault.body, request, response);
      return true;
    case 'huge':
      await sendHuge(fault.bytes, response);
      return true;
  }
}

async function sendHalf(
  contentType: string,
  body: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  });
  const half = body.slice(0, body.length / 2);
  await new Promise<void>((resolve) =>
    response.write(half, () => {
      resolve();
    }),
  );
  request.socket.destroy();
}

async function sendHuge(bytes: number, response: ServerResponse): Promise<void> {
  const [head, tail] = ['{"keys":[],"padding":"', '"}'];
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.write(head);
  const block = 'a'.repeat(64 * 1024);
  for (let left = bytes - head.length - tail.length; left > 0; left -= block.length) {
    // The reader may have given up: then there is nobody left to wait for.
    if (response.destroyed) return;
    if (!response.write(block.slice(0, left))) await drained(response);
  }
  response.end(tail);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}
