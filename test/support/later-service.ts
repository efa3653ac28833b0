import { request as forward } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from './loopback-server.js';

/** Values that the contract does not list, as a later minor version of it might. */
export const laterValues = {
  status: 'paused',
  provider: 'oracle',
  type: 'lambda',
  trigger: 'calendar',
  cause: 'freeze',
  problem: 'urn:problem-type:deployment-queue:frozen',
} as const;

/** A service of a later minor version, as its clients see it. */
export interface LaterService {
  readonly url: string;
  /** Whether responses hold what the contract does not have; `true` at first. */
  later: boolean;
  stop(): Promise<void>;
}

/**
 * Stands before a service and gives each object of its responses a field, and each enumeration a value,
 * that the contract does not have.
 */
export async function startLaterService(target: string): Promise<LaterService> {
  const server = await listenOnLoopback(async (request, response) => {
    const answer = await handOn(target, request);
    const body = await text(answer);
    const { 'content-type': type = '', etag = '' } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, { 'Content-Type': type, ETag: etag });
    response.end(running.later && body !== '' ? JSON.stringify(grown(JSON.parse(body))) : body);
  });
  const running: LaterService = { url: server.url, later: true, stop: () => server.stop() };
  return running;
}

function handOn(target: string, request: IncomingMessage): Promise<IncomingMessage> {
  const { method, url = '', headers } = request;
  return new Promise((resolve, reject) => {
    const outgoing = forward(new URL(url, target), { method, headers }, resolve);
    outgoing.once('error', reject);
    request.pipe(outgoing);
  });
}

function grown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(grown);
  if (typeof value !== 'object' || value === null) return value;
  const { status, provider, type, trigger, cause, problem } = laterValues;
  const later = { later: { since: '0.9.0' } };
  if ('detail' in value) return { ...value, ...later, type: problem };
  if ('cause' in value) return { ...value, ...later, cause, to_status: status };
  return { ...value, ...later, status, provider, type, trigger };
}
