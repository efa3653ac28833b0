import { setTimeout as sleep } from 'node:timers/promises';
import { withDeadline } from '../platform/deadline.js';
import { unavailable } from './unavailable.js';

const firstPauseMs = 20;
const longestPauseMs = 1_000;

/** The time that an operation may take, all of its tries together. */
export interface Deadline {
  /** Milliseconds that are left; never negative. */
  left(): number;
  /**
   * Waits before another try: for a random time up to a bound that doubles, so that those who met
   * once do not meet again (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
   *
   * @param cause why the last try failed
   * @throws ApplicationError `unavailable` when there is no time for another
   */
  pause(cause: unknown): Promise<void>;
  /** What the call comes to, or `DeadlinePassed` when the time is up first; the call goes on. */
  within<T>(call: Promise<T>): Promise<T>;
}

/** Starts to count. */
export function startDeadline(milliseconds: number): Deadline {
  const end = performance.now() + milliseconds;
  let bound = firstPauseMs;
  const left = () => Math.max(0, end - performance.now());
  return {
    left,

    async pause(cause) {
      const pause = Math.random() * bound;
      bound = Math.min(bound * 2, longestPauseMs);
      if (pause >= left()) throw unavailable(cause);
      await sleep(pause);
    },

    within: (call) =>
      withDeadline(call, left(), () => {
        throw new DeadlinePassed();
      }),
  };
}

/** No answer came in time; what was asked for may still be under way. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor() {
    super('No answer from the store in time');
  }
}
