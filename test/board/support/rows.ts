import type { CurrentState, DeploymentBrief } from '../../../src/client/contract.js';
import type { FeedEvent } from '../../../src/client/contract.js';

/** The instant at which the tests of the board look. */
export const now = Date.parse('2026-01-05T12:00:00.000Z');

/** So many minutes before that. */
export function ago(minutes: number): string {
  return new Date(now - minutes * 60_000).toISOString();
}

/** A deployment that runs for an hour, after five minutes of a rollout, unless something else is said. */
export function brief(fields: Partial<DeploymentBrief> = {}): DeploymentBrief {
  return {
    id: '019b8d3a-c6d0-7b1f-9a04-2f6e8d7c5b4a',
    version: '1.0.0',
    status: 'deployed',
    trigger: 'auto',
    created_at: ago(70),
    started_at: ago(65),
    finished_at: ago(60),
    deployed_at: ago(60),
    commit_sha: null,
    build_uri: null,
    deployment_uri: null,
    created_by_repo: 'acme/checkout',
    created_by_workflow: 'release',
    created_by_actor: 'octocat',
    ...fields,
  };
}

/** `checkout` in production, where nothing else happens. */
export function row(fields: Partial<CurrentState> = {}): CurrentState {
  return {
    name: 'checkout',
    environment: 'production',
    provider: 'gcp',
    cloud_account_id: null,
    region: null,
    cell: null,
    current: brief(),
    previous_good: null,
    in_progress: [],
    waiting: { count: 0, next: null },
    ...fields,
  };
}

/** An event of the feed about `checkout` in production. */
export function event(fields: Partial<FeedEvent> = {}): FeedEvent {
  return {
    position: 1,
    type: 'deployment.deployed',
    deployment_id: '019b8d3a-c6d0-7b1f-9a04-2f6e8d7c5b4a',
    name: 'checkout',
    version: '1.0.0',
    environment: 'production',
    provider: 'gcp',
    cloud_account_id: null,
    region: null,
    cell: null,
    revision: 3,
    occurred_at: ago(60),
    from_status: 'in_progress',
    to_status: 'deployed',
    changed: ['status'],
    cause: 'request',
    cause_deployment_id: null,
    reason: null,
    actor: 'octocat',
    actor_id: '583231',
    repository: 'acme/checkout',
    repository_id: '1296269',
    workflow: 'release',
    ref: 'refs/heads/main',
    commit_sha: null,
    run_id: '1001',
    run_attempt: '1',
    gates: [],
    ...fields,
  };
}
