import { maxPageBytes } from '../domain/deployments/reads.js';
import { matching, toFeedEvent } from '../domain/feed/feed.js';
import type { FeedEvent } from '../domain/feed/feed.js';
import { feedStart } from './feed-start.js';
import type { Operation } from './operation.js';

const defaultLimit = 100;

/** How many events a page looks at, at the most, and at once. */
const maxLookedAt = 5_000;
const lookedAtOnce = 1_000;

/** Lists the organisation's feed, in its order, a page at a time. */
export const listEvents: Operation<'listEvents'> = async ({ query }, { store }) => {
  const { after, last, limit = defaultLimit, ...filter } = query;
  const isWanted = matching(filter);
  const found: FeedEvent[] = [];
  let from = feedStart({ after, last }) ?? { after: 0 };
  let bytes = 0;
  let position = 0;
  let more = true;
  for (let lookedAt = 0; more && lookedAt < maxLookedAt; lookedAt += lookedAtOnce) {
    const part = await store.read({ read: 'feed', from, limit: lookedAtOnce });
    ({ position, more } = part);
    for (const event of part.entries.map(toFeedEvent)) {
      if (!isWanted(event)) continue;
      bytes += JSON.stringify(event).length;
      if (found.length === limit || (bytes > maxPageBytes && found.length > 0)) {
        const end = found.at(-1)?.position ?? 0;
        return toResponse(found, end, true);
      }
      found.push(event);
    }
    from = { after: position };
  }
  return toResponse(found, position, more);

  function toResponse(body: FeedEvent[], end: number, isMore: boolean) {
    const parameters = new URLSearchParams({ after: String(end), limit: String(limit) });
    for (const [name, value] of Object.entries(filter)) {
      for (const one of [value].flat()) parameters.append(name, one);
    }
    return {
      status: 200 as const,
      headers: {
        'Feed-Position': String(end),
        ...(isMore && { Link: `</v1/events?${parameters.toString()}>; rel="next"` }),
      },
      body,
    };
  }
};
