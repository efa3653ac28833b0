import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { earlier } from './entries.js';
import type { Waiting, Worker } from './entries.js';
import { groupsOf, isWide } from './group.js';
import { compareTurns, nextTurnAt, standingsOf } from './turns.js';
import { lookForWork, withWork } from './work.js';
import type { Work } from './work.js';

/** Whose turn it is in an environment. */
export interface NextTurns {
  /**
   * The deployments that may start now, each with the call that is served; and workers for whom there is
   * one, by the call as well.
   */
  readonly ready: ReadonlyMap<string, string>;
  /** All that wait, and may still be given something: deployments, and workers by their calls. */
  readonly waiting: ReadonlySet<string>;
  /** When to look again, since time alone may change the answer; `null` for never. */
  readonly againAt: string | null;
}

/**
 * Whose turn it is, in all groups of an environment in which somebody waits. It changes nothing: whoever is
 * told so has to claim, which is decided anew.
 *
 * @param environment its name
 * @param here the calls that can be told: work that there is, is for a worker among them
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function* nextTurns(
  environment: string,
  here: ReadonlySet<string>,
  at: string,
): Decision<NextTurns> {
  const { queue, controls } = yield* look({
    queue: { read: 'queue', environment } as const,
    controls: { read: 'controls' } as const,
  });
  const ready = new Map<string, string>();
  const alive = new Set<string>();
  let againAt: string | null = null;
  if (queue === undefined) return { changes: {}, result: { ready, waiting: alive, againAt } };

  const workers = queue.workers.filter(({ until }) => until > at);
  const work = yield* lookForWork(queue, workers, controls, at);
  for (const { id, until } of workers) {
    alive.add(id);
    againAt = earlier(againAt, until);
  }
  const all = withWork(queue, work);
  const settings = queue.head.stored.environment;
  const withinAll = isWide(settings) || work.size > 0;
  const keys = settings.exclusive === 'none' ? [] : all.waiting.map(({ entry }) => entry.key);
  const within = withinAll
    ? [['', { environment }] as const]
    : [...new Set(keys)].map((key) => [key, { key }] as const);
  const found =
    all.waiting.length === 0
      ? {}
      : yield* look(
          Object.fromEntries(
            within.map(([name, where]) => [name, { read: 'inProgress', within: where } as const]),
          ),
        );
  const open: [Waiting, Work][] = [];
  for (const group of groupsOf(all, controls, ({ key }) => found[withinAll ? '' : key] ?? [], at)) {
    const standings = standingsOf(group);
    for (const { waiting, blockers } of standings) {
      const its = work.get(waiting.id);
      if (its === undefined) alive.add(waiting.id);
      if (blockers.length > 0) continue;
      if (its === undefined) ready.set(waiting.id, waiting.call);
      else open.push([waiting, its]);
    }
    againAt = earlier(againAt, nextTurnAt(group, standings));
  }
  for (const call of yield* hireFor(open, here)) ready.set(call, call);
  return { changes: {}, result: { ready, waiting: alive, againAt } };
}

/** The workers for whom there is something that can be started. */
function* hireFor(open: readonly (readonly [Waiting, Work])[], here: ReadonlySet<string>) {
  const hired = new Map<string, string>();
  for (const [{ id }, { crews }] of [...open].sort(([a], [b]) => compareTurns(a, b))) {
    const worker = firstOf(crews, ({ id: call }) => here.has(call) && !hired.has(call));
    if (worker !== undefined) hired.set(worker.id, id);
  }
  const skipped = yield* look(
    Object.fromEntries([...hired].map(([call, id]) => [call, { read: 'skippedBy', id } as const])),
  );
  return [...hired.keys()].filter((call) => skipped[call] === undefined);
}

/** Of those that a condition holds for, the one that has waited longest. */
function firstOf(crews: Work['crews'], condition: (worker: Worker) => boolean): Worker | undefined {
  const firsts = crews.flatMap(({ workers }) => workers.find(condition) ?? []);
  return firsts.sort((a, b) => (a.since < b.since ? -1 : 1))[0];
}
