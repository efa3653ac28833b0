import type { Entry } from './design.js';
import type { Deployment, DeploymentEvent } from './request.js';

/** Who acts while authentication is off. */
const nobody = {
  actor: null,
  actor_id: null,
  repository: null,
  repository_id: null,
  workflow: null,
  ref: null,
  commit_sha: null,
  run_id: null,
  run_attempt: null,
};

/** How a change came about. */
type Cause = Pick<DeploymentEvent, 'cause' | 'cause_deployment_id'>;

export const byRequest: Cause = { cause: 'request', cause_deployment_id: null };

/** What the order goes by. */
export function ageOf({ deployment: { created_at: at, id } }: Entry): string {
  return `${at} ${id}`;
}

/** An entry of a deployment that was created just now. */
export function register(
  deployment: Deployment,
  etag: string | undefined,
  cause: Cause,
  reason: string | null,
): Entry {
  const event: DeploymentEvent = {
    ...nobody,
    ...cause,
    revision: 1,
    type: 'registered',
    occurred_at: deployment.created_at,
    from_status: null,
    to_status: 'scheduled',
    changed: [],
    reason,
    gates: [],
  };
  return { deployment, etag, formerTags: [], events: [event], foundBad: null };
}

/** Changes fields and adds the event of it; the tag of the new state is not known yet. */
export function change(
  entry: Entry,
  fields: Partial<Deployment> & { readonly updated_at: string },
  cause: Cause,
): void {
  const before = entry.deployment;
  const after = { ...before, ...fields };
  entry.deployment = after;
  if (entry.etag !== undefined) entry.formerTags.push(entry.etag);
  entry.etag = undefined;
  entry.events.push({
    ...nobody,
    ...cause,
    revision: entry.events.length + 1,
    type: 'changed',
    occurred_at: after.updated_at,
    from_status: before.status,
    to_status: after.status,
    changed: (['status', 'notes', 'deployment_uri'] as const).filter(
      (field) => before[field] !== after[field],
    ),
    reason: null,
    gates: [],
  });
}
