/** The state of one window after a request has been counted. */
export interface RateLimitState {
  readonly exceeded: boolean;
  /** The five `x-ratelimit-*` headers that every response carries. */
  readonly headers: Readonly<Record<string, string>>;
}

const HOUR = 3600;

/**
 * Counts requests by subject in windows of an hour.
 *
 * Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function countRateLimits(): (subject: string, limit: number) => RateLimitState {
  const windows = new Map<string, { used: number; reset: number }>();
  return (subject, limit) => {
    const now = Math.floor(Date.now() / 1000);
    let window = windows.get(subject);
    if (!window || window.reset <= now) {
      window = { used: 0, reset: now + HOUR };
      windows.set(subject, window);
    }
    const exceeded = window.used >= limit;
    if (!exceeded) window.used += 1;
    return { exceeded, headers: rateLimitHeaders(limit, window.used, window.reset) };
  };
}

/** The headers of a window; `reset` in seconds since the epoch. */
export function rateLimitHeaders(
  limit: number,
  used: number,
  reset: number,
): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(limit - used),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-resource': 'core',
  };
}
