import type { Caller, Deployment, DeploymentEvent, RecordedEvent } from './deployment.js';

/** How a change of status came about, and through which other deployment. */
export interface Cause {
  readonly cause: DeploymentEvent['cause'];
  readonly deploymentId: string | null;
}

/** A caller asked for the change. */
export const byRequest: Cause = { cause: 'request', deploymentId: null };

/**
 * The event of a change of status.
 *
 * @param from the status before; `null` for a registration
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function recordEvent(
  deployment: Deployment,
  from: DeploymentEvent['from_status'],
  { cause, deploymentId }: Cause,
  caller: Caller,
  at: string,
): RecordedEvent {
  return {
    deploymentId: deployment.id,
    event: {
      occurred_at: at,
      from_status: from,
      to_status: deployment.status,
      cause,
      cause_deployment_id: deploymentId,
      actor: caller.actor,
      repository: caller.repository,
      workflow: caller.workflow,
    },
  };
}
