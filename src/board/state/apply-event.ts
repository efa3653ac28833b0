import type { CurrentState, DeploymentBrief } from '../../client/contract.js';
import type { FeedEvent } from '../../client/contract.js';

/**
 * What a row shows after an event, as far as the event tells: at once, before the service is asked for the
 * row, which then takes its place. What the event does not tell stays as it is.
 */
export function applyEvent(row: CurrentState, event: FeedEvent): CurrentState {
  if (event.from_status === event.to_status) return row;
  const after = briefAfter(row, event);
  const others = row.in_progress.filter(({ id }) => id !== after.id);
  const in_progress =
    after.status === 'in_progress' ? [after, ...others].sort(newestFirst) : others;
  return {
    ...row,
    current: currentAfter(row, after, event, in_progress),
    previous_good: previousGoodAfter(row, after),
    in_progress,
    waiting: waitingAfter(row, after, event),
  };
}

function briefAfter(row: CurrentState, event: FeedEvent): DeploymentBrief {
  const { deployment_id: id, to_status: status, occurred_at: at } = event;
  const briefs = [row.current, row.waiting.next, row.previous_good, ...row.in_progress];
  const known = briefs.find((brief) => brief?.id === id) ?? newBrief(event);
  switch (status) {
    case 'scheduled':
      return { ...known, status, started_at: null, finished_at: null };
    case 'in_progress':
      return { ...known, status, started_at: at, finished_at: null };
    case 'deployed':
      return {
        ...known,
        status,
        started_at: known.started_at ?? at,
        finished_at: at,
        deployed_at: at,
      };
    default:
      // What had not begun has not ended, and what had ended has not ended again.
      return {
        ...known,
        status,
        finished_at: event.from_status === 'in_progress' ? at : known.finished_at,
      };
  }
}

function newBrief(event: FeedEvent): DeploymentBrief {
  return {
    id: event.deployment_id,
    version: event.version,
    status: event.to_status,
    trigger: event.cause === 'rollback' ? 'rollback' : 'auto',
    created_at: createdAt(event),
    started_at: null,
    finished_at: null,
    deployed_at: null,
    commit_sha: null,
    build_uri: null,
    deployment_uri: null,
    created_by_repo: event.from_status === null ? event.repository : null,
    created_by_workflow: event.from_status === null ? event.workflow : null,
    created_by_actor: event.from_status === null ? event.actor : null,
  };
}

/** The instant in the id, a UUID of version 7 (RFC 9562, section 5.7). */
function createdAt({ deployment_id, occurred_at }: FeedEvent): string {
  const ms = Number.parseInt(deployment_id.replaceAll('-', '').slice(0, 12), 16);
  return Number.isNaN(ms) ? occurred_at : new Date(ms).toISOString();
}

function currentAfter(
  { current, previous_good: before }: CurrentState,
  after: DeploymentBrief,
  event: FeedEvent,
  inProgress: readonly DeploymentBrief[],
): DeploymentBrief | null {
  const [newest] = inProgress;
  if (newest !== undefined) return newest;
  const isRun = event.from_status === 'in_progress' && after.status !== 'scheduled';
  if (after.status === 'deployed' || isRun) return after;
  if (current?.id !== after.id) return current;
  // As if it had never begun: what was there before it is what runs.
  return after.status === 'scheduled' ? before : after;
}

function previousGoodAfter(
  { current, previous_good }: CurrentState,
  after: DeploymentBrief,
): DeploymentBrief | null {
  const replaced =
    current?.status === 'deployed' &&
    current.id !== after.id &&
    current.version !== after.version &&
    (after.status === 'in_progress' || after.status === 'deployed');
  return replaced ? current : previous_good;
}

function waitingAfter(
  { waiting }: CurrentState,
  after: DeploymentBrief,
  { from_status }: FeedEvent,
): CurrentState['waiting'] {
  const joins = after.status === 'scheduled';
  const leaves = from_status === 'scheduled';
  // A hundred stands for a hundred or more.
  const isMany = waiting.count >= 100;
  if (joins && !leaves) {
    return { count: isMany ? 100 : waiting.count + 1, next: waiting.next ?? after };
  }
  if (!leaves || joins) return waiting;
  const count = isMany ? 100 : Math.max(0, waiting.count - 1);
  return { count, next: waiting.next?.id === after.id || count === 0 ? null : waiting.next };
}

function newestFirst(a: DeploymentBrief, b: DeploymentBrief): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
