import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A thread that carries the write-ahead log of a file over, see `keepLogSmall`. */
export interface LogThread {
  /**
   * Carries over what is in the log, once for all who ask meanwhile.
   *
   * @throws Error when it could not
   */
  readonly carryOver: () => Promise<void>;
  /** Lets go of the file. */
  close(): Promise<void>;
}

/** What the thread answers: why it could not, or nothing. */
export interface CarriedOver {
  readonly failure?: string;
}

/** It needs next to nothing. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/**
 * A thread with a connection of its own, which is started when it is first needed.
 *
 * @param path of a file that is open
 */
export function createLogThread(path: string): LogThread {
  let worker: Worker | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;

  function start(): Worker {
    const script = new URL('./log-worker.js', import.meta.url);
    const started = new Worker(script, { workerData: path, resourceLimits });
    started.unref();
    // An error ends the thread; who waits for it is told.
    started.on('error', () => undefined).on('exit', () => (worker = undefined));
    return started;
  }

  async function carry(): Promise<void> {
    if (isClosed) throw new Error('The store is closing');
    const thread = (worker ??= start());
    thread.postMessage('carry over');
    // Rejects with an error that ends the thread.
    const [{ failure }] = (await once(thread, 'message')) as [CarriedOver];
    if (failure !== undefined) throw new Error(failure);
  }

  return {
    carryOver: () => (running ??= carry().finally(() => (running = undefined))),

    async close() {
      isClosed = true;
      const thread = worker;
      if (thread === undefined) return;
      const end = new Promise((resolve) => thread.once('exit', resolve));
      thread.ref();
      // Read once what is under way has ended.
      thread.postMessage('close');
      await end;
    },
  };
}
