/** Lets something happen so many times at once, and so often after that. */
export interface TokenBucket {
  /** Takes one; `false` when there is none left. */
  take(): boolean;
  /** Puts one back that was taken. */
  readonly giveBack: () => void;
  /** How many may be taken now. */
  left(): number;
  /** After how many milliseconds so many may be taken; 0 when they may be now. */
  untilThereAre(count: number): number;
}

/**
 * A bucket that starts full.
 *
 * @param capacity how many may be taken at once
 * @param refillMs after how long one more is there, in milliseconds
 * @param now the time in milliseconds, which never goes back
 */
export function createTokenBucket(
  capacity: number,
  refillMs: number,
  now: () => number = () => performance.now(),
): TokenBucket {
  let level = capacity;
  let seen = now();
  const refill = (): void => {
    const time = now();
    level = Math.min(capacity, level + (time - seen) / refillMs);
    seen = time;
  };
  return {
    take() {
      refill();
      if (level < 1) return false;
      level -= 1;
      return true;
    },
    giveBack() {
      level = Math.min(capacity, level + 1);
    },
    left() {
      refill();
      return Math.floor(level);
    },
    untilThereAre(count) {
      refill();
      return Math.max(0, (count - level) * refillMs);
    },
  };
}
