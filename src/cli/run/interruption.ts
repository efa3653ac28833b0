import { constants } from 'node:os';

/** What tells this program to stop. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type StopSignal = (typeof signals)[number];

/** Somebody has told this program to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly by: StopSignal;

  constructor(by: StopSignal) {
    super(`interrupted by ${by}`);
    this.by = by;
  }
}

/** The signals that this program gets, from now on and until they are let go. */
export interface Interruption {
  /** Aborted by the first one, with {@link Interrupted}. */
  readonly first: AbortSignal;
  /**
   * Aborted by the next one, and where there was none yet by the one after that: what is to be done in the end is
   * seen through, but not for somebody who insists.
   */
  patience(): AbortSignal;
  /** Told of each one, until `stop` is called. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  letGo(): void;
}

/** Takes the signals that would end this program. */
export function takeSignals(): Interruption {
  const first = new AbortController();
  const listeners = new Set<(signal: StopSignal) => void>();
  const take = (signal: StopSignal): void => {
    first.abort(new Interrupted(signal));
    for (const listener of listeners) listener(signal);
  };
  for (const signal of signals) process.on(signal, take);
  return {
    first: first.signal,
    patience() {
      const ended = new AbortController();
      let isWarned = first.signal.aborted;
      listeners.add((signal) => {
        if (isWarned) ended.abort(new Interrupted(signal));
        isWarned = true;
      });
      return ended.signal;
    },
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    letGo() {
      for (const signal of signals) process.off(signal, take);
    },
  };
}

/** The exit code of what a signal has ended, as shells have it. */
export function codeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
