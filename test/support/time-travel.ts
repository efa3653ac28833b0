import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets the tests of a suite set the monotonic clock (`performance.now()`) of this process, by which the
 * service measures the age of what it remembers. It stands still but for them, so that nothing depends on
 * how fast a test runs. Timers go on as usual.
 *
 * @returns moves it ahead, by milliseconds; resolves when lru-cache, which looks at the clock once in a
 *   turn of the event loop, will have noticed
 */
export function timeTravel(): (milliseconds: number) => Promise<void> {
  const now = performance.now.bind(performance);
  let at = 0;
  before(() => {
    // A whole number, of which all differences are exact.
    at = Math.ceil(performance.now());
    performance.now = () => at;
  });
  after(() => {
    performance.now = now;
  });
  return (milliseconds) => {
    at += milliseconds;
    return sleep(5);
  };
}
