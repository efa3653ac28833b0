import { expiredBefore } from '../domain/idempotency/idempotency.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logging.js';
import type { Store } from '../store/store.js';
import type { Task } from './lifecycle.js';

/** How often what has expired is removed, in milliseconds. */
const everyMs = 60 * 60 * 1000;

/**
 * Removes what has expired, off the path of any request: once an hour, when there has been a change, so
 * that an idle service wakes nobody. Each process starts at another minute, and one that fails leaves it to
 * the next.
 */
export function createCleanup(
  store: Pick<Store, 'subscribe' | 'system'>,
  clock: Pick<Clock, 'now'>,
  log: Pick<Logger, 'warn'>,
  intervalMs = everyMs,
): Task {
  let changed = false;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;
  let running = Promise.resolve();
  let stopped = false;

  async function cleanUp(): Promise<void> {
    try {
      const before = expiredBefore(clock.now());
      while (await store.system.removeExpiredResponses(before)) if (stopped) return;
    } catch (error) {
      log.warn({ err: error }, 'what has expired could not be removed');
    }
  }

  function schedule(ms: number): void {
    timer = setTimeout(() => {
      if (changed) {
        changed = false;
        running = cleanUp();
      }
      schedule(intervalMs);
    }, ms).unref();
  }

  return {
    start() {
      unsubscribe = store.subscribe(() => (changed = true));
      schedule(intervalMs * Math.random());
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      unsubscribe?.();
      await running;
    },
  };
}
