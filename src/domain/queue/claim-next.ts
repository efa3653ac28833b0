import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { secondsAfter } from './entries.js';
import type { Waiting, Worker, WorkSelector } from './entries.js';
import { groupsOf } from './group.js';
import { grantAgain, keepWaiting, start, sweep } from './start.js';
import type { Granted, StartCommand, Swept } from './start.js';
import { compareTurns, standingsOf } from './turns.js';
import { lookForWork, withWork } from './work.js';
import type { Work } from './work.js';

/** Who would start which deployments. */
export interface ClaimNextCommand extends StartCommand {
  readonly selector: WorkSelector;
  /** Names the call, which may look several times whether there is something. */
  readonly call: string;
  /** Whether the call looks for the first time. */
  readonly isFirst: boolean;
  /** 0 when it does not wait. */
  readonly waitSeconds: number;
}

/** What a worker gets: a lease, or nothing yet. */
export type ClaimedNext = Granted | { readonly lease: undefined };

/** How long a worker counts beyond its wait, for what its last look takes, in seconds. */
const graceSeconds = 5;

/**
 * Starts the deployment that has waited longest of those whose turn it is, and that the worker takes. Where
 * there is none, the worker waits: then what it takes competes for its turn.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `lease-lost`, `idempotency-key-reused`
 */
export function* claimNext(command: ClaimNextCommand, at: string): Decision<ClaimedNext> {
  const { selector, request, call, isFirst } = command;
  const { environment } = selector;
  const { controls, queue, inProgress, known } = yield* look({
    controls: { read: 'controls' },
    queue: { read: 'queue', environment },
    inProgress: { read: 'inProgress', within: { environment } },
    known: request && { read: 'rememberedResponse', owner: request.owner, key: request.key },
  });
  if (queue === undefined) throw new Error(`The environment ${environment} has no queue`);
  // A call that has waited gets nothing that a later one under the same key has got.
  const again = isFirst ? yield* grantAgain(command, known, queue, at) : undefined;
  if (again !== undefined) return again;

  const before = queue.workers.find(({ id }) => id === call);
  const own = before ?? newWorker(command, at);
  const others = queue.workers.filter((worker) => worker !== before);
  const all = yield* lookForWork(queue, [...others, own], controls, at);
  const work = new Map([...all].filter(([, { crews }]) => isIn(crews, own)));
  const groups = groupsOf(withWork(queue, all), controls, () => inProgress, at)
    .filter(({ waiting }) => waiting.some(({ id }) => work.has(id)))
    .map((group) => sweep(group, at));
  for (const [seat, swept, { stored: found }] of openFor(work, groups)) {
    const { by, fence } = yield* look({
      by: { read: 'skippedBy', id: seat.id } as const,
      fence: { read: 'nextFence' } as const,
    });
    if (by !== undefined) continue;
    const over = before === undefined ? [] : [{ kind: 'worker', id: call } as const];
    return start(command, { found, seat, queue, swept, controls, fence, over }, at);
  }
  const isNew = before === undefined && isFirst && command.waitSeconds > 0;
  return {
    changes: keepWaiting(queue, groups, isNew ? [own] : [], at),
    result: { lease: undefined },
  };
}

/** What may start now of what is for a worker, the first first. */
function openFor(
  work: ReadonlyMap<string, Work>,
  groups: readonly Swept[],
): (readonly [Waiting, Swept, Work])[] {
  return groups
    .flatMap((swept) =>
      standingsOf(swept.group).flatMap(({ waiting, blockers }) => {
        const its = work.get(waiting.id);
        return its === undefined || blockers.length > 0 ? [] : [[waiting, swept, its] as const];
      }),
    )
    .sort(([a], [b]) => compareTurns(a, b));
}

function isIn(crews: Work['crews'], worker: Worker): boolean {
  return crews.some(({ workers }) => workers.includes(worker));
}

function newWorker({ selector, call, caller, waitSeconds }: ClaimNextCommand, at: string): Worker {
  const until = secondsAfter(at, waitSeconds + graceSeconds);
  return { kind: 'worker', id: call, selector, caller, since: at, until };
}
