import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ApplicationError } from '../../domain/errors.js';
import { unavailable } from '../unavailable.js';
import type { Row, Value } from './database.js';
import { asApplicationError } from './failure.js';

/** A query that may take long, and how much of its result is wanted. */
export interface Query {
  readonly sql: string;
  readonly values: readonly Value[];
  /** No more rows are read once they take so many bytes, by `bytes` among their columns. */
  readonly maxBytes: number;
}

/** What a worker answers. */
export type QueryResult = { readonly rows: readonly Row[] } | { readonly failure: Failure };

/** An error of SQLite's, as far as it can be sent from one thread to another. */
interface Failure {
  readonly message: string;
  readonly code: string | undefined;
  readonly errcode: number | undefined;
}

/** Runs queries on threads of their own, which hold up nobody but each other. */
export interface ReaderPool {
  /**
   * @param tenant whose query it is; each has a fair share of the threads
   * @throws ApplicationError `unavailable` when too many of the tenant's queries wait already
   */
  query(tenant: string, query: Query): Promise<readonly Row[]>;
  /** Lets the queries that run end, and refuses those that wait. */
  close(): Promise<void>;
}

/** How many queries of a tenant may wait. */
const maxWaiting = 100;
/** Two at least, so that a tenant whose queries take long leaves one to the others. */
const size = Math.max(2, availableParallelism());

interface Job {
  readonly query: Query;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Threads that read a SQLite file, each by a connection of its own: in WAL mode readers do not wait for the
 * writer, nor it for them (https://sqlite.org/wal.html#concurrency). They are started when they are first
 * needed.
 *
 * Tenants take turns, and none has all the threads.
 *
 * @param path of the file
 */
export function createReaderPool(path: string): ReaderPool {
  const idle: Worker[] = [];
  const busy = new Map<Worker, { readonly tenant: string; readonly job: Job }>();
  /** By tenant, in the order of their turns. */
  const waiting = new Map<string, Job[]>();
  let closed = false;

  const runningOf = (tenant: string): number =>
    [...busy.values()].filter((running) => running.tenant === tenant).length;

  function start(): Worker {
    const worker = new Worker(new URL('./reader-worker.js', import.meta.url), { workerData: path });
    worker.unref();
    worker.on('message', (result: QueryResult) => {
      const job = release(worker);
      idle.push(worker);
      if ('rows' in result) job?.resolve(result.rows);
      else job?.reject(toError(result.failure));
      serve();
    });
    const drop = (error: unknown): void => {
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
      release(worker)?.reject(unavailable(error));
      serve();
    };
    worker.on('error', drop).on('exit', () => {
      drop(new Error('A reader of the store has ended'));
    });
    return worker;
  }

  function release(worker: Worker): Job | undefined {
    const running = busy.get(worker);
    busy.delete(worker);
    if (!closed) worker.unref();
    return running?.job;
  }

  /** Gives free threads to those whose turn it is. */
  function serve(): void {
    for (const [tenant, jobs] of waiting) {
      if (busy.size >= size) return;
      if (runningOf(tenant) >= size - 1) continue;
      const job = jobs.shift();
      waiting.delete(tenant);
      // Whoever has more to do comes again after all others.
      if (jobs.length > 0) waiting.set(tenant, jobs);
      if (job === undefined) continue;
      const worker = idle.pop() ?? start();
      busy.set(worker, { tenant, job });
      worker.ref();
      worker.postMessage(job.query);
    }
  }

  return {
    query: (tenant, query) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(closing());
          return;
        }
        const jobs = waiting.get(tenant) ?? [];
        if (jobs.length >= maxWaiting) {
          reject(tooMany());
          return;
        }
        jobs.push({ query, resolve, reject });
        waiting.set(tenant, jobs);
        serve();
      }),

    async close() {
      closed = true;
      for (const { reject } of [...waiting.values()].flat()) reject(closing());
      waiting.clear();
      const ends = [...idle, ...busy.keys()].map(
        (worker) => new Promise((resolve) => worker.once('exit', resolve)),
      );
      // Whoever is busy reads this once its query has ended.
      for (const worker of [...idle, ...busy.keys()]) {
        worker.ref();
        worker.postMessage('close');
      }
      await Promise.all(ends);
    },
  };
}

function closing(): ApplicationError {
  return unavailable(new Error('the store is closing'));
}

function tooMany(): ApplicationError {
  const message = `More than ${maxWaiting} searches of the organisation wait already; try again in 1 second`;
  return new ApplicationError('unavailable', message, { retryAfter: 1 });
}

function toError({ message, ...codes }: Failure): unknown {
  return asApplicationError(Object.assign(new Error(message), codes));
}
