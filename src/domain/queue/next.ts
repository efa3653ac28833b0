import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { earlier } from './entries.js';
import type { Queue, Waiting } from './entries.js';
import { groupName, groupOf } from './group.js';
import { groupBy, nextTurnAt, standingsOf } from './turns.js';

/** Whose turn it is in an environment. */
export interface NextTurns {
  /** The deployments that may start now, each with the call that is served. */
  readonly ready: ReadonlyMap<string, string>;
  /** All that are waited for, and may still start. */
  readonly waiting: ReadonlySet<string>;
  /** When to look again, since time alone may change the answer; `null` for never. */
  readonly againAt: string | null;
}

/**
 * Whose turn it is, in all groups of an environment in which somebody waits. It changes nothing: whoever is
 * told so has to claim, which is decided anew.
 *
 * @param environment its name
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function* nextTurns(environment: string, at: string): Decision<NextTurns> {
  const { queue } = yield* look({ queue: { read: 'queue', environment } as const });
  if (queue === undefined || queue.waiting.length === 0) {
    return { changes: {}, result: { ready: new Map(), waiting: new Set(), againAt: null } };
  }
  const groups = groupsOf(queue);
  const { exclusive } = queue.head.stored.environment;
  const isWide = exclusive === 'place' || exclusive === 'environment';
  const within = isWide
    ? [['', { environment }] as const]
    : exclusive === 'taxonomy'
      ? [...groups.keys()].map((key) => [key, { key }] as const)
      : [];
  const found = yield* look(
    Object.fromEntries(
      within.map(([name, where]) => [name, { read: 'inProgress', within: where } as const]),
    ),
  );
  const ready = new Map<string, string>();
  const alive = new Set<string>();
  let againAt: string | null = null;
  for (const [name, { seat, members }] of groups) {
    const group = groupOf(members, seat, found[isWide ? '' : name] ?? [], at);
    for (const { waiting, blockers } of standingsOf(group)) {
      alive.add(waiting.id);
      if (blockers.length === 0) ready.set(waiting.id, waiting.call);
    }
    againAt = earlier(againAt, nextTurnAt(group));
  }
  return { changes: {}, result: { ready, waiting: alive, againAt } };
}

/** What there is of a queue in each group in which somebody waits. */
function groupsOf(queue: Queue): Map<string, { seat: Waiting; members: Queue }> {
  const { environment: settings } = queue.head.stored;
  const waitingIn = groupBy(queue.waiting, ({ entry }) => groupName(settings, entry));
  const leasesIn = groupBy(queue.leases, (lease) => groupName(settings, lease));
  const turnsIn = groupBy(queue.turns, (turn) => groupName(settings, turn));
  const groups = new Map<string, { seat: Waiting; members: Queue }>();
  for (const [name, waiting] of waitingIn) {
    const [first] = waiting;
    if (first === undefined) continue;
    const { head } = queue;
    const leases = leasesIn.get(name) ?? [];
    const turns = turnsIn.get(name) ?? [];
    groups.set(name, { seat: first.entry, members: { head, waiting, leases, turns } });
  }
  return groups;
}
