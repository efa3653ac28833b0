import { error } from './github-responses.js';
import { rateLimitHeaders } from './github-rate-limit.js';
import type { Fault } from '../faults.js';

const RATE_LIMITS = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';

/**
 * The primary rate limit is used up: 403 or 429, `x-ratelimit-remaining: 0`, and no `retry-after`.
 *
 * @param options.resetIn seconds until the window resets
 */
export function primaryRateLimit({
  status = 403,
  resetIn = 1800,
}: { status?: 403 | 429; resetIn?: number } = {}): Fault {
  const reset = Math.floor(Date.now() / 1000) + resetIn;
  return response(
    status,
    'API rate limit exceeded for user ID 583231.',
    `${RATE_LIMITS}#about-primary-rate-limits`,
    rateLimitHeaders(5000, 5000, reset),
  );
}

/**
 * A secondary rate limit: 403 or 429 while the primary one still has room.
 *
 * @param options.retryAfter seconds; `null` for a response without the header, which means "at least a minute"
 */
export function secondaryRateLimit({
  status = 403,
  retryAfter = 60,
}: { status?: 403 | 429; retryAfter?: number | null } = {}): Fault {
  const reset = Math.floor(Date.now() / 1000) + 1800;
  return response(
    status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    `${RATE_LIMITS}#about-secondary-rate-limits`,
    {
      ...rateLimitHeaders(5000, 12, reset),
      ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }),
    },
  );
}

/**
 * Too many bad credentials: GitHub then refuses good ones as well, with 403.
 *
 * Source: https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#failed-login-limit
 */
export function failedLoginLimit(): Fault {
  return response(
    403,
    'Maximum number of login attempts exceeded. Please try again later.',
    'https://docs.github.com/rest',
    {},
  );
}

/** A refusal in the form of GitHub's, with whatever it says. */
export function refusal(message: string, headers: Record<string, string> = {}): Fault {
  return response(403, message, 'https://docs.github.com/rest', headers);
}

/**
 * The API version of the request has been retired.
 *
 * Source: https://docs.github.com/en/rest/about-the-rest-api/api-versions
 */
export function versionGone(): Fault {
  return response(
    410,
    'This API version is no longer supported.',
    'https://docs.github.com/rest/about-the-rest-api/api-versions',
    {},
  );
}

function response(
  status: number,
  message: string,
  documentation: string,
  headers: Record<string, string>,
): Fault {
  const { body } = error(status, message, documentation);
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}
