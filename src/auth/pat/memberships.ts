import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CountLookup } from '../metrics.js';
import type { AskGitHub, GitHubResult } from './github.js';

/**
 * Finds out what GitHub says of a token and an organisation.
 *
 * @param admit asked before GitHub is, unless the token was a member's before; throws when it may not be asked
 */
export type FindMembership = (
  token: string,
  organisation: string,
  admit?: () => void,
) => Promise<GitHubResult>;

/** How many results of each kind are cached. */
const maxCached = 10_000;
/** How many questions to GitHub may be under way; it allows a hundred. */
const maxUnderWay = 80;
/** How many of these may be about tokens that nothing is known of: the rest is for members. */
const maxUnknownUnderWay = 60;
/** How long it is cached that somebody is no member, in seconds: short, since that may just have changed. */
const otherLifetime = 30;
/** The longest time for which GitHub is not asked again about a token whose rate it limits, in seconds. */
const maxPause = 60;
/** After which part of its lifetime a membership that is in use is asked for again in the background. */
const refreshAfter = 0.8;
/** For how long it is known of whoever was a member that they were, in seconds. */
const knownFor = 24 * 60 * 60;

/** A token that GitHub said is a member's. Times are of `performance.now()`. */
interface Member {
  readonly result: GitHubResult;
  /** Until when that is believed. */
  readonly until: number;
  /** From when on it is asked for again. */
  refreshAt: number;
}

/**
 * Caches what GitHub said, and asks once for all who want to know at the same time.
 *
 * A cached result is found by a keyed hash of token and organisation; the key lives and dies with
 * the process. Members and the others are cached apart, so that a flood of bad tokens does not evict
 * the good ones.
 *
 * A membership that is in use is asked for again in the last part of its lifetime, while it is still
 * believed: then nobody waits for GitHub, nor has to while it is away for a moment. It is never believed
 * for longer than its lifetime, and no longer once GitHub says otherwise.
 *
 * @param lifetimeSeconds how long a membership is believed
 * @param count is told of each look-up
 */
export function rememberMemberships(
  ask: AskGitHub,
  lifetimeSeconds: number,
  count: CountLookup = () => undefined,
): FindMembership {
  const key = randomBytes(32);
  const members = new LRUCache<string, Member>({ max: maxCached, ttl: knownFor * 1000 });
  const others = new LRUCache<string, GitHubResult>({ max: maxCached });
  const underWay = new Map<string, Promise<GitHubResult>>();

  const put = (name: string, result: GitHubResult): void => {
    const now = performance.now();
    if (result.kind === 'member') {
      const lifetimeMs = lifetimeSeconds * 1000;
      const refreshAt = now + lifetimeMs * refreshAfter;
      members.set(name, { result, until: now + lifetimeMs, refreshAt });
    } else if (result.kind === 'unavailable') {
      const pauseMs = Math.min(result.retryAfter, maxPause) * 1000;
      const member = members.peek(name);
      if (member !== undefined) member.refreshAt = now + pauseMs;
      if (result.limited) others.set(name, result, { ttl: pauseMs });
    } else {
      members.delete(name);
      others.set(name, result, { ttl: otherLifetime * 1000 });
    }
  };

  const start = (name: string, token: string, organisation: string): Promise<GitHubResult> => {
    const question = ask(token, organisation)
      .then((result) => {
        put(name, result);
        return result;
      })
      .finally(() => underWay.delete(name));
    underWay.set(name, question);
    return question;
  };

  return async (token, organisation, admit) => {
    const name = createHmac('sha256', key).update(`${organisation} ${token}`).digest('base64');
    const member = members.get(name);
    const now = performance.now();
    if (member !== undefined && now < member.until) {
      count('hit');
      if (now >= member.refreshAt && !underWay.has(name) && underWay.size < maxUnderWay) {
        // Whoever asks once the membership is over sees what is wrong.
        start(name, token, organisation).catch(() => undefined);
      }
      return member.result;
    }
    const other = others.get(name);
    if (other !== undefined) {
      count('hit');
      return other;
    }
    const pending = underWay.get(name);
    if (pending !== undefined) {
      count('joined');
      return pending;
    }
    if (member === undefined) admit?.();
    count('miss');
    const max = member === undefined ? maxUnknownUnderWay : maxUnderWay;
    if (underWay.size >= max) return { kind: 'unavailable', retryAfter: 1, limited: false };
    return start(name, token, organisation);
  };
}
