import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import { until } from './until.js';

/** A stream of events that a test reads. */
export interface ReadStream {
  readonly response: Response;
  /** What has arrived so far, but for what says how far the feed was looked at. */
  readonly events: readonly EventSourceMessage[];
  /** All that has arrived, as it was written. */
  readonly text: string;
  /** Resolves once the service has ended it; rejects when it was cut. */
  readonly ended: Promise<void>;
  /** Waits for so many events. */
  arrived(count: number): Promise<readonly EventSourceMessage[]>;
  leave(): void;
}

/** Opens a stream of events, and reads it for as long as it lasts. */
export async function readStream(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ReadStream> {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const events: EventSourceMessage[] = [];
  const read = { text: '' };
  const parser = createParser({
    onEvent(message) {
      if (message.event !== 'position') events.push(message);
    },
  });
  const ended = (async () => {
    if (response.body === null) return;
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      read.text += chunk;
      parser.feed(chunk);
    }
  })();
  // Who leaves does not want to know.
  ended.catch(() => undefined);
  return {
    response,
    events,
    get text() {
      return read.text;
    },
    ended,
    arrived: async (count) => {
      await until(`there are ${count} events`, () => events.length >= count);
      return events;
    },
    leave() {
      leaving.abort();
    },
  };
}
