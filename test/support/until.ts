import { setTimeout as sleep } from 'node:timers/promises';

/** Shorter than mocha's limit, so that a failure names what did not happen. */
const enoughMs = 55_000;

/**
 * Waits until something is so, or is there.
 *
 * @param what for the failure, when it never is
 * @param find asked again and again until it is neither `false` nor `undefined`
 * @returns what it found
 * @example
 * const line = await until('the log says so', () => logs.find(({ msg }) => msg === 'stopped'));
 */
export async function until<T>(
  what: string,
  find: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  // A test may have its own idea of performance.now().
  const end = Date.now() + enoughMs;
  for (;;) {
    const found = await find();
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>;
    if (Date.now() > end) throw new Error(`It never came true that ${what}`);
    await sleep(5);
  }
}
