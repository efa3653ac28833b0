import { streams } from '../../generated/client.js';
import type { FeedEvent, StreamQuery } from './contract.js';
import { ClientError } from './errors.js';
import { sendBy } from './send.js';
import type { CallOptions, Connection } from './send.js';
import { openStream } from './stream.js';
import { sleep } from './time.js';

/** How to follow the organisation's feed. */
export interface FollowOptions extends CallOptions {
  /**
   * Told whenever the stream is open, and whenever it is not: since the service has ended it, as it does every ten
   * minutes, or for a reason.
   */
  readonly onConnection?: ((isOpen: boolean, reason?: ClientError) => void) | undefined;
}

/** After how long to come back unless the service says so, in milliseconds. */
const pauseMs = 2_000;

/** What says how far the feed was looked at, and is none of its events. */
const position = 'position';

/**
 * Follows the organisation's feed for as long as it is asked for the next event. A connection that ends is opened
 * again where it ended: each event comes once, in the order of the feed.
 *
 * The first connection is tried as any call is, those after it for as long as it takes.
 *
 * @throws ProblemError the caller may not, or not any more; ClientError
 */
export async function* followEvents(
  connection: Connection,
  query: StreamQuery,
  options: FollowOptions,
): AsyncGenerator<FeedEvent, void, undefined> {
  const { signal, timeoutMs, onConnection } = options;
  let asked = query;
  let lastEventId: string | undefined;
  let { retry } = connection;
  for (;;) {
    const stream = await sendBy(
      openStream,
      { ...connection, retry },
      streams.streamEvents,
      { path: {}, query: asked },
      { signal, timeoutMs, lastEventId } as CallOptions,
    );
    let reason: ClientError | undefined;
    let isOpen = false;
    try {
      for await (const messages of stream.messages()) {
        // The first of them says where it begins: from there on nothing is missed.
        if (!isOpen) onConnection?.(true);
        isOpen = true;
        for (const { event, id, data } of messages) {
          if (event !== position) yield JSON.parse(data) as FeedEvent;
          lastEventId = id ?? lastEventId;
        }
      }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      reason = error;
    }
    onConnection?.(false, reason);
    // Where it has ended goes before where it was to begin, and stays good.
    if (lastEventId !== undefined) asked = withoutStart(asked);
    const { onRetry } = retry;
    retry = {
      ...retry,
      attempts: Infinity,
      timeoutMs: Infinity,
      onRetry: (error, waitMs) => {
        onRetry?.(error, waitMs);
        onConnection?.(false, error);
      },
    };
    await sleep(Math.min(stream.retryMs() ?? pauseMs, retry.maxDelayMs), signal);
  }
}

function withoutStart(query: StreamQuery): StreamQuery {
  const filter = { ...query };
  delete filter.after;
  delete filter.last;
  return filter;
}
