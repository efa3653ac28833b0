import type { RequestHandler } from 'express';
import type { Logger } from '../platform/logging.js';
import { HttpError } from './problem.js';
import type { RefusalMetrics } from './metrics.js';

/** Decides which requests are refused while there is more to do than can be done. */
export interface Overload {
  /** Takes note of a request that has come, and says whether it is to be refused. */
  readonly shed: () => boolean;
  /** Takes a measurement of the event loop's lag, in milliseconds. */
  readonly observe: (lagMs: number) => void;
}

/** As many requests at once are callers who wait for their answers, however late the event loop is. */
const crowd = 200;
/** How much more is refused after each measurement of overload, and less after one of none. */
const step = 0.25;
/** The most that is refused: what still gets through shows whether things are better. */
const maxShare = 0.875;
/** One long turn of the event loop is not overload; so many in a row are. */
const overloadedInARow = 2;

/**
 * Sheds load that outruns the service.
 *
 * A late event loop alone is no overload. Callers who send their next request when they have the answer
 * to the last (a closed loop) make a turn of the loop as long as their number times the work of one
 * request: a hundred who list 1,000 deployments each make it a third of a second, a busy machine a
 * multiple of that, and yet all that they ask for gets done. Requests that come whether or not others are
 * answered (an open loop) are no such number: beyond what the service can do, each turn finds more of
 * them waiting than the one before. So it takes both, several times in a row:
 *
 * - One turn has found more than a crowd waiting. A closed loop of fewer callers never gets there, on no
 *   machine: a connection carries one request at a time.
 * - The lag is at the threshold or above. A request waits for the turn in which it comes and is answered in
 *   the next, so by default up to two seconds; who is refused is told to come again in as many
 *   (`Retry-After`), and below that would be no better off.
 *
 * Refusing all or nothing would swing between the two, so a share is refused: it grows during overload,
 * shrinks while the lag is below half of the threshold or but a crowd is waiting, and else stays.
 *
 * @param thresholdMs the lag from which requests are refused
 * @param log told when it begins and when it is over
 */
export function createOverload(thresholdMs: number, log: Pick<Logger, 'warn' | 'info'>): Overload {
  let share = 0;
  let inARow = 0;
  let credit = 0;
  /** Requests of this turn of the event loop, and the most of any turn since the last measurement. */
  let turn = 0;
  let waiting = 0;

  const endTurn = (): void => {
    waiting = Math.max(waiting, turn);
    turn = 0;
  };
  const set = (next: number, measured: object): void => {
    const before = share;
    share = Math.min(maxShare, Math.max(0, next));
    if (before === 0 && share > 0) log.warn(measured, 'overloaded, shedding requests');
    if (before > 0 && share === 0) log.info(measured, 'no longer overloaded');
  };

  return {
    shed() {
      // Everything that waits is read in one turn; what is set here runs at its end.
      if (turn === 0) setImmediate(endTurn);
      turn += 1;
      if (share === 0) return false;
      // Spreads the refusals evenly over the requests.
      credit += share;
      if (credit < 1) return false;
      credit -= 1;
      return true;
    },
    observe(lagMs) {
      const measured = { lagMs, thresholdMs, waiting };
      const crowded = waiting > crowd;
      waiting = 0;
      inARow = crowded && lagMs >= thresholdMs ? inARow + 1 : 0;
      if (inARow >= overloadedInARow) set(share + step, measured);
      else if (share > 0 && (!crowded || lagMs < thresholdMs / 2)) set(share - step, measured);
    },
  };
}

/** Seconds until another try makes sense. */
const retryAfter = 2;

/** Refuses what is to be shed, as cheaply as it can be: before anything else is done for it. */
export function shedLoad(shed: () => boolean, metrics: RefusalMetrics): RequestHandler {
  const detail = `The service is overloaded; try again in ${retryAfter} seconds`;
  const headers = { 'Retry-After': String(retryAfter) };
  const overloaded = new HttpError('overloaded', detail, { headers });
  return (_req, _res, next) => {
    if (!shed()) {
      next();
      return;
    }
    metrics.requestRefused('overloaded');
    next(overloaded);
  };
}
