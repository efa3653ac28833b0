import type { FeedEvent, FeedStart } from './feed.js';

/** Where streams follow the feeds of organisations. */
export interface Feeds {
  /**
   * Follows an organisation's feed.
   *
   * @param from `end` for what happens from now on
   * @param left ends it
   * @throws ApplicationError `contract-violation` for a position that there has never been; `unavailable` when
   *   too many follow already, or when the store is out of reach
   */
  follow(organisation: string, from: FeedStart | 'end', left: AbortSignal): Promise<Follower>;
}

/** Follows a feed, from where it has begun, whoever else follows it. */
export interface Follower {
  /** Where it has begun. */
  readonly start: number;
  /**
   * What comes next; waits for it for a while.
   *
   * @param forMs at the longest, in milliseconds
   * @returns nothing when nothing came, or when the signal was aborted
   */
  next(forMs: number, signal: AbortSignal): Promise<readonly PublishedEvent[]>;
}

/** An event for all who follow its feed. */
export interface PublishedEvent {
  readonly event: FeedEvent;
  /** The event as a server-sent one. */
  readonly text: string;
}

/** How an event is told to those who follow a feed. */
export function publish(event: FeedEvent): PublishedEvent {
  return { event, text: toServerSent(event.type, event) };
}

/** A server-sent event at a position of the feed (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function toServerSent(type: string, data: { readonly position: number }): string {
  // JSON has no line breaks, so it is one line.
  return `id: ${data.position}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
