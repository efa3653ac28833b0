import { compareAge } from '../deployments/order.js';
import type { Environment } from '../environments/environment.js';
import type { ClosedGate } from '../gates/gate.js';
import { groupBy } from '../group-by.js';
import type { Waiting } from './entries.js';
import { bufferUntil, capacityOf } from './group.js';
import type { Group, Holder } from './group.js';

/** Why a deployment cannot start yet. */
export type Blocker =
  | { readonly kind: 'running'; readonly holder: Holder }
  | { readonly kind: 'ahead'; readonly waiting: Waiting }
  | { readonly kind: 'buffer'; readonly until: string }
  | { readonly kind: 'gate'; readonly gate: ClosedGate };

/** How things stand for one that is waited for. */
export interface Standing {
  readonly waiting: Waiting;
  /** What keeps it from starting; nothing when it is its turn. */
  readonly blockers: readonly Blocker[];
}

/**
 * All for whom somebody waits, in the order in which they go, each with what keeps it from starting: those
 * without anything may start now, all of them at once.
 *
 * - A taxonomy has one turn at a time. In it, rollbacks go first, then what has not been tried, then what is
 *   tried again: a retry never jumps, so one that fails for ever keeps nobody from going.
 * - Among taxonomies, a rollback goes first, then the taxonomy that has waited longest since its last start.
 * - Whoever cannot start for a reason of its own taxonomy does not keep others from their places.
 * - Whoever stands before a closed gate is passed over, unless every version has its turn: it keeps nobody from
 *   going, and the next of its taxonomy goes when it would have gone.
 */
export function standingsOf(group: Group): Standing[] {
  const { holders, settings } = group;
  const buffer = bufferUntil(group);
  const capacity = capacityOf(settings);
  const runningIn = groupBy(holders, ({ key }) => key);
  /** The first of each taxonomy. */
  const heads = new Map<string, Waiting>();
  /** Those whose turn it is. */
  const next: Waiting[] = [];

  return inOrder(group).map(({ waiting, closed, isPassedOver }): Standing => {
    const head = heads.get(waiting.key);
    if (!isPassedOver) heads.set(waiting.key, head ?? waiting);
    const isFull = holders.length + next.length >= capacity;
    const running = isFull ? holders : (runningIn.get(waiting.key) ?? []);
    const ahead = new Set([...(head === undefined ? [] : [head]), ...(isFull ? next : [])]);
    const blockers: Blocker[] = [
      ...running.map((holder) => ({ kind: 'running', holder }) as const),
      ...[...ahead].map((other) => ({ kind: 'ahead', waiting: other }) as const),
    ];
    if (buffer !== undefined && !waiting.isRollback) {
      blockers.push({ kind: 'buffer', until: buffer });
    }
    blockers.push(...closed.map((gate) => ({ kind: 'gate', gate }) as const));
    if (blockers.length === 0) next.push(waiting);
    return { waiting, blockers };
  });
}

/** One that is waited for, with the gates that are closed for it. */
interface Candidate {
  readonly waiting: Waiting;
  readonly closed: readonly ClosedGate[];
  readonly isPassedOver: boolean;
}

/** All that are waited for, in the order in which they go: of each taxonomy the first, of each the second, … */
function inOrder(group: Group): Candidate[] {
  const rows = [...groupBy(group.waiting, ({ key }) => key)].map(([key, members]) => ({
    turns: turnsOf(group, members),
    waitsSince: waitsSince(group, key, members),
  }));
  rows.sort((a, b) => compare(a.waitsSince, b.waitsSince));
  const longest = Math.max(0, ...rows.map(({ turns }) => turns.length));
  const all = Array.from({ length: longest }, (_, turn) =>
    rows.flatMap(({ turns }) => turns[turn] ?? []),
  ).flat();
  const rollbacks = all.filter(({ waiting }) => waiting.isRollback);
  rollbacks.sort((a, b) => bySince(a.waiting, b.waiting));
  return [...rollbacks, ...all.filter(({ waiting }) => !waiting.isRollback)];
}

/** The turns of a taxonomy; who is passed over shares that of the one after it. */
function turnsOf(group: Group, members: Waiting[]): Candidate[][] {
  const { settings } = group;
  const turns: Candidate[][] = [[]];
  for (const waiting of members.sort(withinTaxonomy(settings))) {
    const closed = group.closedFor(waiting);
    const isPassedOver = closed.length > 0 && settings.order !== 'oldest';
    turns.at(-1)?.push({ waiting, closed, isPassedOver });
    if (!isPassedOver) turns.push([]);
  }
  return turns;
}

/** Since when a taxonomy waits: since its last start, or since somebody waits for one of it. */
function waitsSince({ turns }: Group, key: string, members: readonly Waiting[]): string {
  const since = members.map((member) => member.since).sort()[0] ?? '';
  const start = turns.find((turn) => turn.kind === 'started' && turn.key === key);
  const startedAt = start?.at ?? '';
  return `${since > startedAt ? since : startedAt} ${key}`;
}

/** What decides which one of a taxonomy goes first. */
export type Contender = Pick<Waiting, 'id' | 'createdAt' | 'isRollback' | 'isRetry' | 'since'>;

/** Compares those of one taxonomy: who goes first is the lesser. */
export function withinTaxonomy(settings: Environment): (a: Contender, b: Contender) => number {
  const direction = settings.order === 'newest' ? -1 : 1;
  return (a, b) => {
    if (a.isRollback !== b.isRollback) return a.isRollback ? -1 : 1;
    if (a.isRollback) return bySince(a, b);
    if (a.isRetry !== b.isRetry) return a.isRetry ? 1 : -1;
    return direction * compareAge(positionOf(a), positionOf(b));
  };
}

function positionOf({ createdAt, id }: Contender) {
  return { created_at: createdAt, id };
}

/** Of two whose turn it is, which goes first where only one can: a rollback, then what has waited longest. */
export function compareTurns(a: Contender, b: Contender): number {
  if (a.isRollback !== b.isRollback) return a.isRollback ? -1 : 1;
  return bySince(a, b);
}

function bySince(a: Contender, b: Contender): number {
  return compare(`${a.since} ${a.id}`, `${b.since} ${b.id}`);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * When a group may look different by the passing of time alone; `null` for never.
 *
 * @param standings those of the group
 */
export function nextTurnAt(group: Group, standings: readonly Standing[]): string | null {
  const ends = group.holders.flatMap(({ until }) => (until === null ? [] : [until]));
  const lapses = group.waiting.map(({ until }) => until);
  const buffer = bufferUntil(group);
  const openings = standings
    .flatMap(({ blockers }) => blockers)
    .flatMap((blocker) => (blocker.kind === 'gate' ? (blocker.gate.until ?? []) : []));
  const all = [...ends, ...lapses, ...openings, ...(buffer === undefined ? [] : [buffer])];
  return all.sort()[0] ?? null;
}
