/**
 * Does something at most once in a time, however many ask for it. Those who ask while it is under way, and for
 * a while after it began, get what it comes to, an error too.
 *
 * @param everyMs from one beginning to the next, in milliseconds
 * @example
 * const render = atMostEvery(1_000, () => registry.metrics());
 */
export function atMostEvery<T>(everyMs: number, work: () => Promise<T>): () => Promise<T> {
  let begun = -Infinity;
  let underWay = false;
  let latest: Promise<T> | undefined;
  return () => {
    if (latest === undefined || (!underWay && performance.now() - begun >= everyMs)) {
      begun = performance.now();
      underWay = true;
      latest = work().finally(() => {
        underWay = false;
      });
    }
    return latest;
  };
}
