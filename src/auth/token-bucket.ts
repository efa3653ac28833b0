/** Lets something happen so many times at once, and so often after that. */
export interface TokenBucket {
  /** Takes one; `false` when there is none left. */
  take(): boolean;
}

/**
 * A bucket that starts full.
 *
 * @param capacity how many may be taken at once
 * @param refillMs after how long one more is there, in milliseconds
 */
export function createTokenBucket(capacity: number, refillMs: number): TokenBucket {
  let level = capacity;
  let seen = performance.now();
  return {
    take() {
      const now = performance.now();
      level = Math.min(capacity, level + (now - seen) / refillMs);
      seen = now;
      if (level < 1) return false;
      level -= 1;
      return true;
    },
  };
}
