import type { components } from '../../../generated/openapi.js';
import type { Cause } from '../deployments/events.js';

/** What a caller says of why a deployment is to start although gates are closed. */
export type Override = components['schemas']['GateOverride'];

/** How the start came about. */
export function overriding({ reason }: Override): Cause {
  return { cause: 'override', deploymentId: null, reason };
}
