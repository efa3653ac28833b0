import { createPublicKey, hash } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { createLocalJWKSet, errors } from 'jose';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ApplicationError } from '../../domain/errors.js';
import { reasonOf } from '../../platform/logging.js';
import type { Logger } from '../../platform/logging.js';
import type { Fetch } from '../../platform/proxied-fetch.js';
import type { CountLookup } from '../metrics.js';
import { createTokenBucket } from '../../platform/token-bucket.js';
import { readLimited } from '../outbound.js';

/** The issuer's keys. */
export interface KeyLookup {
  /** Finds the key that a token was signed with. */
  readonly find: JWTVerifyGetKey;
  /**
   * How often the keys have been fetched: each time, a key may be gone. Starts to fetch old ones again
   * in the background.
   */
  generation(): number;
}

/** How many times keys may be fetched at once, and how often after that. */
const maxAtOnce = 2;
const refillMs = 5_000;
const timeoutMs = 5_000;
/** Larger key sets are not read: the genuine one has a few kilobytes. */
const maxBytes = 256 * 1024;
const retryAfter = 5;
/** For how many unknown `kid`s it is remembered that they were asked for, and for how long. */
const maxUnknown = 10_000;
const unknownMs = 60_000;

/**
 * The issuer's keys, fetched when they are needed and kept.
 *
 * jose would forget its keys when they are old and the issuer does not respond, would not look for a
 * new key within its cooldown, and would ask again and again while the issuer fails. Here instead:
 *
 * - a key that is known keeps working, however long the issuer is away;
 * - keys older than the lifetime are fetched again in the background;
 * - an unknown `kid` causes a fetch at once, so that a rotation is seen, but a flood of them, or of
 *   failures, is limited to two fetches and one more every five seconds;
 * - a `kid` is refused only when a fetch that began after it was first seen did not bring it, and is not
 *   looked for again for a minute; one that may not be looked for yet is told to come again.
 *
 * @param url of the JWK set (RFC 7517, section 5)
 * @param lifetimeSeconds after which keys are fetched again
 * @param count is told of each look-up
 * @param fetch how the issuer is reached
 */
export function createKeyLookup(
  url: string,
  lifetimeSeconds: number,
  log: Logger,
  count: CountLookup = () => undefined,
  fetch: Fetch = globalThis.fetch,
): KeyLookup {
  const bucket = createTokenBucket(maxAtOnce, refillMs);
  let keys: JWTVerifyGetKey | undefined;
  let kids: readonly string[] = [];
  let fetchedAt = 0;
  let failed = false;
  let underWay: Promise<void> | undefined;
  /** Fetches are numbered from 1, in the order in which they begin; only one is under way at a time. */
  let begun = 0;
  let succeeded = 0;
  let generation = 0;
  /** By the hash of a `kid`, which may be long: how many fetches had begun when it was first seen. */
  const unknown = new LRUCache<string, number>({ max: maxUnknown, ttl: unknownMs });

  const fetchOnce = async (): Promise<void> => {
    const number = (begun += 1);
    try {
      const set = await fetchKeys(url, fetch);
      keys = createLocalJWKSet(set);
      // Those that are gone have been looked for by this.
      for (const kid of kids) unknown.set(nameOf(kid), number - 1);
      kids = set.keys.map(({ kid = '' }) => kid);
      fetchedAt = performance.now();
      failed = false;
      succeeded = number;
      generation += 1;
    } catch (error) {
      failed = true;
      log.warn({ reason: reasonOf(error), url }, 'cannot fetch the keys of the issuer');
    }
    underWay = undefined;
  };

  /** Fetches once for all who ask at the same time; `false` when it may not be done now. */
  const refresh = async (): Promise<boolean> => {
    if (underWay === undefined) {
      if (!bucket.take()) return false;
      underWay = fetchOnce();
    }
    await underWay;
    return true;
  };

  const firstSeen = (kid: string): number => {
    const name = nameOf(kid);
    const known = unknown.get(name);
    if (known === undefined) unknown.set(name, begun);
    return known ?? begun;
  };

  const findKnown = async (...[header, token]: Parameters<JWTVerifyGetKey>) => {
    try {
      return await keys?.(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      throw error;
    }
  };

  const find: JWTVerifyGetKey = async (header, token) => {
    const known = await findKnown(header, token);
    const seen = known === undefined ? firstSeen(header.kid ?? '') : 0;
    if (known !== undefined || succeeded > seen) count('hit');
    else count(underWay === undefined ? 'miss' : 'joined');
    if (known !== undefined) return known;

    while (succeeded <= seen) {
      const fetched = await refresh();
      const found = await findKnown(header, token);
      if (found !== undefined) return found;
      // An issuer that does not respond may have rotated: that is not the caller's fault.
      if (failed) throw outOfReach();
      if (!fetched) throw notYet(bucket.untilThereAre(1));
    }
    throw new errors.JWKSNoMatchingKey();
  };
  return {
    find,
    generation() {
      const age = keys === undefined ? 0 : performance.now() - fetchedAt;
      if (age > lifetimeSeconds * 1000) void refresh();
      return generation;
    },
  };
}

function nameOf(kid: string): string {
  return hash('sha256', kid, 'base64');
}

function outOfReach(): ApplicationError {
  return new ApplicationError(
    'unavailable',
    `The keys of the token's issuer are out of reach; try again in ${retryAfter} seconds`,
    { retryAfter },
  );
}

function notYet(waitMs: number): ApplicationError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ApplicationError(
    'unavailable',
    "The token's key is not known, and its issuer was asked for new ones just now; try again in " +
      `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
    { retryAfter: seconds },
  );
}

/** Fetches a key set, and fails for one that would replace good keys with none that can be used. */
async function fetchKeys(url: string, fetch: Fetch): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { Accept: 'application/jwk-set+json, application/json' },
  });
  if (response.status !== 200) throw new Error(`the issuer responded with ${response.status}`);
  const { keys } = keySet.parse(JSON.parse(await readLimited(response, maxBytes)));
  const usable = keys.filter(canVerify);
  if (usable.length === 0) throw new Error('the key set has no key for RS256');
  return { keys: usable };
}

const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** Whether a key can verify RS256, which takes RSA of at least 2048 bits (RFC 7518, section 3.3). */
function canVerify(key: JsonWebKey & { kid?: unknown }): boolean {
  if (key.kty !== 'RSA' || typeof key.kid !== 'string' || key['use'] === 'enc') return false;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  } catch {
    return false;
  }
}
