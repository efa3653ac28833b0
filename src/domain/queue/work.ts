import { look } from '../decision.js';
import type { Slice, SliceData } from '../decision.js';
import type { Deployment, StoredDeployment } from '../deployments/deployment.js';
import { groupBy } from '../group-by.js';
import { mayAccess } from '../policies/access.js';
import type { Controls } from '../controls/controls.js';
import { placeOf } from '../scopes/scope.js';
import { seatOf } from './entries.js';
import type { Queue, Waiting, Worker } from './entries.js';

/** Workers that are alike: what one of them would take, each would. */
export interface Crew {
  readonly selector: Worker['selector'];
  readonly caller: Worker['caller'];
  readonly workers: readonly Worker[];
  /** Until when one of them waits at the longest. */
  readonly until: string;
}

/** A deployment that workers would start, and who would. */
export interface Work {
  readonly stored: StoredDeployment;
  readonly crews: readonly Crew[];
}

/** At how many taxonomies workers look at once. */
const maxLookedAt = 500;

/**
 * Looks for what workers may be given: `auto` deployments that are `scheduled` and named by the selector of
 * one, which that one may start, and for which no claim by id waits.
 *
 * @param workers all that wait, among them those that have come to no end yet
 * @param at when, RFC 3339 in UTC with milliseconds
 * @returns by the ids of the deployments
 */
export function* lookForWork(
  queue: Pick<Queue, 'head' | 'waiting'>,
  workers: readonly Worker[],
  controls: Controls,
  at: string,
): Generator<Slice, ReadonlyMap<string, Work>, SliceData<Slice>> {
  const crews = crewsOf(workers.filter(({ until }) => until > at));
  if (crews.length === 0) return new Map();

  const { order, required_approvals: required } = queue.head.stored.environment;
  // Who is passed over hides no other; where every version has its turn, nobody is passed over.
  const approvals = order === 'newest' ? required : 0;
  const found = yield* look(
    Object.fromEntries(
      crews.map(({ selector }) => [
        JSON.stringify(selector),
        { read: 'autoScheduled', selector, order, approvals, limit: maxLookedAt } as const,
      ]),
    ),
  );
  const claimed = new Set(
    queue.waiting.filter(({ entry }) => entry.until > at).map(({ entry }) => entry.id),
  );
  const work = new Map<string, Work>();
  for (const stored of Object.values(found).flat()) {
    const { deployment } = stored;
    if (work.has(deployment.id) || claimed.has(deployment.id)) continue;
    const takers = crews.filter((crew) => takes(crew, deployment, controls));
    if (takers.length > 0) work.set(deployment.id, { stored, crews: takers });
  }
  return work;
}

function crewsOf(workers: readonly Worker[]): Crew[] {
  const alike = groupBy(workers, ({ selector, caller }) => JSON.stringify([selector, caller]));
  return [...alike.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { selector, caller } = first;
    return [{ selector, caller, workers: members, until: latest(members) }];
  });
}

/** Until when one of several waits at the longest. */
function latest(several: readonly Pick<Worker, 'until'>[]): string {
  return several.reduce((last, { until }) => (until > last ? until : last), '');
}

/** The queue in which what workers would start waits as well. */
export function withWork(queue: Queue, work: ReadonlyMap<string, Work>): Queue {
  if (work.size === 0) return queue;
  const claimed = queue.waiting.filter(({ entry }) => !work.has(entry.id));
  const wanted = [...work.values()].map((one) => ({
    entry: asWaiting(one),
    status: one.stored.deployment.status,
  }));
  return { ...queue, waiting: [...claimed, ...wanted] };
}

/** Whether a worker would start a deployment, and may. */
function takes({ selector, caller }: Crew, deployment: Deployment, controls: Controls): boolean {
  // The environment is that of the queue.
  const isNamed = Object.entries(selector).every(
    ([part, value]) => deployment[part as keyof typeof selector] === value,
  );
  return isNamed && mayAccess({ caller, action: 'start', where: deployment }, controls);
}

function asWaiting({ stored: { deployment }, crews }: Work): Waiting {
  const { id, created_at: createdAt, updated_at: updatedAt, started_at: startedAt } = deployment;
  const since = startedAt === null ? createdAt : updatedAt;
  return {
    ...seatOf(deployment),
    kind: 'waiting',
    id,
    createdAt,
    isRollback: deployment.trigger === 'rollback',
    isRetry: false,
    since,
    until: latest(crews),
    readySince: since,
    call: '',
    parts: placeOf(deployment),
    approvals: deployment.approvals.length,
  };
}
