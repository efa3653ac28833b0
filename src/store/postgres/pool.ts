import { reasonOf } from '../../platform/logging.js';
import type { Deadline } from '../deadline.js';
import { DeadlinePassed } from '../deadline.js';
import type { PoolWait, StoreLog, StoreObserver } from '../observer.js';
import { unavailable } from '../unavailable.js';
import type { Driver, LentConnection, Link } from './driver.js';
import { linkOf } from './driver.js';
import { asServerError, classify } from './failure.js';
import type { PostgresOptions } from './options.js';
import { PreparedStatements } from './prepared.js';

/** Connections that are lent to one operation at a time. */
export interface Pool {
  /**
   * Lends a connection for as long as it is used. One that failed in a way that says nothing of its state is closed,
   * and so is one whose user has run out of time, or says so.
   *
   * @throws ApplicationError `unavailable` when none comes free within the wait, or too many wait already; and what
   *   keeps one from being opened
   */
  use<T>(
    deadline: Deadline,
    action: (link: Link, giveUp: (reason: unknown) => void) => Promise<T>,
  ): Promise<T>;
  /** Waits for those that are lent, no longer than `timeoutMs`, and closes them all. */
  close(timeoutMs: number): Promise<void>;
}

/** Opens a pool, which connects when it is first used. */
export function createPool(
  driver: Driver,
  { poolSize: size, poolQueue, poolWaitMs }: PostgresOptions,
  log: StoreLog,
  observer: StoreObserver,
): Pool {
  const connections = driver.createPool(size);
  const prepared = new PreparedStatements();
  let open = 0;
  connections.on('connect', (client) => {
    open += 1;
    // A lent connection that breaks tells whoever uses it.
    client.on('error', () => undefined);
    void prepared.examine(client).catch(() => undefined);
  });
  connections.on('remove', () => (open -= 1));
  connections.on('error', (error) => {
    log.warn({ reason: reasonOf(error) }, 'postgres connection lost while it was idle');
  });
  observer.poolOpened(() => ({
    size,
    idle: connections.idleCount,
    lent: open - connections.idleCount,
    opening: connections.totalCount - open,
    waiting: connections.waitingCount,
  }));

  async function acquire(deadline: Deadline): Promise<LentConnection> {
    if (connections.ending) throw unavailable(new Error('the store is closing'));
    if (connections.waitingCount >= poolQueue) {
      const cause = new Error(`${connections.waitingCount} wait for a connection`);
      throw unavailable(cause, 'The store is busy');
    }
    const isIdle = connections.idleCount > 0;
    const started = performance.now();
    const waited = (end: PoolWait): void => {
      observer.poolWaited(isIdle ? 0 : (performance.now() - started) / 1000, end);
    };
    const connecting = connections.connect();
    try {
      const client = await deadline.within(connecting);
      waited('served');
      return client;
    } catch (error) {
      if (error instanceof DeadlinePassed) {
        void connecting.then(
          (client) => {
            client.release();
          },
          () => undefined,
        );
      }
      const isLate = error instanceof DeadlinePassed || isTimeout(error);
      waited(isLate ? 'timeout' : 'login');
      if (isLate) {
        throw unavailable(new Error(`no connection within ${poolWaitMs} ms`, { cause: error }));
      }
      log.warn({ reason: reasonOf(error) }, 'postgres connection failed');
      throw asServerError(error);
    }
  }

  return {
    async use(deadline, action) {
      const client = await acquire(deadline);
      let reason: unknown;
      try {
        const link = linkOf(client, (statement) => prepared.nameOn(client, statement));
        return await action(link, (error) => (reason = error));
      } catch (error) {
        if (['lost', 'outdated'].includes(classify(error))) reason = error;
        throw error;
      } finally {
        if (reason !== undefined) {
          log.warn({ reason: reasonOf(reason) }, 'postgres connection given up');
        }
        client.release(reason !== undefined);
      }
    },

    async close(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
      await Promise.race([connections.end(), late]).finally(() => {
        clearTimeout(timer);
      });
    },
  };
}

/** What the pool says when nothing came in time. */
function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout|timeout expired)$/.test(
      error.message,
    )
  );
}
