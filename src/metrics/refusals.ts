import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RefusalMetrics } from '../http/metrics.js';

/** Counts what is refused to protect the service. */
export function createRefusalMetrics(registers: Registry[]): RefusalMetrics {
  const refused = new Counter({
    name: 'requests_refused_total',
    help: 'Requests and connections that were refused to protect the service, by reason',
    labelNames: ['reason'] as const,
    registers,
  });
  return {
    requestRefused(reason) {
      refused.inc({ reason });
    },
  };
}
