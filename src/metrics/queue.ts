import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { DeploymentMetrics } from '../operations/operation.js';
import type { LabelLimit } from './label-limit.js';

/** What there is to count of the queue. */
export interface QueueMetrics extends Pick<DeploymentMetrics, 'claimGranted'> {
  leasesExpired(organisation: string, count: number): void;
  /** @param count how many claims wait, whenever that is asked */
  watchClaims(count: () => number): void;
}

/** Counts claims and leases. */
export function createQueueMetrics(registers: Registry[], limit: LabelLimit): QueueMetrics {
  let waiting = (): number => 0;
  new Gauge({
    name: 'queue_claims_waiting',
    help: 'Claims that wait for their turn in this process',
    registers,
    collect() {
      this.set(waiting());
    },
  });
  const granted = new Counter({
    name: 'queue_leases_granted_total',
    help: 'Deployments that were started by a claim',
    labelNames: ['organisation', 'environment'] as const,
    registers,
  });
  const expired = new Counter({
    name: 'queue_leases_expired_total',
    help: 'Deployments that failed because nobody renewed their lease',
    labelNames: ['organisation'] as const,
    registers,
  });
  const handOver = new Histogram({
    name: 'queue_hand_over_seconds',
    help: 'From when a turn came to when the claim that waited for it had it',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });

  return {
    watchClaims(count) {
      waiting = count;
    },
    claimGranted({ organisation, environment }, changedAt) {
      granted.inc({
        organisation: limit.organisation(organisation),
        environment: limit.environment(organisation, environment),
      });
      if (changedAt !== undefined) handOver.observe((performance.now() - changedAt) / 1000);
    },
    leasesExpired(organisation, count) {
      expired.inc({ organisation: limit.organisation(organisation) }, count);
    },
  };
}
