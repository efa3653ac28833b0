import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { DeploymentMetrics } from '../operations/operation.js';
import type { GateMetrics } from './gates.js';
import type { LabelLimit } from './label-limit.js';

/** Counts what happens to deployments. */
export function createDeploymentMetrics(
  registers: Registry[],
  limit: LabelLimit,
): Omit<DeploymentMetrics, 'claimGranted' | keyof GateMetrics> {
  const created = new Counter({
    name: 'deployments_created_total',
    help: 'Deployments that were registered, rollbacks included',
    labelNames: ['organisation', 'provider', 'environment', 'trigger'] as const,
    registers,
  });
  const updated = new Counter({
    name: 'deployments_updated_total',
    help: 'Deployments that a caller changed, by the status they then had',
    labelNames: ['organisation', 'status'] as const,
    registers,
  });
  const skipped = new Counter({
    name: 'deployments_skipped_total',
    help: 'Deployments that were skipped because a newer one was deployed',
    labelNames: ['organisation'] as const,
    registers,
  });
  const removed = new Counter({
    name: 'deployments_removed_total',
    help: 'Deployments that were removed, RETENTION_DAYS after they were over',
    labelNames: ['organisation'] as const,
    registers,
  });
  const rollbacks = new Counter({
    name: 'rollbacks_total',
    help: 'Rollbacks that were registered',
    labelNames: ['organisation', 'provider', 'environment'] as const,
    registers,
  });

  return {
    deploymentCreated({ organisation, provider, environment, trigger }) {
      created.inc({
        organisation: limit.organisation(organisation),
        provider,
        environment: limit.environment(organisation, environment),
        trigger,
      });
    },
    deploymentUpdated(organisation, status) {
      updated.inc({ organisation: limit.organisation(organisation), status });
    },
    deploymentsSkipped(organisation, count) {
      if (count > 0) skipped.inc({ organisation: limit.organisation(organisation) }, count);
    },
    deploymentsRemoved(organisation, count) {
      removed.inc({ organisation: limit.organisation(organisation) }, count);
    },
    rolledBack({ organisation, provider, environment }) {
      rollbacks.inc({
        organisation: limit.organisation(organisation),
        provider,
        environment: limit.environment(organisation, environment),
      });
    },
  };
}
