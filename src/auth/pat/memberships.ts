import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CountLookup } from '../metrics.js';
import type { AskGitHub, GitHubResult } from './github.js';

/** How many answers of each kind are remembered. */
const maxRemembered = 10_000;
/** How many questions to GitHub may be under way; it allows a hundred. */
const maxUnderWay = 80;
/** How long a refusal is remembered, in seconds: shorter than it takes to be vexed by it. */
const refusalLifetime = 30;
/** How long GitHub is left alone about a token whose rate it limits, in seconds at the most. */
const longestPause = 60;

/**
 * Remembers what GitHub said, and asks once for all who want to know at the same time.
 *
 * What is remembered is found by a keyed hash of token and organisation; the key lives and dies with
 * the process. Members and refusals are kept apart, so that a flood of bad tokens does not push out
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
    max: maxRemembered,
    ttl: lifetimeSeconds * 1000,
  });
  const others = new LRUCache<string, GitHubResult>({ max: maxRemembered });
  const underWay = new Map<string, Promise<GitHubResult>>();

  const remember = (name: string, answer: GitHubResult): void => {
    if (answer.kind === 'member') {
      members.set(name, answer);
    } else if (answer.kind !== 'unavailable') {
      others.set(name, answer, { ttl: refusalLifetime * 1000 });
    } else if (answer.limited) {
      others.set(name, answer, { ttl: Math.min(answer.retryAfter, longestPause) * 1000 });
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
    const question = ask(token, organisation)
      .then((answer) => {
        remember(name, answer);
        return answer;
      })
      .finally(() => underWay.delete(name));
    underWay.set(name, question);
    return question;
  };
}
