import type { Caller } from '../callers/caller.js';
import type { ClosedGate } from '../gates/gate.js';
import type { RecordedEvent } from './changes.js';
import type { DeploymentEvent, StoredDeployment } from './deployment.js';

/** How a change came about, through which other deployment, and why. */
export interface Cause {
  readonly cause: DeploymentEvent['cause'];
  readonly deploymentId: string | null;
  readonly reason: string | null;
}

/** Who brought it about: a caller, or whoever an earlier event names. */
export type EventSource = Pick<
  DeploymentEvent,
  | 'actor'
  | 'actor_id'
  | 'repository'
  | 'repository_id'
  | 'workflow'
  | 'ref'
  | 'commit_sha'
  | 'run_id'
  | 'run_attempt'
>;

/** A caller asked for the change. */
export const byRequest: Cause = { cause: 'request', deploymentId: null, reason: null };

/** Nobody asked for it: its time had come. */
export const byService: EventSource = {
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

/** What an event tells of a caller. */
export function sourceOf({ actor, repository, workflow, job }: Caller): EventSource {
  return {
    actor,
    actor_id: job?.actorId ?? null,
    repository,
    repository_id: job?.repositoryId ?? null,
    workflow,
    ref: job?.ref ?? null,
    commit_sha: job?.commitSha ?? null,
    run_id: job?.runId ?? null,
    run_attempt: job?.runAttempt ?? null,
  };
}

/** What an event tells of who brought it about, without the rest of it. */
export function sourceOfEvent(event: EventSource): EventSource {
  const { actor, actor_id, repository, repository_id, workflow } = event;
  const { ref, commit_sha, run_id, run_attempt } = event;
  return {
    actor,
    actor_id,
    repository,
    repository_id,
    workflow,
    ref,
    commit_sha,
    run_id,
    run_attempt,
  };
}

/** How many gates an event names. */
const maxGatesNamed = 20;

/** The fields whose change an event names, in this order. */
export const namedFields = ['status', 'notes', 'deployment_uri', 'approvals'] as const;

/**
 * The event of a change.
 *
 * @param before the deployment before the change; `undefined` for a registration
 * @param after the deployment after the change
 * @param at when, RFC 3339 in UTC with milliseconds
 * @param gates that stood closed, where that is to be known
 */
export function recordEvent(
  before: StoredDeployment | undefined,
  after: StoredDeployment,
  { cause, deploymentId, reason }: Cause,
  source: EventSource,
  at: string,
  gates: readonly ClosedGate[] = [],
): RecordedEvent {
  const { deployment, revision } = after;
  const old = before?.deployment;
  return {
    organisation: deployment.organisation,
    deploymentId: deployment.id,
    event: {
      revision,
      type: old === undefined ? 'registered' : 'changed',
      occurred_at: at,
      from_status: old?.status ?? null,
      to_status: deployment.status,
      changed:
        old === undefined ? [] : namedFields.filter((field) => old[field] !== deployment[field]),
      cause,
      cause_deployment_id: deploymentId,
      reason,
      ...source,
      gates: gates.slice(0, maxGatesNamed),
    },
  };
}
