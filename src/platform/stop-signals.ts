/** What a signal to stop leads to, which changes while a process starts. */
export interface StopSignals {
  /** Says what a signal leads to from now on. */
  lead(to: (signal: NodeJS.Signals) => void): void;
}

/**
 * Takes SIGTERM and SIGINT, for as long as the process lives: a listener that takes the place of another would
 * miss a signal that comes while the process is too busy to hear of it. Without any, Linux ignores the signal
 * where this is process 1, as in a container.
 *
 * @param to what a signal leads to at first
 */
export function takeStopSignals(to: (signal: NodeJS.Signals) => void): StopSignals {
  let listener = to;
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, (signal) => {
      listener(signal);
    });
  }
  return {
    lead(next) {
      listener = next;
    },
  };
}
