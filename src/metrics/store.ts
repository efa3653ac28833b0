import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { PoolUsage, StoreObserver } from '../store/observer.js';
import { storeOperations } from '../store/instrument.js';
import type { StoreMetrics } from '../store/instrument.js';

const queryBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];
const waitBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counts what the store does. Those of the pool have no values while there is none, as with SQLite:
 * a zero would say that there is one, and that it is empty.
 */
export function createStoreMetrics(registers: Registry[]): StoreMetrics & StoreObserver {
  const queries = new Histogram({
    name: 'db_query_duration_seconds',
    help: 'Time that the store took, by its operation',
    labelNames: ['operation'] as const,
    buckets: queryBuckets,
    registers,
  });
  const errors = new Counter({
    name: 'db_errors_total',
    help: 'Operations that the store could not carry out',
    labelNames: ['operation'] as const,
    registers,
  });
  const retries = new Counter({
    name: 'db_retries_total',
    help: 'Further tries of the store: after a conflict, while others held a lock, or without a response',
    labelNames: ['reason'] as const,
    registers,
  });
  // Prometheus sees a counter rise only when it has seen it before.
  for (const operation of storeOperations) errors.inc({ operation }, 0);
  for (const reason of ['conflict', 'lock', 'lost']) retries.inc({ reason }, 0);
  const pool = createPoolMetrics(registers);

  return {
    storeCall(operation, seconds, failed) {
      queries.observe({ operation }, seconds);
      if (failed) errors.inc({ operation });
    },
    storeRetried(reason) {
      retries.inc({ reason });
    },
    ...pool,
  };
}

function createPoolMetrics(
  registers: Registry[],
): Pick<StoreObserver, 'poolOpened' | 'poolWaited'> {
  let usage: (() => PoolUsage) | undefined;
  const sessions = new Gauge({
    name: 'db_pool_sessions',
    help: 'Sessions of the pool, by what they do',
    labelNames: ['state'] as const,
    registers,
    collect() {
      if (usage === undefined) return;
      const { idle, lent, opening } = usage();
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'in_use' }, lent);
      this.set({ state: 'opening' }, opening);
    },
  });
  const gauge = (name: string, help: string, read: (now: PoolUsage) => number): void => {
    const made = new Gauge({
      name,
      help,
      registers,
      collect() {
        if (usage !== undefined) this.set(read(usage()));
      },
    });
    made.remove();
  };
  gauge('db_pool_sessions_max', 'Sessions that the pool may have', ({ size }) => size);
  gauge('db_pool_waiting', 'Operations that wait for a session', ({ waiting }) => waiting);
  const waits = new Histogram({
    name: 'db_pool_wait_seconds',
    help: 'Time that operations waited for a session, until they had one or gave up',
    labelNames: ['result'] as const,
    buckets: waitBuckets,
    registers,
  });

  return {
    poolOpened(read) {
      usage = read;
      sessions.reset();
      for (const result of ['served', 'timeout', 'login']) waits.zero({ result });
    },
    poolWaited(seconds, result) {
      waits.observe({ result }, seconds);
    },
  };
}
