import type { Entry } from './design.js';
import type { Deployment, DeploymentEvent } from './request.js';

/** Who acts while authentication is off. */
export const nobody = { actor: null, repository: null, workflow: null };

/** What the order goes by. */
export function ageOf({ deployment: { created_at: at, id } }: Entry): string {
  return `${at} ${id}`;
}

/** Changes fields; the tag of the new state is not known yet. */
export function change(entry: Entry, fields: Partial<Deployment>): void {
  entry.deployment = { ...entry.deployment, ...fields };
  if (entry.etag !== undefined) entry.formerTags.push(entry.etag);
  entry.etag = undefined;
  entry.everDeployed ||= fields.status === 'deployed';
}

/** Adds the event of a change of status that was just made. */
export function record(
  { deployment, events }: Entry,
  from: Deployment['status'],
  cause: DeploymentEvent['cause'],
  causeId: string | null,
): void {
  events.push({
    ...nobody,
    occurred_at: deployment.updated_at,
    from_status: from,
    to_status: deployment.status,
    cause,
    cause_deployment_id: causeId,
  });
}
