/**
 * Waits.
 *
 * @throws the signal's reason, as soon as it is aborted
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  const timer = setTimeout(wake, ms);
  signal?.addEventListener('abort', wake, { once: true });
  await woken;
  clearTimeout(timer);
  signal?.removeEventListener('abort', wake);
  signal?.throwIfAborted();
}

/**
 * Runs something that a signal can end, for a limited time.
 *
 * AbortSignal.any() would do, but Node 20 keeps each signal that it made for as long as the caller's
 * signal lives, and one of those may see thousands of calls.
 *
 * @param late what to throw when the time is over
 * @throws the signal's reason, when the caller aborts
 */
export async function withinTime<T>(
  ms: number,
  late: () => Error,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const pass = (): void => {
    controller.abort(signal?.reason);
  };
  const timer = setTimeout(() => {
    controller.abort(late());
  }, ms);
  signal?.addEventListener('abort', pass, { once: true });
  try {
    return await run(controller.signal);
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', pass);
  }
}
