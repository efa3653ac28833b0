import type { Deadline } from './deadline.js';
import { unavailable } from './unavailable.js';

/** Where operations of one tenant queue up while they are in each other's way. */
export interface Mutexes {
  /** Whether somebody queues in a mutex. */
  isBusy(name: string): boolean;
  /**
   * Waits for one's turn; the mutex is free again when the returned function is called.
   *
   * @throws ApplicationError `unavailable` when the time is over before that
   */
  enter(name: string, deadline: Deadline): Promise<() => void>;
}

/**
 * Mutexes of one process.
 *
 * Changes are tried without a lock, and one that finds its data changed starts over. When many of one
 * tenant's meet in the same rows, most tries would be in vain; so those that met go on one at a time,
 * in the order in which they came. Tenants do not wait for each other.
 */
export function createMutexes(): Mutexes {
  const mutexes = new Map<string, { queued: number; last: Promise<void> }>();

  /** Gets in line at once, and has the turn later. */
  async function queueUp(name: string): Promise<() => void> {
    const mutex = mutexes.get(name) ?? { queued: 0, last: Promise.resolve() };
    mutexes.set(name, mutex);
    mutex.queued += 1;
    const before = mutex.last;
    let leave: () => void = () => undefined;
    mutex.last = new Promise((resolve) => {
      leave = () => {
        mutex.queued -= 1;
        if (mutex.queued === 0) mutexes.delete(name);
        resolve();
      };
    });
    await before;
    return leave;
  }

  return {
    isBusy: (name) => mutexes.has(name),

    async enter(name, deadline) {
      const turn = queueUp(name);
      try {
        return await deadline.within(turn);
      } catch (error) {
        void turn.then((leave) => {
          leave();
        });
        throw unavailable(error, 'The store is busy with other changes');
      }
    },
  };
}
