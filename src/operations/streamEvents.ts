import { matching } from '../domain/feed/feed.js';
import { eventStream } from './event-stream.js';
import { feedStart } from './feed-start.js';
import type { Operation } from './operation.js';

/** How long a stream lasts at the least, and how much longer at random, so that not all come back at once. */
const lifetimeMs = 10 * 60_000;
const spreadMs = 2 * 60_000;

/** Tells what happens in the organisation, as it happens. */
export const streamEvents: Operation<'streamEvents'> = async ({ query, headers }, context) => {
  const { caller, feeds } = context;
  const { after, last, ...filter } = query;
  const lastId = headers['Last-Event-ID'];
  const from = lastId === undefined ? feedStart({ after, last }) : { after: Number(lastId) };
  const follower = await feeds.follow(caller.organisation, from ?? 'end', context.left());
  const { goodUntil = Infinity } = caller;
  const lasts = Math.min(lifetimeMs + Math.random() * spreadMs, goodUntil - Date.now());
  return {
    status: 200,
    headers: {},
    stream: (signal) => eventStream(follower, matching(filter), lasts, signal),
  };
};
