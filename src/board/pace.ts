import { sleep } from '../client/time.js';

/** Bounds how often something is done: so many at once, and then so many a second. */
export interface Pace {
  readonly burst: number;
  readonly perSecond: number;
}

/** What a board asks for on its own, beside the stream: many boards share the rate of their organisation. */
export const boardPace: Pace = { burst: 40, perSecond: 1 };

/**
 * Waits until it may be done once more.
 *
 * @param now milliseconds that only grow
 */
export function paced({ burst, perSecond }: Pace, now = () => performance.now()) {
  let tokens = burst;
  let at = now();
  return async (signal: AbortSignal): Promise<void> => {
    const elapsed = now() - at;
    at += elapsed;
    tokens = Math.min(burst, tokens + (elapsed / 1000) * perSecond) - 1;
    if (tokens < 0) await sleep((-tokens / perSecond) * 1000, signal);
  };
}
