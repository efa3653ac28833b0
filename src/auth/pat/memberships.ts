import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CountLookup } from '../metrics.js';
import type { AskGitHub, GitHubResult } from './github.js';

/** How many results of each kind are cached. */
const maxCached = 10_000;
/** How many requests to GitHub may be under way; it allows a hundred. */
const maxUnderWay = 80;
/** How long it is cached that somebody is no member, in seconds: short, since that may just have changed. */
const otherLifetime = 30;
/** The longest time for which GitHub is not asked again about a token whose rate it limits, in seconds. */
const maxPause = 60;

/**
 * Caches what GitHub said, and asks once for all who want to know at the same time.
 *
 * A cached result is found by a keyed hash of token and organisation; the key lives and dies with
 * the process. Members and the others are cached apart, so that a flood of bad tokens does not evict
 * the good ones.
 *
 * @param lifetimeSeconds how long a membership is believed
 * @param count is told of each look-up
 */
export function rememberMemberships(
  ask: AskGitHub,
  lifetimeSeconds: number,
  count: CountLookup = () => undefined,
): AskGitHub {
  const key = randomBytes(32);
  const members = new LRUCache<string, GitHubResult>({
    max: maxCached,
    ttl: lifetimeSeconds * 1000,
  });
  const others = new LRUCache<string, GitHubResult>({ max: maxCached });
  const underWay = new Map<string, Promise<GitHubResult>>();

  const put = (name: string, result: GitHubResult): void => {
    if (result.kind === 'member') {
      members.set(name, result);
    } else if (result.kind !== 'unavailable') {
      others.set(name, result, { ttl: otherLifetime * 1000 });
    } else if (result.limited) {
      others.set(name, result, { ttl: Math.min(result.retryAfter, maxPause) * 1000 });
    }
  };

  return async (token, organisation) => {
    const name = createHmac('sha256', key).update(`${organisation} ${token}`).digest('base64');
    const known = members.get(name) ?? others.get(name);
    if (known !== undefined) {
      count('hit');
      return known;
    }

    const pending = underWay.get(name);
    count(pending === undefined ? 'miss' : 'joined');
    if (pending !== undefined) return pending;
    if (underWay.size >= maxUnderWay) return { kind: 'unavailable', retryAfter: 1, limited: false };
    const request = ask(token, organisation)
      .then((result) => {
        put(name, result);
        return result;
      })
      .finally(() => underWay.delete(name));
    underWay.set(name, request);
    return request;
  };
}
