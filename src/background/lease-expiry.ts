import { expire } from '../domain/queue/expire.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logging.js';
import type { QueueName, Store } from '../store/store.js';
import { afterOthers } from './after-others.js';
import type { Task } from './lifecycle.js';

/** Counts what ends by time alone. */
export interface ExpiryMetrics {
  leasesExpired(organisation: string, count: number): void;
}

/** When queues are looked at, in milliseconds. */
export interface ExpiryTimes {
  /** How long after something is due it may take at the longest, and after a failure. */
  readonly everyMs: number;
  /** After how long other processes are asked for, in case one has died. */
  readonly allEveryMs: number;
  /** How long after they are known to have changed something that is. */
  readonly othersMs?: number;
}

/** How many queues are asked for at once. */
const maxQueues = 100;

/**
 * Ends leases that have run out, and what has waited too long, when that is due: of the queues that this
 * process has changed, of those that a former process has left, and now and then of those of others, one of
 * which may have died. Two processes at once do no harm.
 */
export function createLeaseExpiry(
  store: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers' | 'system'>,
  clock: Pick<Clock, 'now'>,
  metrics: ExpiryMetrics,
  log: Pick<Logger, 'warn'>,
  { everyMs, allEveryMs, othersMs }: ExpiryTimes = { everyMs: 1_000, allEveryMs: 10 * 60 * 1000 },
): Task {
  /** The queues about which something is to be done, by name. */
  const due = new Map<string, QueueName>();
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let allAt = 0;
  /** Whether anything has been changed since: an idle service asks nobody. */
  let changed = true;
  let stopped = false;

  function note(queue: QueueName): void {
    due.set(JSON.stringify([queue.organisation, queue.environment]), queue);
  }

  async function askForAll(): Promise<void> {
    changed = false;
    const end = new Date(Date.parse(clock.now()) + allEveryMs).toISOString();
    for (const queue of await store.system.dueQueues(end, maxQueues)) note(queue);
    allAt = performance.now() + allEveryMs;
  }

  async function expireDue(): Promise<void> {
    try {
      if (changed && performance.now() >= allAt) await askForAll();
      for (const [name, { organisation, environment, dueAt }] of [...due]) {
        const now = clock.now();
        if (stopped || dueAt > now) continue;
        due.delete(name);
        // Its commit says when there is something to do again.
        await store.for(organisation).change('expireLeases', () => expire(environment, now));
      }
    } catch (error) {
      log.warn({ err: error }, 'leases that have run out could not be ended yet');
      changed = true;
      allAt = performance.now() + everyMs;
    }
  }

  function schedule(): void {
    if (stopped) return;
    const next = [...due.values()].map(({ dueAt }) => dueAt).sort()[0];
    const dueMs = next === undefined ? Infinity : Date.parse(next) - Date.parse(clock.now());
    const allMs = changed ? allAt - performance.now() : allEveryMs;
    const waitMs = Math.min(Math.max(dueMs, 0), Math.max(allMs, 0), allEveryMs);
    clearTimeout(timer);
    // A clock that is set forward is noticed in time.
    timer = setTimeout(run, due.size > 0 ? Math.min(waitMs, everyMs) : waitMs).unref();
  }

  function run(): void {
    running ??= expireDue().finally(() => {
      running = undefined;
      schedule();
    });
  }

  return {
    start() {
      const endOthers = afterOthers(
        store,
        () => {
          changed = true;
          allAt = 0;
          schedule();
        },
        othersMs,
      );
      const end = store.subscribe(({ organisation, changes: { queue, events = [] } }) => {
        changed = true;
        // A claim that finds one ends it as well.
        const expired = events.filter(({ event }) => event.cause === 'lease_expired').length;
        if (expired > 0) metrics.leasesExpired(organisation, expired);
        if (queue === undefined) return;
        const { stored, dueAt } = queue.to;
        const { environment } = stored.environment;
        const name = JSON.stringify([organisation, environment]);
        const before = due.get(name)?.dueAt;
        if (dueAt === null) due.delete(name);
        else note({ organisation, environment, dueAt });
        if (before !== dueAt) schedule();
      });
      unsubscribe = () => {
        end();
        endOthers();
      };
      run();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      unsubscribe?.();
      await running;
    },
  };
}
