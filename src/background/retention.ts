import { setImmediate as turn } from 'node:timers/promises';
import type { Position } from '../domain/deployments/order.js';
import { removeOld } from '../domain/deployments/retention.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logging.js';
import type { Store } from '../store/store.js';
import type { Task } from './lifecycle.js';

/** Counts what is removed. */
export interface RetentionMetrics {
  deploymentsRemoved(organisation: string, count: number): void;
}

const hourMs = 60 * 60 * 1000;

/** When what is old is looked for, in milliseconds. */
export interface RetentionTimes {
  /** The first time comes within this of the start. */
  readonly firstWithinMs: number;
  readonly everyMs: number;
}

/**
 * Removes deployments that have been over for long: once a day, organisation by organisation, a part at a time,
 * so that requests come in between. Each process does so at a time of its own; two at once do no harm, and one
 * that fails leaves the rest to the next.
 *
 * @param days after how many days without a change
 */
export function createRetention(
  store: Pick<Store, 'for' | 'system'>,
  clock: Pick<Clock, 'now'>,
  days: number,
  metrics: RetentionMetrics,
  log: Pick<Logger, 'info' | 'warn'>,
  { firstWithinMs, everyMs }: RetentionTimes = { firstWithinMs: hourMs, everyMs: 24 * hourMs },
): Task {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let stopped = false;

  async function removeOf(organisation: string, overSince: string): Promise<number> {
    const tenant = store.for(organisation);
    let count = 0;
    let before: Position | undefined;
    do {
      const command = { overSince, before };
      const { removed, next } = await tenant.change('removeOld', () => removeOld(command));
      if (removed > 0) metrics.deploymentsRemoved(organisation, removed);
      count += removed;
      before = next;
      await turn();
    } while (before !== undefined && !stopped);
    return count;
  }

  async function removeAll(): Promise<void> {
    const overSince = new Date(Date.parse(clock.now()) - days * 24 * hourMs).toISOString();
    try {
      for (const organisation of await store.system.organisations()) {
        if (stopped) return;
        const removed = await removeOf(organisation, overSince);
        if (removed > 0) log.info({ organisation, removed, overSince }, 'old deployments removed');
      }
    } catch (error) {
      log.warn({ err: error }, 'old deployments could not be removed');
    }
  }

  function schedule(ms: number): void {
    timer = setTimeout(() => {
      running = running.then(removeAll);
      schedule(everyMs);
    }, ms).unref();
  }

  return {
    start() {
      schedule(firstWithinMs * Math.random());
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
