/** How often the lag is measured, in milliseconds. */
export const measuredEveryMs = 20;

/**
 * Is told how late the event loop was.
 *
 * @param lagMs in milliseconds
 */
export type LagListener = (lagMs: number) => void;

interface Watcher {
  readonly listener: LagListener;
  readonly everyMs: number;
  /** The largest lag since the listener was told. */
  largest: number;
  toldAt: number;
}

/** The process has one event loop, so one timer serves all who watch it. */
const watchers = new Set<Watcher>();
let timer: NodeJS.Timeout | undefined;

/**
 * Measures how late the event loop is, again and again. It keeps no process alive.
 *
 * @param everyMs how often the listener is told: of the largest lag since it was told last
 * @returns ends it
 * @example const unwatch = watchEventLoop((lagMs) => histogram.observe(lagMs / 1000), 20);
 */
export function watchEventLoop(listener: LagListener, everyMs = 100): () => void {
  const watcher = { listener, everyMs, largest: 0, toldAt: uptimeMs() };
  watchers.add(watcher);
  timer ??= startTimer();
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function startTimer(): NodeJS.Timeout {
  let due = uptimeMs() + measuredEveryMs;
  const measure = (): void => {
    const now = uptimeMs();
    const lag = Math.max(0, now - due);
    due = now + measuredEveryMs;
    for (const watcher of watchers) tell(watcher, lag, now);
  };
  return setInterval(measure, measuredEveryMs).unref();
}

function tell(watcher: Watcher, lag: number, now: number): void {
  watcher.largest = Math.max(watcher.largest, lag);
  // A timer comes a little early or late, which must not cost a whole measurement.
  if (now - watcher.toldAt < watcher.everyMs - measuredEveryMs / 2) return;
  const { largest } = watcher;
  watcher.largest = 0;
  watcher.toldAt = now;
  watcher.listener(Math.round(largest * 1000) / 1000);
}

/** The clock of the timers themselves, to the microsecond. */
function uptimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
