import { Agent, request as send } from 'node:http';
import autocannon from 'autocannon';
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import type { BenchRequest } from './workloads.js';

/** What a load made of a server. */
export interface Measured {
  readonly requestsPerSecond: number;
  /** Microseconds from when a request was due to the end of its answer. */
  readonly latency: Histogram;
}

/** Where and how to send. */
export interface Target {
  readonly url: string;
  /** Headers of the next request. */
  readonly headers: () => Record<string, string>;
  /** The statuses of a good answer; any other spoils the measurement. */
  readonly status: readonly number[];
}

const newHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, numberOfSignificantValueDigits: 3 });
const json = { 'content-type': 'application/json' };

/**
 * Closed loop: each connection sends its next request when it has its answer.
 *
 * @param length a number of requests, or of seconds
 * @throws Error when an answer was not a good one
 */
export async function closedLoop(
  target: Target,
  connections: number,
  length: { readonly amount: number } | { readonly seconds: number },
  next: () => BenchRequest,
): Promise<Measured> {
  const latency = newHistogram();
  const started = performance.now();
  let ended = started;
  let answers = 0;
  let bad = 0;
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(
      {
        url: target.url,
        connections,
        ...('amount' in length ? { amount: length.amount } : { duration: length.seconds }),
        requests: [
          {
            setupRequest(request) {
              const { method, path, body } = next();
              const headers = { ...target.headers(), ...(body !== undefined && json) };
              return { ...request, method, path, headers, body: body ?? '' };
            },
          },
        ],
      },
      (error: unknown) => {
        if (error instanceof Error) reject(error);
        else resolve();
      },
    );
    run.on('response', (_client, status, _bytes, milliseconds) => {
      ended = performance.now();
      answers += 1;
      if (!target.status.includes(status)) bad += 1;
      latency.recordValue(Math.max(1, Math.round(milliseconds * 1000)));
    });
  });
  if (bad > 0)
    throw new Error(`${bad} of ${answers} answers were not ${target.status.join(' or ')}`);
  return { requestsPerSecond: (answers * 1000) / (ended - started), latency };
}

/**
 * Open loop: requests are due at a constant rate, whether or not earlier ones have been answered, and
 * latency counts from when a request was due, so that a stall is not hidden by the requests that it
 * kept from being sent.
 */
export async function openLoop(
  target: Target,
  perSecond: number,
  seconds: number,
  next: () => BenchRequest,
): Promise<Histogram> {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const latency = newHistogram();
  const count = Math.floor(perSecond * seconds);
  const started = performance.now();
  const answers: Promise<void>[] = [];
  for (let sent = 0; sent < count;) {
    const due = started + (sent * 1000) / perSecond;
    if (performance.now() < due) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    answers.push(
      sendOne(agent, target, next()).then(() => {
        latency.recordValue(Math.max(1, Math.round((performance.now() - due) * 1000)));
      }),
    );
    sent += 1;
  }
  await Promise.all(answers);
  agent.destroy();
  return latency;
}

function sendOne(
  agent: Agent,
  target: Target,
  { method, path, body }: BenchRequest,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ...target.headers(), ...(body !== undefined && json) };
    const outgoing = send(target.url + path, { agent, method, headers }, (answer) => {
      if (!target.status.includes(answer.statusCode ?? 0)) {
        reject(new Error(`The answer was ${answer.statusCode}`));
      }
      answer.resume().once('end', resolve);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
