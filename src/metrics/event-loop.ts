import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { measuredEveryMs, watchEventLoop } from '../platform/event-loop.js';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Measures how late the event loop comes, and how much of the time it is at work.
 *
 * prom-client's own `nodejs_eventloop_lag_*` are forgotten at each scrape, so that a second Prometheus
 * takes from the first, cannot be added up over instances, and hold the ten milliseconds between two
 * of their measurements. A histogram has none of these faults.
 *
 * @returns ends it
 */
export function measureEventLoop(registers: Registry[]): () => void {
  const lag = new Histogram({
    name: 'event_loop_lag_seconds',
    help: `How late the event loop was, measured every ${measuredEveryMs} ms`,
    buckets,
    registers,
  });
  new Counter({
    name: 'event_loop_active_seconds_total',
    help: 'Time in which the event loop was at work rather than waiting',
    registers,
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active / 1000);
    },
  });

  return watchEventLoop((lagMs) => {
    lag.observe(lagMs / 1000);
  }, measuredEveryMs);
}
