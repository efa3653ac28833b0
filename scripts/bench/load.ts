import autocannon from 'autocannon';
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { RawConnection } from './raw-connection.js';
import type { BenchRequest } from './workloads.js';

/** What a load made of a server. */
export interface Measured {
  /** Good answers alone: one that refuses is quick and worth nothing. */
  readonly requestsPerSecond: number;
  /** Microseconds from when a request was due to the end of its good answer. */
  readonly latency: Histogram;
  readonly others: Others;
}

/** How many answers were not good ones, by status; `none` counts requests without an answer. */
export type Others = Readonly<Record<string, number>>;

/** Where and how to send. */
export interface Target {
  readonly url: string;
  /** Headers of the next request. */
  readonly headers: () => Record<string, string>;
  /** The statuses of a good answer; any other is counted apart. */
  readonly status: readonly number[];
}

const newHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, numberOfSignificantValueDigits: 3 });
const json = { 'content-type': 'application/json' };

/**
 * Closed loop: each connection sends its next request when it has its answer.
 *
 * @param length a number of requests, or of seconds
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
  let good = 0;
  const others: Record<string, number> = {};
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
      (error: unknown, result) => {
        if (error instanceof Error) reject(error);
        if (result.errors > 0) others['none'] = result.errors;
        resolve();
      },
    );
    run.on('response', (_client, status, _bytes, milliseconds) => {
      ended = performance.now();
      if (target.status.includes(status)) {
        good += 1;
        latency.recordValue(Math.max(1, Math.round(milliseconds * 1000)));
      } else {
        others[status] = (others[status] ?? 0) + 1;
      }
    });
  });
  return { requestsPerSecond: (good * 1000) / (ended - started), latency, others };
}

/**
 * Open loop: requests are due at a constant rate, in ticks of about a millisecond, whether or not earlier
 * ones have been answered. Latency counts from when a request was due, so that a stall is not hidden by the
 * requests that it kept from being sent.
 *
 * Between ticks the generator sleeps. One that watches the clock instead never leaves its processor, and
 * the server's threads wait milliseconds for one.
 *
 * @throws Error when a connection breaks
 */
export async function openLoop(
  target: Target,
  perSecond: number,
  seconds: number,
  next: () => BenchRequest,
): Promise<Pick<Measured, 'latency' | 'others'>> {
  const connections = await Promise.all(
    Array.from({ length: 100 }, () => RawConnection.open(target.url)),
  );
  const idle = [...connections];
  const latency = newHistogram();
  const others: Record<string, number> = {};
  const count = Math.floor(perSecond * seconds);
  const started = performance.now();
  const dueAt = (number: number): number => started + (number * 1000) / perSecond;
  let sent = 0;
  let answered = 0;
  let ended = false;

  await new Promise<void>((resolve, reject) => {
    const send = (connection: RawConnection, due: number): void => {
      const { method, path, body = '' } = next();
      const headers = { ...target.headers(), ...(body !== '' && json) };
      connection.send(method, path, headers, body, (status) => {
        if (target.status.includes(status)) {
          latency.recordValue(Math.max(1, Math.round((performance.now() - due) * 1000)));
        } else {
          others[status] = (others[status] ?? 0) + 1;
        }
        answered += 1;
        idle.push(connection);
        if (answered === count) resolve();
      });
    };
    const turn = (): void => {
      while (sent < count && performance.now() >= dueAt(sent)) {
        const connection = idle.pop();
        if (connection === undefined) break;
        send(connection, dueAt(sent));
        sent += 1;
      }
      if (sent < count && !ended) setTimeout(turn, 1);
    };
    for (const connection of connections) connection.onFailure(reject);
    if (count === 0) resolve();
    turn();
  }).finally(() => {
    ended = true;
    for (const connection of connections) connection.close();
  });
  return { latency, others };
}
