import { setTimeout as sleep } from 'node:timers/promises';

/** The transactions of one connection. */
export interface TransactionControl {
  /** Takes the write lock; `false` when another process has it and it is not the last try. */
  begin(lastTry: boolean): boolean;
  /** Runs a statement that has no parameters. */
  exec(sql: string): void;
  /** Whether a transaction is open: an error such as a full disk ends it by itself. */
  isOpen(): boolean;
}

/** Work that waits for the next transaction. */
interface Job {
  /** Does the work, keeps its result, and returns what it threw. */
  run(): { readonly error: unknown } | undefined;
  /** Hands the result to whoever waits. */
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Commits together what is asked for together.
 *
 * A durable commit waits for the disk, whether it holds one change or fifty. So work is gathered until
 * the event loop has taken in all that had arrived, and then runs in one transaction, each piece inside
 * a savepoint of its own: one that throws leaves no trace, and the others do not notice. Nobody is
 * answered before the commit.
 *
 * From BEGIN to COMMIT nothing is awaited: this process has one connection, and what one piece of work
 * reads must not change before it writes.
 *
 * @param timeoutMs how long to wait for another process
 * @returns runs work in a transaction
 */
export function createGroupCommit(
  control: TransactionControl,
  timeoutMs: number,
): <T>(work: () => T) => Promise<T> {
  let waiting: Job[] = [];

  const takeWaiting = (): Job[] => {
    const jobs = waiting;
    waiting = [];
    return jobs;
  };

  async function commitWaiting(): Promise<void> {
    let jobs: Job[] = [];
    try {
      const deadline = performance.now() + timeoutMs;
      while (!control.begin(performance.now() > deadline)) await sleep(1 + Math.random() * 20);
      // Those who came while another process had the lock go along.
      jobs = takeWaiting();
      const done = runAll(control, jobs);
      control.exec('COMMIT');
      for (const job of done) job.resolve();
    } catch (error) {
      if (control.isOpen()) control.exec('ROLLBACK');
      for (const job of [...jobs, ...takeWaiting()]) job.reject(error);
    }
  }

  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push(jobOf(work, resolve, reject));
      if (waiting.length === 1) setImmediate(() => void commitWaiting());
    });
}

/**
 * Runs each piece of work, and rejects those that throw.
 *
 * @returns the others
 * @throws what was thrown, when it ended the whole transaction
 */
function runAll(control: TransactionControl, jobs: readonly Job[]): Job[] {
  return jobs.filter((job) => {
    control.exec('SAVEPOINT job');
    const failure = job.run();
    if (failure !== undefined) {
      if (!control.isOpen()) throw failure.error;
      control.exec('ROLLBACK TO job');
      job.reject(failure.error);
    }
    control.exec('RELEASE job');
    return failure === undefined;
  });
}

function jobOf<T>(
  work: () => T,
  resolve: (result: T) => void,
  reject: (error: unknown) => void,
): Job {
  let result: { readonly value: T } | undefined;
  return {
    run() {
      try {
        result = { value: work() };
        return undefined;
      } catch (error) {
        return { error };
      }
    },
    resolve() {
      if (result !== undefined) resolve(result.value);
    },
    reject,
  };
}
