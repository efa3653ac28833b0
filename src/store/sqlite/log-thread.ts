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
    // An error ends the thread; whoever waits is told of it by `carry`.
    started.on('error', () => undefined).on('exit', () => (worker = undefined));
    return started;
  }

  function carry(): Promise<void> {
    if (isClosed) return Promise.reject(new Error('The store is closing'));
    const thread = (worker ??= start());
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void => {
        thread.off('message', answered).off('error', done).off('exit', ended);
        if (error === undefined) resolve();
        else reject(error);
      };
      const answered = ({ failure }: CarriedOver): void => {
        done(failure === undefined ? undefined : new Error(failure));
      };
      const ended = (): void => {
        done(new Error('The thread of the write-ahead log has ended'));
      };
      thread.on('message', answered).on('error', done).on('exit', ended);
      thread.postMessage('carry over');
    });
  }

  return {
    carryOver: () => (running ??= carry().finally(() => (running = undefined))),

    async close() {
      isClosed = true;
      if (worker === undefined) return;
      worker.ref();
      const end = once(worker, 'exit');
      // Read once what is under way has ended.
      worker.postMessage('close');
      await end;
    },
  };
}
