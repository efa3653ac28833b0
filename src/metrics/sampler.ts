import { withDeadline } from '../platform/deadline.js';

/** Takes a sample now and then, when somebody asks for it. */
export interface Sampler {
  /** Takes a sample when one is due, and waits for it, though not for long. Never rejects. */
  refresh(): Promise<void>;
  /** For how long the sample that is being taken has been under way, in milliseconds; 0 when none is. */
  underWayFor(): number;
}

/**
 * Takes one sample at a time and not more often than allowed, however many ask.
 *
 * @param take the sample, and keeps what it came to; must not reject
 * @param everyMs the shortest time between two samples, in milliseconds
 * @param timeoutMs how long those who ask wait, in milliseconds
 */
export function createSampler(
  take: () => Promise<void>,
  everyMs: number,
  timeoutMs: number,
): Sampler {
  let started = -Infinity;
  let underWay: Promise<void> | undefined;

  return {
    async refresh() {
      if (underWay === undefined && performance.now() - started >= everyMs) {
        started = performance.now();
        underWay = take().finally(() => {
          underWay = undefined;
        });
      }
      if (underWay !== undefined) await withDeadline(underWay, timeoutMs, () => undefined);
    },

    underWayFor: () => (underWay === undefined ? 0 : performance.now() - started),
  };
}
