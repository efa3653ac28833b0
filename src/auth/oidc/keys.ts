import { createPublicKey } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { ApplicationError } from '../../domain/errors.js';
import { reasonOf } from '../../platform/logging.js';
import type { Logger } from '../../platform/logging.js';
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

/**
 * The issuer's keys, fetched when they are needed and kept.
 *
 * jose would forget its keys when they are old and the issuer does not respond, would not look for a
 * new key within its cooldown, and would ask again and again while the issuer fails. Here instead:
 *
 * - a key that is known keeps working, however long the issuer is away;
 * - keys older than the lifetime are fetched again in the background;
 * - an unknown `kid` causes a fetch at once, so that a rotation is seen, but a flood of them, or of
 *   failures, is limited to two fetches and one more every five seconds.
 *
 * @param url of the JWK set (RFC 7517, section 5)
 * @param lifetimeSeconds after which keys are fetched again
 * @param count is told of each look-up
 */
export function createKeyLookup(
  url: string,
  lifetimeSeconds: number,
  log: Logger,
  count: CountLookup = () => undefined,
): KeyLookup {
  const bucket = createTokenBucket(maxAtOnce, refillMs);
  const remote = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Infinity,
    cooldownDuration: Infinity,
    timeoutDuration: timeoutMs,
    [customFetch]: fetchKeys,
  });
  let fetchedAt: number | undefined;
  let failed = false;
  let underWay: Promise<void> | undefined;
  let generation = 0;

  /** Fetches once for all who ask at the same time; `false` when it may not be done now. */
  const refresh = async (): Promise<boolean> => {
    if (underWay === undefined) {
      if (!bucket.take()) return false;
      underWay = remote
        .reload()
        .then(
          () => {
            fetchedAt = performance.now();
            failed = false;
            generation += 1;
          },
          (error: unknown) => {
            failed = true;
            log.warn({ reason: reasonOf(error), url }, 'cannot fetch the keys of the issuer');
          },
        )
        .finally(() => {
          underWay = undefined;
        });
    }
    await underWay;
    return true;
  };

  const find: JWTVerifyGetKey = async (header, token) => {
    const known = fetchedAt !== undefined;
    if (fetchedAt === undefined) {
      count(underWay === undefined ? 'miss' : 'joined');
      await refresh();
      if (remote.jwks() === undefined) throw outOfReach();
    }
    try {
      const key = await remote(header, token);
      if (known) count('hit');
      return key;
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (known) count(underWay === undefined ? 'miss' : 'joined');
      // An issuer that does not respond may have rotated: that is not the caller's fault.
      const fetched = await refresh();
      if (failed) throw outOfReach();
      if (!fetched) throw error;
      return remote(header, token);
    }
  };
  return {
    find,
    generation() {
      const age = fetchedAt === undefined ? 0 : performance.now() - fetchedAt;
      if (age > lifetimeSeconds * 1000) void refresh();
      return generation;
    },
  };
}

function outOfReach(): ApplicationError {
  return new ApplicationError(
    'unavailable',
    `The keys of the token's issuer are out of reach; try again in ${retryAfter} seconds`,
    { retryAfter },
  );
}

/** Fetches a key set, and fails for one that would replace good keys with none that can be used. */
async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.status !== 200) throw new Error(`the issuer responded with ${response.status}`);
  const { keys } = keySet.parse(JSON.parse(await readLimited(response, maxBytes)));
  const usable = keys.filter(canVerify);
  if (usable.length === 0) throw new Error('the key set has no key for RS256');
  return Response.json({ keys: usable });
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
