import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { HttpError, toProblem } from './problem.js';
import type { ProblemCode, ProblemResponse } from './problem.js';

/**
 * Problem details where there is no app yet: of no path, or the same on every path. The connection ends
 * with them.
 *
 * @param headers beside those that every problem has
 */
export function bareProblem(
  code: ProblemCode,
  detail: string,
  headers: Record<string, string> = {},
): ProblemResponse {
  const all = { ...headers, 'Content-Type': 'application/problem+json', Connection: 'close' };
  return toProblem(new HttpError(code, detail, { headers: all }), '/');
}

/**
 * Sends a problem as the response to a request that Node has read.
 *
 * @returns its status, and the request's id: the one that it has, or a new one
 */
export function sendBareProblem(
  res: ServerResponse,
  { status, headers, body }: ProblemResponse,
): { status: number; requestId: string } {
  const present = res.getHeader('X-Request-Id');
  const requestId = typeof present === 'string' ? present : randomUUID();
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'X-Request-Id': requestId,
    ...headers,
    'Content-Length': Buffer.byteLength(text),
  });
  res.end(text);
  return { status, requestId };
}

/** A problem as it goes over the wire, where Node has made no response of its own. */
export function writeBareProblem(
  { status, headers, body }: ProblemResponse,
  requestId: string,
): string {
  const text = JSON.stringify(body);
  const fields = { ...headers, 'X-Request-Id': requestId, 'Content-Length': String(text.length) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${body.title}`, ...lines, '', text].join('\r\n');
}
