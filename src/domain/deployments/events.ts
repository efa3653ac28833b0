import type { RecordedEvent } from './changes.js';
import type { DeploymentEvent, StoredDeployment } from './deployment.js';

/** How a change of status came about, and through which other deployment. */
export interface Cause {
  readonly cause: DeploymentEvent['cause'];
  readonly deploymentId: string | null;
}

/** Who brought it about: a caller, or whoever an earlier event names. */
export type EventSource = Pick<DeploymentEvent, 'actor' | 'repository' | 'workflow'>;

/** A caller asked for the change. */
export const byRequest: Cause = { cause: 'request', deploymentId: null };

/**
 * The event of a change of status.
 *
 * @param stored the deployment after the change
 * @param from the status before; `null` for a registration
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function recordEvent(
  { deployment, revision }: StoredDeployment,
  from: DeploymentEvent['from_status'],
  { cause, deploymentId }: Cause,
  { actor, repository, workflow }: EventSource,
  at: string,
): RecordedEvent {
  return {
    deploymentId: deployment.id,
    revision,
    event: {
      occurred_at: at,
      from_status: from,
      to_status: deployment.status,
      cause,
      cause_deployment_id: deploymentId,
      actor,
      repository,
      workflow,
    },
  };
}
