import { ApplicationError } from '../domain/errors.js';
import { nextTurns } from '../domain/queue/next.js';
import { changedEnvironments } from '../domain/queue/changed.js';
import type { Turns, WaitingCall } from '../domain/queue/waiting-call.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logging.js';
import type { Store } from '../store/store.js';
import type { Task } from './lifecycle.js';
import { keepLooking } from './looking.js';
import type { Looking } from './looking.js';

/** Where claims wait, from its start to its stop. */
export interface WaitingRoom extends Turns, Task {
  /** Ends all waits, and those that are still to come: this process is about to stop. */
  drain(): void;
  /** How many claims wait. */
  count(): number;
}

/** How many claims of an organisation may wait in this process. */
export const maxWaitingCalls = 1_000;

/** After how long a queue is looked at again, for what other processes change, in milliseconds. */
const lookEveryMs = 2_000;
/** How long to wait after a failure, in milliseconds. */
const pauseMs = 1_000;

/** An environment in which claims of this process wait. */
interface Room {
  readonly organisation: string;
  readonly waiters: Set<Waiter>;
  /** When what it is looked at for became known. */
  changedAt: number | undefined;
  readonly looking: Looking;
}

interface Waiter extends WaitingCall {
  wake(changedAt: number): void;
}

/**
 * Wakes claims when their turn comes: at once after a change of this process, or of another one where the store
 * hears of it, in time when time alone brings it, and every few seconds for what nobody has told. Each environment
 * is looked at once for all who wait in it, and only those are woken whose turn it is, or who have nothing to wait
 * for any more; besides one that waits there alone, which may look for itself.
 */
export function createTurns(
  store: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers'>,
  clock: Pick<Clock, 'now'>,
  log: Pick<Logger, 'warn'>,
  everyMs = lookEveryMs,
): WaitingRoom {
  const rooms = new Map<string, Room>();
  const counts = new Map<string, number>();
  let unsubscribe: (() => void) | undefined;
  let drained = false;

  async function lookOnce(room: Room, organisation: string, environment: string): Promise<number> {
    const changedAt = room.changedAt ?? performance.now();
    room.changedAt = undefined;
    try {
      const now = clock.now();
      const here = new Set([...room.waiters].map(({ call }) => call));
      const { ready, waiting, againAt } = await store
        .for(organisation)
        .change('nextTurns', () => nextTurns(environment, here, now));
      for (const waiter of [...room.waiters]) {
        if (ready.get(waiter.id) === waiter.call || !waiting.has(waiter.id)) waiter.wake(changedAt);
      }
      const untilMs = againAt === null ? everyMs : Date.parse(againAt) - Date.parse(now);
      return Math.min(Math.max(untilMs, 1), everyMs);
    } catch (error) {
      log.warn({ organisation, environment, err: error }, 'a queue could not be looked at');
      return pauseMs;
    }
  }

  function look(room: Room): void {
    room.changedAt ??= performance.now();
    room.looking.look();
  }

  function noticeChange(organisation: string, environment: string): void {
    const room = rooms.get(nameOf({ organisation, environment }));
    if (room === undefined) return;
    const [first] = room.waiters;
    if (room.waiters.size === 1 && first?.claimsAtOnce === true) first.wake(performance.now());
    else look(room);
  }

  /** Looks at all environments of an organisation, where gates may have opened; or of all, where anything may. */
  function lookAtAll(of?: string): void {
    for (const room of rooms.values()) {
      if (of === undefined || room.organisation === of) look(room);
    }
  }

  function open({ organisation, environment }: WaitingCall): Room {
    const waiters = new Set<Waiter>();
    const room: Room = {
      organisation,
      waiters,
      changedAt: undefined,
      looking: keepLooking(
        () => lookOnce(room, organisation, environment),
        () => waiters.size > 0,
      ),
    };
    rooms.set(nameOf({ organisation, environment }), room);
    return room;
  }

  function enter(waiter: Waiter): void {
    const room = rooms.get(nameOf(waiter)) ?? open(waiter);
    room.waiters.add(waiter);
    counts.set(waiter.organisation, (counts.get(waiter.organisation) ?? 0) + 1);
    // What changed between the claim and now has not been noticed.
    look(room);
  }

  function leave(waiter: Waiter): void {
    const { organisation } = waiter;
    const name = nameOf(waiter);
    const room = rooms.get(name);
    if (room?.waiters.delete(waiter) !== true) return;
    const left = (counts.get(organisation) ?? 1) - 1;
    if (left === 0) counts.delete(organisation);
    else counts.set(organisation, left);
    if (room.waiters.size > 0) return;
    room.looking.stop();
    rooms.delete(name);
  }

  return {
    start() {
      const ends = [
        store.subscribe(({ organisation, changes }) => {
          if (rooms.size === 0) return;
          if (changes.controls !== undefined) lookAtAll(organisation);
          for (const environment of changedEnvironments(changes)) {
            noticeChange(organisation, environment);
          }
        }),
        store.subscribeToOthers((changed) => {
          if (changed === undefined || changed.controls === true) lookAtAll(changed?.organisation);
          else if (changed.environment !== undefined)
            noticeChange(changed.organisation, changed.environment);
        }),
      ];
      unsubscribe = () => {
        for (const end of ends) end();
      };
    },

    wait(who, forMs, left) {
      if (drained || left.aborted) return Promise.resolve(performance.now());
      if ((counts.get(who.organisation) ?? 0) >= maxWaitingCalls) {
        throw new ApplicationError(
          'unavailable',
          `The organisation has ${maxWaitingCalls} claims that wait here already; the place is kept for a while, ` +
            'so try again',
          { retryAfter: 5 },
        );
      }
      return new Promise((resolve) => {
        const end = (changedAt: number): void => {
          clearTimeout(timer);
          left.removeEventListener('abort', leaveNow);
          leave(waiter);
          resolve(changedAt);
        };
        const leaveNow = (): void => {
          end(performance.now());
        };
        const waiter: Waiter = { ...who, wake: end };
        const timer = setTimeout(leaveNow, forMs);
        left.addEventListener('abort', leaveNow);
        enter(waiter);
      });
    },

    drain() {
      drained = true;
      for (const { waiters } of [...rooms.values()]) {
        for (const waiter of [...waiters]) waiter.wake(performance.now());
      }
    },

    get isDrained() {
      return drained;
    },

    count: () => [...counts.values()].reduce((sum, count) => sum + count, 0),

    stop() {
      this.drain();
      unsubscribe?.();
    },
  };
}

function nameOf({
  organisation,
  environment,
}: Pick<WaitingCall, 'organisation' | 'environment'>): string {
  return JSON.stringify([organisation, environment]);
}
