import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets the tests of a suite move the monotonic clock (`performance.now()`) of this process ahead,
 * by which the service measures the age of what it remembers. Timers go on as usual.
 *
 * @returns moves it, by milliseconds; resolves when lru-cache, which looks at the clock once in a
 *   turn of the event loop, will have noticed
 */
export function timeTravel(): (milliseconds: number) => Promise<void> {
  const now = performance.now.bind(performance);
  let ahead = 0;
  before(() => {
    performance.now = () => now() + ahead;
  });
  after(() => {
    performance.now = now;
  });
  return (milliseconds) => {
    ahead += milliseconds;
    return sleep(5);
  };
}
