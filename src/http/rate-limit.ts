import type { Response } from 'express';
import { LRUCache } from 'lru-cache';
import { createTokenBucket } from '../platform/token-bucket.js';
import type { TokenBucket } from '../platform/token-bucket.js';
import { HttpError } from './problem.js';
import type { RefusalMetrics } from './metrics.js';

/**
 * Lets a request of an organisation pass, and tells it by headers what is left.
 *
 * @throws HttpError `rate-limited`
 */
export type Admit = (res: Response, organisation: string) => void;

/** How often each organisation may call. */
export interface RateLimit {
  readonly perSecond: number;
  /** How many requests may come at once. */
  readonly burst: number;
}

/**
 * For how many organisations a bucket is kept. One that has not called for the longest time is
 * forgotten first; by then its bucket has long been full, as a new one is.
 */
const maxOrganisations = 10_000;

/**
 * Holds each organisation to its own rate, by a token bucket. It is asked once the caller is known,
 * since whoever is not let in must not use up another's share, and before the body is read.
 *
 * The headers are those of draft-ietf-httpapi-ratelimit-headers-10: `q` requests within a window of `w`
 * seconds, of which `r` are left and all will be again in `t` seconds.
 *
 * @param now the time in milliseconds, which never goes back
 */
export function limitRate(
  { perSecond, burst }: RateLimit,
  metrics: RefusalMetrics,
  now: () => number = () => performance.now(),
): Admit {
  const buckets = new LRUCache<string, TokenBucket>({ max: maxOrganisations });
  const refillMs = 1000 / perSecond;
  const policy = `"organisation";q=${burst};w=${Math.ceil(burst / perSecond)}`;

  const bucketOf = (organisation: string): TokenBucket => {
    const present = buckets.get(organisation);
    if (present !== undefined) return present;
    const bucket = createTokenBucket(burst, refillMs, now);
    buckets.set(organisation, bucket);
    return bucket;
  };

  return (res, organisation) => {
    const bucket = bucketOf(organisation);
    const taken = bucket.take();
    const untilFull = Math.ceil(bucket.untilThereAre(burst) / 1000);
    res.setHeader('RateLimit-Policy', policy);
    res.setHeader('RateLimit', `"organisation";r=${bucket.left()};t=${untilFull}`);
    if (taken) return;
    metrics.requestRefused('rate-limited');
    const seconds = Math.max(1, Math.ceil(bucket.untilThereAre(1) / 1000));
    const detail =
      `The organisation ${organisation} has used up its ${perSecond} requests a second ` +
      `(${burst} at once); try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
    throw new HttpError('rate-limited', detail, { headers: { 'Retry-After': String(seconds) } });
  };
}
