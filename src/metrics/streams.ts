import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What there is to count of streams of events. */
export interface StreamMetrics {
  /** @param count how many are open, whenever that is asked */
  watchStreams(count: () => number): void;
}

/** Counts streams of events. */
export function createStreamMetrics(registers: Registry[]): StreamMetrics {
  let open = (): number => 0;
  new Gauge({
    name: 'event_streams',
    help: 'Streams of events that are open in this process',
    registers,
    collect() {
      this.set(open());
    },
  });
  return {
    watchStreams(count) {
      open = count;
    },
  };
}
