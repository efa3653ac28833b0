import type { CurrentState, DeploymentBrief, DeploymentEvent } from '../../client/contract.js';
import type { Board, Failure } from './board.js';
import { placeKey, placeOf } from './place.js';
import type { Place } from './place.js';
import { span } from './words.js';

export type AttentionKind = 'lease_lost' | 'failed' | 'stuck' | 'rollback_pending';

/** Something that somebody has to look at. */
export interface Attention {
  readonly kind: AttentionKind;
  readonly key: string;
  readonly place: Place;
  readonly deployment: { readonly id: string; readonly version: string };
  /** Since when it is so. */
  readonly since: string;
  readonly why: string;
}

const minute = 60_000;
/** How long a rollout may take where nobody knows how long it usually does. */
const unknownLimit = 60 * minute;
/** No rollout is stuck before that. */
const minLimit = 10 * minute;
/** How many holders of places the service names at most. */
const maxHolders = 20;
/** By how much it may take longer than usual. */
const factor = 3;

/** What needs somebody, the most pressing first, and of the same kind the newest first. */
export function attentionOf(board: Board, now: number): Attention[] {
  const rows = [...board.rows.values()];
  const usual = usualDurations(rows);
  const failures = failuresOf(board);
  const found = [
    ...rows.flatMap((row) => failedIn(row, failures)),
    ...rows.flatMap((row) => stuckIn(row, usual, board, now)),
    ...board.rollbacks.map((rollback): Attention => ({
      kind: 'rollback_pending',
      key: placeKey(rollback),
      place: placeOf(rollback),
      deployment: rollback,
      since: rollback.created_at,
      why: 'Waits to be started',
    })),
  ];
  const order: readonly AttentionKind[] = ['lease_lost', 'failed', 'stuck', 'rollback_pending'];
  return found.sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) ||
      Date.parse(b.since) - Date.parse(a.since) ||
      (a.key < b.key ? -1 : 1),
  );
}

function failedIn(row: CurrentState, failures: ReadonlyMap<string, Failure>): Attention[] {
  const { current, previous_good: before } = row;
  if (current?.status !== 'failed') return [];
  const failure = failures.get(current.id);
  const isLost = failure?.cause === 'lease_expired';
  const reason = isLost ? 'Nobody renewed its lease' : failure?.reason;
  const there = before === null ? 'nothing was there before' : `${before.version} was there before`;
  return [
    {
      kind: isLost ? 'lease_lost' : 'failed',
      key: placeKey(row),
      place: placeOf(row),
      deployment: current,
      since: failure?.occurred_at ?? current.finished_at ?? current.created_at,
      why: reason ? `${reason}; ${there}` : there,
    },
  ];
}

/** How each deployment has failed last, as far as that is known. */
function failuresOf({ events, failures: lookedUp }: Board): ReadonlyMap<string, Failure> {
  const failures = new Map<string, Failure>();
  for (const event of events) {
    const { deployment_id: id } = event;
    if (isFailure(event) && !failures.has(id)) failures.set(id, event);
  }
  return new Map([...lookedUp, ...failures]);
}

/** Whether that is how a deployment has failed. */
export function isFailure({
  from_status,
  to_status,
}: Pick<DeploymentEvent, 'from_status' | 'to_status'>): boolean {
  return to_status === 'failed' && from_status !== 'failed';
}

/** Deployments that run as failed ones, and of which nobody knows yet how they have failed. */
export function unexplainedFailures(board: Board): string[] {
  const failures = failuresOf(board);
  return [...board.rows.values()].flatMap(({ current }) =>
    current?.status === 'failed' && !failures.has(current.id) ? [current.id] : [],
  );
}

function stuckIn(
  row: CurrentState,
  usual: ReadonlyMap<string, number>,
  { queue }: Board,
  now: number,
): Attention[] {
  const expected = usual.get(inEnvironment(row)) ?? usual.get(row.name);
  const limit = expected === undefined ? unknownLimit : Math.max(minLimit, factor * expected);
  return row.in_progress.flatMap((deployment) => {
    const { started_at: startedAt } = deployment;
    if (startedAt === null) return [];
    const age = now - Date.parse(startedAt);
    const holders = queue.get(deployment.id)?.holders;
    // Where there are as many as the service names at most, it may be one of the others.
    const holdsNothing =
      holders !== undefined &&
      holders.length < maxHolders &&
      !holders.some(({ deployment_id }) => deployment_id === deployment.id);
    if (age <= limit && !holdsNothing) return [];
    const why = holdsNothing
      ? `In progress for ${span(age)} without a lease, and its place has been given up`
      : `In progress for ${span(age)}${expected === undefined ? '' : `, usually ${span(expected)}`}`;
    const place = placeOf(row);
    return [{ kind: 'stuck', key: placeKey(row), place, deployment, since: startedAt, why }];
  });
}

/** How long rollouts took, in milliseconds: the median of a component in an environment, and of a component. */
export function usualDurations(rows: readonly CurrentState[]): Map<string, number> {
  const samples = new Map<string, number[]>();
  for (const row of rows) {
    for (const brief of [row.current, row.previous_good]) {
      const duration = durationOf(brief);
      if (duration === undefined) continue;
      for (const key of [inEnvironment(row), row.name]) {
        samples.set(key, [...(samples.get(key) ?? []), duration]);
      }
    }
  }
  return new Map([...samples].map(([key, durations]) => [key, median(durations)]));
}

/** What was reported as deployed at once did not take any time that is known. */
function durationOf(brief: DeploymentBrief | null): number | undefined {
  if (brief?.status !== 'deployed') return undefined;
  const { started_at: startedAt, finished_at: finishedAt } = brief;
  if (startedAt === null || finishedAt === null) return undefined;
  const duration = Date.parse(finishedAt) - Date.parse(startedAt);
  return duration > 0 ? duration : undefined;
}

function inEnvironment({ name, environment }: CurrentState): string {
  return JSON.stringify([name, environment]);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
