import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { ApplicationError } from '../domain/errors.js';
import { createTokenBucket } from '../platform/token-bucket.js';
import type { TokenBucket } from '../platform/token-bucket.js';
import type { LimitMetrics } from './metrics.js';

/**
 * Takes one of the refusals that a client may have, before it is known whether its token is refused: else all
 * that come at the same time as the last one allowed would be looked up.
 *
 * @param address the client's
 * @returns gives it back, for a token that was not refused
 * @throws ApplicationError `rate-limited` when there is none left
 */
export type FailureLimit = (address: string | undefined) => () => void;

/** For how many clients refusals are counted; one that has had none for the longest time is forgotten first. */
const maxClients = 10_000;

/**
 * Limits refused tokens by a token bucket for each client, be it one address or the network of one.
 *
 * @param perMinute how many tokens of a client may be refused, at once and within a minute; 0 for no limit
 */
export function limitFailures(perMinute: number, metrics: LimitMetrics): FailureLimit {
  if (perMinute === 0) return () => () => undefined;
  const buckets = new LRUCache<string, TokenBucket>({ max: maxClients });
  const refillMs = 60_000 / perMinute;

  const bucketOf = (client: string): TokenBucket => {
    const present = buckets.get(client);
    if (present !== undefined) return present;
    const bucket = createTokenBucket(perMinute, refillMs);
    buckets.set(client, bucket);
    return bucket;
  };

  return (address) => {
    const client = networkOf(address);
    const bucket = bucketOf(client);
    if (bucket.take()) return bucket.giveBack;
    metrics.requestRefused('auth-failures');
    const seconds = Math.max(1, Math.ceil(bucket.untilThereAre(1) / 1000));
    throw new ApplicationError(
      'rate-limited',
      `More than ${perMinute} tokens from your address were refused within a minute; try again in ` +
        `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
      { retryAfter: seconds, reason: `the client is ${client}` },
    );
  };
}

/** An address as some proxies write it, with a port or in brackets. */
const withPort = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/;

/**
 * The network that is counted as one client: an IPv4 address by itself; of IPv6 a /64, which is the least
 * that one customer gets (RFC 6177).
 */
export function networkOf(address = ''): string {
  const [, bracketed, dotted] = withPort.exec(address) ?? [];
  const bare = bracketed ?? dotted ?? address;
  if (!ipaddr.isValid(bare)) return 'unknown';
  const parsed = ipaddr.process(bare);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const groups = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${groups.join(':')}::/64`;
}

/** Whether a token was looked at and is not good; a request that is wrong otherwise says nothing of it. */
export function isFailure(error: unknown): boolean {
  if (!(error instanceof ApplicationError)) return false;
  return error.code === 'unauthenticated' || error.code === 'forbidden';
}
