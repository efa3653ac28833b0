import type { Decision, Slice, SliceData } from '../decision.js';
import { look } from '../decision.js';
import type { StoredDeployment } from './deployment.js';
import type { Position } from './order.js';
import type { Running } from './reads.js';
import { findSource, pageLimit } from './rollback.js';
import { taxonomyKey } from './taxonomy.js';

/** How many deployments are looked at in one transaction. */
export const maxLookedAt = 50;
/** How many changes those that are removed in one transaction may have had: so many events go with them. */
export const maxChangesAtOnce = 1_000;

/** What is to be removed: what has been over since before an instant, RFC 3339 in UTC with milliseconds. */
export interface RetentionCommand {
  readonly overSince: string;
  /** Where to go on; left out, at the newest. */
  readonly before?: Position | undefined;
}

/** How much was removed, and where to go on; `undefined` at the end. */
export interface Removal {
  readonly removed: number;
  readonly next: Position | undefined;
}

/**
 * Removes the next ones of a tenant's deployments that are over and have not changed for long, the newest
 * first: what refers to another one goes before it. These stay, whatever their age:
 *
 * - what runs in a taxonomy, or ran last; what was deployed last; and what a rollback from any of these
 *   returns to
 * - what another one was copied from, or has replaced, for as long as that one is there
 */
export function* removeOld({ overSince, before }: RetentionCommand): Decision<Removal> {
  const start = before ?? { created_at: overSince, id: '' };
  const { found } = yield* look({
    found: { read: 'registeredBefore', before: start, limit: maxLookedAt },
  });
  const overdue = found
    .filter(({ stored, held }) => !held && isOver(stored) && changedBefore(stored, overSince))
    .map(({ stored }) => stored);
  const isKept = yield* findKept(overdue);
  const removable = overdue.filter((stored) => !isKept(stored));

  const removed = takeBounded(removable);
  const [first] = removable;
  if (first !== undefined && removed.length === 0) return yield* removeEvents(first, start);
  const isWhole = removed.length === removable.length;
  const last = isWhole ? found.at(-1)?.stored : removed.at(-1);
  const isEnd = isWhole && found.length < maxLookedAt;
  return {
    changes: removed.length === 0 ? {} : { removed },
    result: { removed: removed.length, next: isEnd ? undefined : last && positionOf(last) },
  };
}

function isOver({ deployment: { status } }: StoredDeployment): boolean {
  return status !== 'scheduled' && status !== 'in_progress';
}

function changedBefore({ deployment }: StoredDeployment, instant: string): boolean {
  return deployment.updated_at < instant;
}

function positionOf({ deployment: { created_at, id } }: StoredDeployment): Position {
  return { created_at, id };
}

/** As many as have had no more changes, all together, than go in one transaction. */
function takeBounded(removable: readonly StoredDeployment[]): StoredDeployment[] {
  let changes = 0;
  const end = removable.findIndex(({ revision }) => (changes += revision) > maxChangesAtOnce);
  return removable.slice(0, end < 0 ? undefined : end);
}

/** Removes the next events of a deployment that has more than go at once, and the deployment with the last. */
function* removeEvents(stored: StoredDeployment, start: Position): Decision<Removal> {
  const { id } = stored.deployment;
  const { oldest } = yield* look({ oldest: { read: 'events', id, after: 0, limit: 1 } });
  const upTo = (oldest[0]?.revision ?? stored.revision) + maxChangesAtOnce;
  if (upTo > stored.revision) {
    return { changes: { removed: [stored] }, result: { removed: 1, next: positionOf(stored) } };
  }
  return {
    changes: {
      deployments: { unchanged: [stored] },
      removedEvents: [{ deploymentId: id, upTo }],
    },
    result: { removed: 0, next: start },
  };
}

/** Which deployments of the taxonomies of others stay for what runs there and for rollbacks. */
function* findKept(
  others: readonly StoredDeployment[],
): Generator<Slice, (stored: StoredDeployment) => boolean, SliceData<Slice>> {
  const keys = [...new Set(others.map(({ deployment }) => taxonomyKey(deployment)))];
  const running = yield* look(
    Object.fromEntries(keys.map((key) => [key, { read: 'running', place: { key } } as const])),
  );
  const candidates = yield* look(
    Object.fromEntries(
      keys.map((key) => [
        key,
        { read: 'candidates', place: { key }, otherThan: [], limit: pageLimit } as const,
      ]),
    ),
  );
  const kept = new Set<string>();
  /** Taxonomies in which what a rollback returns to is farther away than it looks. */
  const left = new Set<string>();
  for (const key of keys) {
    const page = candidates[key] ?? [];
    const starts = [...(running[key] ?? [])];
    const lastDeployed = page[0]?.stored;
    if (lastDeployed !== undefined) starts.push(yield* asRunning(lastDeployed));
    for (const from of starts) {
      kept.add(from.stored.deployment.id);
      const { source, gaveUp } = yield* findSource({ key }, from, page);
      if (source !== undefined) kept.add(source.deployment.id);
      if (gaveUp) left.add(key);
    }
  }
  return ({ deployment }) => kept.has(deployment.id) || left.has(taxonomyKey(deployment));
}

/** A deployment as if it was what runs. */
function* asRunning(stored: StoredDeployment): Generator<Slice, Running, SliceData<Slice>> {
  const { baseId, deployment } = stored;
  if (baseId === null) return { stored, baseDeployedAt: deployment.deployed_at };
  const { base } = yield* look({ base: { read: 'deployment', id: baseId } });
  return { stored, baseDeployedAt: base?.deployment.deployed_at ?? deployment.deployed_at };
}
