import { createClock } from '../../src/platform/clock.js';
import type { Clock } from '../../src/platform/clock.js';

/** A clock that a test sets forward. */
export interface MovedClock extends Clock {
  /** @param seconds how far, in seconds */
  forward(seconds: number): void;
}

/** The clock of this process, as much ahead as a test has set it. */
export function createMovedClock(): MovedClock {
  const clock = createClock();
  let ahead = 0;
  const move = (instant: string): string => new Date(Date.parse(instant) + ahead).toISOString();
  return {
    now: () => move(clock.now()),
    newIdentity: () => {
      const { id, at } = clock.newIdentity();
      return { id, at: move(at) };
    },
    forward(seconds) {
      ahead += seconds * 1000;
    },
  };
}
