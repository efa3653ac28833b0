import type { FeedEvent } from '../domain/feed/feed.js';
import { toServerSent } from '../domain/feed/feeds.js';
import type { Follower } from '../domain/feed/feeds.js';

/** After how long without anything a comment is sent, in milliseconds. */
const heartbeatEveryMs = 15_000;

/** After how long to come back, in milliseconds: those whose stream ends together do not return together. */
const retryMs = (): number => 1_000 + Math.floor(Math.random() * 2_000);

/**
 * The events that somebody who follows a feed is told of, as they are written.
 *
 * Where filters pass over events, an event of the type `position` says so: at the start, with a heartbeat, and at the
 * end.
 *
 * @param lastsMs how long it lasts, in milliseconds
 * @param signal ends it
 */
export async function* eventStream(
  follower: Follower,
  isWanted: (event: FeedEvent) => boolean,
  lastsMs: number,
  signal: AbortSignal,
  heartbeatMs = heartbeatEveryMs,
): AsyncGenerator<string, void, undefined> {
  const end = performance.now() + lastsMs;
  let position = follower.start;
  let told = position;
  yield `retry: ${retryMs()}\n\n${toServerSent('position', { position })}`;
  let beat = performance.now() + heartbeatMs;
  const untilNext = (): number => Math.min(beat, end) - performance.now();

  while (!signal.aborted && performance.now() < end) {
    const events = await follower.next(Math.max(untilNext(), 1), signal);
    position = events.at(-1)?.event.position ?? position;
    const wanted = events.filter(({ event }) => isWanted(event));
    if (wanted.length > 0) {
      told = wanted.at(-1)?.event.position ?? told;
      yield wanted.map(({ text }) => text).join('');
    } else if (performance.now() >= beat) {
      yield position > told ? toServerSent('position', { position }) : ': heartbeat\n\n';
      told = position;
    } else continue;
    beat = performance.now() + heartbeatMs;
  }
  if (position > told) yield toServerSent('position', { position });
}
