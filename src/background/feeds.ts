import { ApplicationError } from '../domain/errors.js';
import { toFeedEvent } from '../domain/feed/feed.js';
import { publish } from '../domain/feed/feeds.js';
import type { Feeds, PublishedEvent } from '../domain/feed/feeds.js';
import type { Logger } from '../platform/logging.js';
import type { Store } from '../store/store.js';
import type { Task } from './lifecycle.js';
import { keepLooking } from './looking.js';
import type { Looking } from './looking.js';

/** Where streams follow feeds, from its start to its stop. */
export interface FeedRoom extends Feeds, Task {
  /** How many streams follow a feed in this process. */
  count(): number;
}

/** How many streams of an organisation a process has at a time, and of all of them. */
export const maxFollowers = 1_000;
export const maxFollowersInAll = 5_000;

/** After how long a feed is looked at again, for what other processes store, in milliseconds. */
const lookEveryMs = 2_000;
/** How long to wait after a failure, in milliseconds. */
const pauseMs = 1_000;
/** How many events are read at once, and how many are kept for those who have not taken them yet. */
const readAtOnce = 250;
const maxKept = 250;

/** A feed that is followed in this process. */
interface Feed {
  readonly followers: Set<Place>;
  /** Everything after `keptFrom` and up to `end`, the oldest first. */
  kept: PublishedEvent[];
  keptFrom: number;
  end: number;
  readonly looking: Looking;
  readonly waiting: Set<() => void>;
}

/** How far somebody who follows a feed has come. */
interface Place {
  position: number;
}

/**
 * Follows feeds for as many streams as there are: each feed is read once for all of them, after each commit of this
 * process, when the store hears of others', and every few seconds. Who is behind the others reads for himself. A
 * position is all that counts; what wakes somebody up is a hint.
 */
export function createFeeds(
  store: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers'>,
  log: Pick<Logger, 'warn'>,
  everyMs = lookEveryMs,
): FeedRoom {
  const feeds = new Map<string, Feed>();
  let ends: (() => void)[] = [];
  let count = 0;

  async function read(organisation: string, after: number) {
    const query = { read: 'feed', from: { after }, limit: readAtOnce } as const;
    const { entries, position, more } = await store.for(organisation).read(query);
    return { events: entries.map((entry) => publish(toFeedEvent(entry))), position, more };
  }

  /** Reads on at the end; whether there is more. */
  async function readOn(organisation: string, feed: Feed): Promise<boolean> {
    const { events, position, more } = await read(organisation, feed.end);
    // What everybody has taken is not needed any more, nor what somebody far behind will read for himself.
    const taken = Math.min(...[...feed.followers].map((place) => place.position));
    const kept = feed.kept.filter(({ event }) => event.position > taken).concat(events);
    const dropped = kept.splice(0, Math.max(kept.length - maxKept, 0));
    feed.kept = kept;
    feed.keptFrom = Math.max(feed.keptFrom, taken, dropped.at(-1)?.event.position ?? 0);
    if (position > feed.end) {
      feed.end = position;
      for (const wake of [...feed.waiting]) wake();
    }
    return more;
  }

  /** Reads on to the end. */
  async function lookOnce(organisation: string, feed: Feed): Promise<number> {
    try {
      while (feed.followers.size > 0 && (await readOn(organisation, feed)));
      return everyMs;
    } catch (error) {
      log.warn({ organisation, err: error }, 'a feed could not be read');
      return pauseMs;
    }
  }

  function begin(organisation: string, { position }: Place): Feed {
    const followers = new Set<Place>();
    const feed: Feed = {
      followers,
      kept: [],
      keptFrom: position,
      end: position,
      looking: keepLooking(
        () => lookOnce(organisation, feed),
        () => followers.size > 0,
      ),
      waiting: new Set(),
    };
    feeds.set(organisation, feed);
    return feed;
  }

  function noticeChange(organisation: string): void {
    feeds.get(organisation)?.looking.look();
  }

  function enter(organisation: string, place: Place): Feed {
    const feed = feeds.get(organisation) ?? begin(organisation, place);
    feed.followers.add(place);
    count += 1;
    // What was stored since it was read has not been noticed.
    feed.looking.look();
    return feed;
  }

  function leave(organisation: string, feed: Feed, place: Place): void {
    if (!feed.followers.delete(place)) return;
    count -= 1;
    if (feed.followers.size > 0) return;
    feed.looking.stop();
    feeds.delete(organisation);
  }

  /** What a feed has after a position, from what is kept where that reaches back so far. */
  async function after(organisation: string, feed: Feed, position: number) {
    if (position >= feed.keptFrom) {
      return feed.kept.filter(({ event }) => event.position > position);
    }
    return (await read(organisation, position)).events;
  }

  return {
    start() {
      ends = [
        store.subscribe(({ organisation, changes }) => {
          if (changes.events !== undefined) noticeChange(organisation);
        }),
        store.subscribeToOthers((changed) => {
          const organisations = changed ? [changed.organisation] : [...feeds.keys()];
          for (const organisation of organisations) noticeChange(organisation);
        }),
      ];
    },

    async follow(organisation, from, left) {
      const { position: start } = await store.for(organisation).read({
        read: 'feed',
        from: from === 'end' ? { last: 0 } : from,
        limit: 0,
      });
      requireRoom(feeds.get(organisation)?.followers.size ?? 0, count);
      const place: Place = { position: start };
      const feed = enter(organisation, place);
      const end = (): void => {
        leave(organisation, feed, place);
      };
      if (left.aborted) end();
      else left.addEventListener('abort', end, { once: true });

      return {
        start,
        async next(forMs, signal) {
          if (place.position >= feed.end) await wakeUp(feed, forMs, signal);
          if (signal.aborted || place.position >= feed.end) return [];
          const { end: readTo } = feed;
          const events = await after(organisation, feed, place.position);
          place.position = events.at(-1)?.event.position ?? readTo;
          return events;
        },
      };
    },

    count: () => count,

    stop() {
      for (const end of ends) end();
      for (const { looking } of feeds.values()) looking.stop();
    },
  };
}

/** @throws ApplicationError `unavailable` */
function requireRoom(ofTenant: number, inAll: number): void {
  if (ofTenant < maxFollowers && inAll < maxFollowersInAll) return;
  const [whose, many] =
    ofTenant < maxFollowers
      ? ['This process has', maxFollowersInAll]
      : ['The organisation has', maxFollowers];
  throw new ApplicationError(
    'unavailable',
    `${whose} ${many} streams of events already, which is all it may have here; try again later`,
    { retryAfter: 5 },
  );
}

/** Resolves when a feed has grown, when the time is over, or when the signal is aborted. */
function wakeUp(feed: Feed, forMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      feed.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, forMs);
    signal.addEventListener('abort', wake);
    feed.waiting.add(wake);
    if (signal.aborted) wake();
  });
}
