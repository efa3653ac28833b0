import { setTimeout as sleep } from 'node:timers/promises';

/** Shorter than mocha's limit, so that a failure names what did not happen. */
const enoughMs = 55_000;

/**
 * Waits until something is so.
 *
 * @param what for the failure, when it never is
 * @example
 * await until('the line is in the log', () => logs.some(({ msg }) => msg === 'stopped'));
 */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  // A test may have its own idea of performance.now().
  const end = Date.now() + enoughMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It never came true that ${what}`);
    await sleep(5);
  }
}
