import { useEffect, useState } from 'preact/hooks';

/** A timer takes no more than that, in milliseconds. */
const maxTimer = 2 ** 31 - 1;

/**
 * The present instant, in milliseconds, anew every so often.
 *
 * @param next an instant at which it is anew as well, in milliseconds since the epoch
 */
export function useNow(everyMs: number, next?: (now: number) => number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  const instant = next?.(now);
  useEffect(() => {
    if (instant === undefined) return undefined;
    // Where it comes a little early, it is the next one again.
    const timer = setTimeout(
      () => {
        setNow(Date.now());
      },
      Math.min(maxTimer, Math.max(0, instant - Date.now())),
    );
    return () => {
      clearTimeout(timer);
    };
  }, [instant, now]);
  return now;
}
