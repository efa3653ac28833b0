import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { continueSkipping } from '../domain/deployments/auto-skip.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logging.js';
import type { DeploymentName, Store } from '../store/store.js';
import { afterOthers } from './after-others.js';
import type { Task } from './lifecycle.js';

/** Counts what is skipped. */
export interface SkipMetrics {
  deploymentsSkipped(organisation: string, count: number): void;
}

/** How long to wait after a failure, in milliseconds. */
const pauseMs = 1_000;

/**
 * Skips the rest of those that wait behind a deployed one, where they are more than one transaction takes:
 * a part at a time, so that requests come in between. What a former process left is done first, and what another
 * one has begun is gone on with, since that may have died; two processes at once do no harm.
 */
export function createAutoSkip(
  store: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers' | 'system'>,
  clock: Pick<Clock, 'now'>,
  metrics: SkipMetrics,
  log: Pick<Logger, 'warn'>,
  othersMs?: number,
): Task {
  const waiting: DeploymentName[] = [];
  const stopping = new AbortController();
  let unsubscribe: (() => void) | undefined;
  let running: Promise<void> | undefined;

  async function skipAll(): Promise<void> {
    for (let next = waiting[0]; next !== undefined && !stopping.signal.aborted; next = waiting[0]) {
      const { organisation, id } = next;
      try {
        const { skipped, done } = await store
          .for(organisation)
          .change('skipOlder', () => continueSkipping(id, clock.now()));
        metrics.deploymentsSkipped(organisation, skipped);
        waiting.shift();
        // Whoever has more to skip comes again after all others.
        if (!done) waiting.push(next);
        await turn();
      } catch (error) {
        log.warn({ organisation, id, err: error }, 'deployments could not be skipped yet');
        await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
    running = undefined;
  }

  function add(names: readonly DeploymentName[]): void {
    const known = new Set(waiting.map(({ id }) => id));
    waiting.push(...names.filter(({ id }) => !known.has(id)));
    if (waiting.length > 0) running ??= skipAll();
  }

  function lookForMore(): void {
    store.system.skipping().then(add, (error: unknown) => {
      log.warn({ err: error }, 'what other processes left to be skipped is not known');
    });
  }

  return {
    start() {
      const ends = [
        store.subscribe(({ organisation, changes: { skipping = [] } }) => {
          add(skipping.map(({ deployed }) => ({ organisation, id: deployed.deployment.id })));
        }),
        afterOthers(store, lookForMore, othersMs),
      ];
      unsubscribe = () => {
        for (const end of ends) end();
      };
      lookForMore();
    },
    async stop() {
      unsubscribe?.();
      stopping.abort();
      await running;
    },
  };
}
