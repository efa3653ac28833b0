/** Something that goes on behind the requests, from its start to its stop. */
export interface Task {
  /** Resolves once it goes on; what takes longer than that is done behind it. */
  start(): Promise<void> | void;
  /** Resolves once nothing of it goes on any more. */
  stop(): Promise<void> | void;
}

/** What was started, and is stopped in reverse order. */
export interface Lifecycle {
  /** Starts a task. */
  start(task: Task): Promise<void>;
  /** Takes what has started by itself. */
  onStop(stop: Task['stop']): void;
  /**
   * Stops everything, what came last first. Something that fails to stop keeps nothing else from it.
   *
   * @throws AggregateError of all that failed
   */
  stop(): Promise<void>;
}

/**
 * Keeps account of what was started.
 *
 * @example
 * const lifecycle = createLifecycle();
 * await lifecycle.start(createCleanup(store, clock, logger));
 * lifecycle.onStop(() => server.stop());
 * …
 * await lifecycle.stop();
 */
export function createLifecycle(): Lifecycle {
  const stops: Task['stop'][] = [];
  return {
    async start(task) {
      await task.start();
      stops.push(() => task.stop());
    },

    onStop(stop) {
      stops.push(stop);
    },

    async stop() {
      const failures: unknown[] = [];
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
        try {
          await stop();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0)
        throw new AggregateError(failures, 'Not everything could be stopped');
    },
  };
}
