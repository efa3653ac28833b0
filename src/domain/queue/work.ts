import { look } from '../decision.js';
import type { Slice, SliceData } from '../decision.js';
import type { Deployment, StoredDeployment } from '../deployments/deployment.js';
import { mayAccess } from '../policies/access.js';
import type { PolicySet } from '../policies/policy.js';
import { seatOf } from './entries.js';
import type { Queue, Waiting, Worker } from './entries.js';

/** A deployment that workers would start. */
export interface Work {
  readonly stored: StoredDeployment;
  /** Those that would, in groups of those that are alike. */
  readonly workers: readonly (readonly Worker[])[];
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
  policies: PolicySet,
  at: string,
): Generator<Slice, ReadonlyMap<string, Work>, SliceData<Slice>> {
  const alike = new Map<string, Worker[]>();
  for (const worker of workers) {
    if (worker.until <= at) continue;
    const name = JSON.stringify([worker.selector, worker.caller]);
    const others = alike.get(name);
    if (others === undefined) alike.set(name, [worker]);
    else others.push(worker);
  }
  if (alike.size === 0) return new Map();

  const groups = [...alike.values()];
  const selectors = new Map(
    groups.flatMap(([first]) =>
      first === undefined ? [] : [[JSON.stringify(first.selector), first.selector]],
    ),
  );
  const { order } = queue.head.stored.environment;
  const found = yield* look(
    Object.fromEntries(
      [...selectors].map(([name, selector]) => [
        name,
        { read: 'autoScheduled', selector, order, limit: maxLookedAt } as const,
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
    const takers = groups.filter(
      ([first]) => first !== undefined && takes(first, deployment, policies),
    );
    if (takers.length > 0) work.set(deployment.id, { stored, workers: takers });
  }
  return work;
}

/** The queue in which what workers would start waits as well. */
export function withWork(queue: Queue, work: ReadonlyMap<string, Work>, at: string): Queue {
  if (work.size === 0) return queue;
  const claimed = queue.waiting.filter(({ entry }) => !work.has(entry.id));
  const wanted = [...work.values()].map((one) => ({
    entry: asWaiting(one, at),
    status: one.stored.deployment.status,
  }));
  return { ...queue, waiting: [...claimed, ...wanted] };
}

/** Whether a worker would start a deployment, and may. */
function takes({ selector, caller }: Worker, deployment: Deployment, policies: PolicySet): boolean {
  // The environment is that of the queue.
  const isNamed = Object.entries(selector).every(
    ([part, value]) => deployment[part as keyof typeof selector] === value,
  );
  return isNamed && mayAccess({ caller, action: 'start', taxonomy: deployment }, policies);
}

function asWaiting({ stored: { deployment }, workers }: Work, at: string): Waiting {
  const { id, created_at: createdAt, updated_at: updatedAt, started_at: startedAt } = deployment;
  const since = startedAt === null ? createdAt : updatedAt;
  const until = workers
    .flat()
    .reduce((last, worker) => (worker.until > last ? worker.until : last), at);
  return {
    ...seatOf(deployment),
    kind: 'waiting',
    id,
    createdAt,
    isRollback: deployment.trigger === 'rollback',
    isRetry: false,
    since,
    until,
    readySince: since,
    call: '',
  };
}
