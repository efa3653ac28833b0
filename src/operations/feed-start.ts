import { contractViolation } from '../domain/errors.js';
import type { FeedStart } from '../domain/feed/feed.js';

/**
 * Where a caller wants a feed to begin; `undefined` where that is not said.
 *
 * @throws ApplicationError `contract-violation` for both
 */
export function feedStart({
  after,
  last,
}: {
  readonly after: number | undefined;
  readonly last: number | undefined;
}): FeedStart | undefined {
  if (after !== undefined && last !== undefined) {
    throw contractViolation([{ parameter: 'last', message: 'does not go together with after' }]);
  }
  if (after !== undefined) return { after };
  return last === undefined ? undefined : { last };
}
