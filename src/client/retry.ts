import { ClientError } from './errors.js';
import { sleep } from './time.js';

/** How often and how long a call is tried. */
export interface RetryOptions {
  /** Tries in all; 1 tries once, `Infinity` as often as the timeout lets it. */
  readonly attempts: number;
  /** The wait before the second try, in milliseconds; it doubles from try to try. */
  readonly minDelayMs: number;
  /** The longest wait, unless the service asks for a longer one by `Retry-After`. */
  readonly maxDelayMs: number;
  /** No further try begins later than this after the first; a longer `Retry-After` ends the call. */
  readonly timeoutMs: number;
  /** Told before each wait what the try before it ended with, and how long the wait is. */
  readonly onRetry?: ((error: ClientError, waitMs: number) => void) | undefined;
}

/** Rides out a restart of the service: tries for a minute. */
export const defaultRetry: RetryOptions = {
  attempts: Infinity,
  minDelayMs: 250,
  maxDelayMs: 10_000,
  timeoutMs: 60_000,
};

/**
 * Tries until it succeeds, fails for good, or the options' bounds are reached. Waits grow twofold and
 * are shortened at random by up to a half, so that callers who failed together do not return together.
 *
 * @param attempt one try
 * @throws what the last try threw; the signal's reason, once that is aborted
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  { attempts, minDelayMs, maxDelayMs, timeoutMs, onRetry }: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  const started = performance.now();
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      // What the signal was aborted for may be an error that another call would be tried again for.
      signal?.throwIfAborted();
      if (!(error instanceof ClientError) || !error.retryable || tried >= attempts) throw error;
      const backoff = Math.min(maxDelayMs, minDelayMs * 2 ** (tried - 1));
      const wait = retryAfterMs(error) + backoff * (1 - Math.random() / 2);
      if (performance.now() - started + wait > timeoutMs) throw error;
      onRetry?.(error, wait);
      await sleep(wait, signal);
    }
  }
}

/** What the response asked for, also where it stands behind an error of credentials. */
function retryAfterMs(error: ClientError): number {
  if ('retryAfter' in error && typeof error.retryAfter === 'number') return error.retryAfter * 1000;
  return error.cause instanceof ClientError ? retryAfterMs(error.cause) : 0;
}
