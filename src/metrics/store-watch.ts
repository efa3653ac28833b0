import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { QueueDepth, Store } from '../store/store.js';
import { admit, other } from './label-limit.js';
import { createSampler } from './sampler.js';
import type { Sampler } from './sampler.js';

/** What is asked of the store when metrics are read. */
export type WatchedStore = Pick<Store, 'check'> & {
  readonly system: Pick<Store['system'], 'depth'>;
};

/** Looks at a store when metrics are read. */
export interface StoreWatch {
  /**
   * @param depthMs the shortest time between two looks at the depth of the queue, in milliseconds; 0 for never
   */
  watchStore(store: WatchedStore, depthMs: number): void;
  /** Brings everything up to date as far as can be in a moment. Never rejects. */
  refresh(): Promise<void>;
}

/** How the watch spends its time, in milliseconds. */
interface Timing {
  /** The shortest time between two checks of the store. */
  readonly checkEveryMs: number;
  /** How long a check may take before the store counts as out of reach. */
  readonly checkTimeoutMs: number;
  /** How long metrics wait for the store: they are to be there when it is not. */
  readonly scrapeTimeoutMs: number;
}

const usual: Timing = { checkEveryMs: 2_000, checkTimeoutMs: 2_000, scrapeTimeoutMs: 500 };

/**
 * Tells whether the store answers, and how deep the queue is.
 *
 * A store that fails or hangs holds up nothing: the depth that was last read stays, with its age.
 *
 * @param environments how many have labels of their own: the deepest first
 */
export function createStoreWatch(
  registers: Registry[],
  environments: number,
  { checkEveryMs, checkTimeoutMs, scrapeTimeoutMs } = usual,
): StoreWatch {
  const samplers: Sampler[] = [];
  let isUp: () => boolean | undefined = () => undefined;
  let readAt: number | undefined;
  const labelled = new Set<string>();

  const up = new Gauge({
    name: 'db_up',
    help: '1 while the store answers, 0 while it does not',
    registers,
    collect() {
      const now = isUp();
      if (now !== undefined) this.set(Number(now));
    },
  });
  const depth = new Gauge({
    name: 'deployment_queue_depth',
    help: 'Deployments that are scheduled or in progress, of all organisations',
    labelNames: ['environment', 'status'] as const,
    registers,
  });
  const held = new Gauge({
    name: 'queue_leases_held',
    help: 'Deployments that are carried out under a lease, of all organisations',
    labelNames: ['environment'] as const,
    registers,
  });
  const age = new Gauge({
    name: 'deployment_queue_depth_age_seconds',
    help: 'How long ago the depth of the queue was read',
    registers,
    collect() {
      if (readAt !== undefined) this.set((performance.now() - readAt) / 1000);
    },
  });
  // Nothing is known yet, which is not the same as zero.
  up.remove();
  age.remove();

  function show(depths: readonly QueueDepth[]): void {
    const deepestFirst = [...depths].sort((a, b) => b.count - a.count);
    for (const { environment } of deepestFirst) admit(labelled, environment, environments);
    for (const environment of [...labelled, other]) {
      for (const status of ['scheduled', 'in_progress']) depth.set({ environment, status }, 0);
      held.set({ environment }, 0);
    }
    for (const { environment: name, status, count } of depths) {
      const environment = labelled.has(name) ? name : other;
      if (status === 'leased') held.inc({ environment }, count);
      else depth.inc({ environment, status }, count);
    }
  }

  return {
    watchStore(store, depthMs) {
      let last: boolean | undefined;
      const check = createSampler(
        () =>
          store.check().then(
            () => void (last = true),
            () => void (last = false),
          ),
        checkEveryMs,
        scrapeTimeoutMs,
      );
      isUp = () => (check.underWayFor() > checkTimeoutMs ? false : last);
      samplers.push(check);
      if (depthMs === 0) return;
      const queue = createSampler(
        () =>
          store.system.depth().then(
            (depths) => {
              show(depths);
              readAt = performance.now();
            },
            // The store counts its errors.
            () => undefined,
          ),
        depthMs,
        scrapeTimeoutMs,
      );
      samplers.push(queue);
    },

    async refresh() {
      await Promise.all(samplers.map((sampler) => sampler.refresh()));
    },
  };
}
