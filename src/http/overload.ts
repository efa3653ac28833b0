import type { Logger } from '../platform/logging.js';

/** Decides which requests are refused while there is more to do than can be done. */
export interface Overload {
  /** Whether the next request is to be refused. */
  readonly shed: () => boolean;
  /** Takes a measurement of the event loop's lag, in milliseconds. */
  readonly observe: (lagMs: number) => void;
}

/** How much more is refused after each measurement that is too high, and less after a low one. */
const step = 0.25;
/** The most that is refused: what still gets through shows whether things are better. */
const maxShare = 0.875;
/** One long turn of the event loop is not overload; so many in a row are. */
const highInARow = 2;

/**
 * Sheds load by the lag of the event loop.
 *
 * Refusing all or nothing would swing between the two, so a share is refused: it grows while the lag
 * is at the threshold or above, shrinks while it is below half of that, and stays in between.
 *
 * @param thresholdMs the lag from which requests are refused
 * @param log told when it begins and when it is over
 */
export function createOverload(thresholdMs: number, log: Pick<Logger, 'warn' | 'info'>): Overload {
  let share = 0;
  let high = 0;
  let credit = 0;

  const set = (next: number, lagMs: number): void => {
    const before = share;
    share = Math.min(maxShare, Math.max(0, next));
    if (before === 0 && share > 0)
      log.warn({ lagMs, thresholdMs }, 'overloaded, shedding requests');
    if (before > 0 && share === 0) log.info({ lagMs, thresholdMs }, 'no longer overloaded');
  };

  return {
    shed() {
      if (share === 0) return false;
      // Spreads the refusals evenly over the requests.
      credit += share;
      if (credit < 1) return false;
      credit -= 1;
      return true;
    },
    observe(lagMs) {
      high = lagMs >= thresholdMs ? high + 1 : 0;
      if (high >= highInARow) set(share + step, lagMs);
      else if (share > 0 && lagMs < thresholdMs / 2) set(share - step, lagMs);
    },
  };
}
