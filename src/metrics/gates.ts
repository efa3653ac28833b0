import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { DeploymentMetrics } from '../operations/operation.js';
import type { LabelLimit } from './label-limit.js';

/** What there is to count of gates. */
export type GateMetrics = Pick<
  DeploymentMetrics,
  'gateChanged' | 'startBlocked' | 'gatesOverridden' | 'decided'
>;

/** Counts what gates stop, and who passes. */
export function createGateMetrics(registers: Registry[], limit: LabelLimit): GateMetrics {
  const changed = new Counter({
    name: 'gates_changed_total',
    help: 'Locks and freezes that were created and opened',
    labelNames: ['organisation', 'type'] as const,
    registers,
  });
  const blocked = new Counter({
    name: 'starts_blocked_total',
    help: 'Starts that were refused, or had to wait, since a gate of the kind was closed',
    labelNames: ['organisation', 'environment', 'kind'] as const,
    registers,
  });
  const overridden = new Counter({
    name: 'gates_overridden_total',
    help: 'Deployments that were started although gates were closed',
    labelNames: ['organisation', 'environment'] as const,
    registers,
  });
  const decided = new Counter({
    name: 'approvals_total',
    help: 'Approvals and rejections of deployments',
    labelNames: ['organisation', 'environment', 'decision'] as const,
    registers,
  });
  const placeOf = (organisation: string, environment: string) => ({
    organisation: limit.organisation(organisation),
    environment: limit.environment(organisation, environment),
  });

  return {
    gateChanged(organisation, type) {
      changed.inc({ organisation: limit.organisation(organisation), type });
    },
    startBlocked({ organisation, environment }, kinds) {
      for (const kind of new Set(kinds)) {
        blocked.inc({ ...placeOf(organisation, environment), kind });
      }
    },
    gatesOverridden({ organisation, environment }) {
      overridden.inc(placeOf(organisation, environment));
    },
    decided({ organisation, environment }, decision) {
      decided.inc({ ...placeOf(organisation, environment), decision });
    },
  };
}
