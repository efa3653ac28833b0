import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import { TimedOut } from './errors.js';
import { ask, bodyOf, connected, lateError, mediaType, refusal } from './exchange.js';
import type { ExchangeOptions, WireRequest } from './exchange.js';
import { withinTime } from './time.js';

/** Server-sent events that are open. */
export interface ServerSentEvents {
  /** What arrives, in the order in which it does: of each chunk what is whole by then. */
  messages(): AsyncGenerator<readonly EventSourceMessage[], void, undefined>;
  /** After how long the server wants to be asked again, in milliseconds, once it has said so. */
  retryMs(): number | undefined;
}

/** The service says something every 15 seconds; so long without anything, and the connection is lost. */
const longestSilenceMs = 45_000;

/**
 * Opens server-sent events. Only the beginning of the response has to come within the options' time.
 *
 * @throws ProblemError, ConnectionFailed, TimedOut, UnexpectedResponse as `exchange`
 */
export async function openStream(
  request: WireRequest,
  options: ExchangeOptions,
  silenceMs = longestSilenceMs,
): Promise<ServerSentEvents> {
  const ending = new AbortController();
  const body = await withinTime(
    options.timeoutMs,
    () => lateError(request, options),
    options.signal,
    async (signal) => {
      const pass = (): void => {
        ending.abort(signal.reason);
      };
      signal.addEventListener('abort', pass, { once: true });
      const response = await ask(request, options, ending.signal);
      const { body, headers, status } = response;
      if (status === 200 && mediaType(headers) === eventStream && body !== null) return body;
      const text = await connected(request, options, () => response.text());
      throw refusal(request, options, response, bodyOf(headers, text));
    },
  );
  let retryMs: number | undefined;
  return {
    messages: () =>
      read(request, { ...options, timeoutMs: silenceMs }, body, ending, (ms) => {
        retryMs = ms;
      }),
    retryMs: () => retryMs,
  };
}

const eventStream = 'text/event-stream';

async function* read(
  request: WireRequest,
  options: ExchangeOptions,
  body: ReadableStream<Uint8Array>,
  ending: AbortController,
  onRetry: (ms: number) => void,
): AsyncGenerator<readonly EventSourceMessage[], void, undefined> {
  const { signal, requestId, timeoutMs } = options;
  const silent = new TimedOut(
    `${request.name}: nothing came from ${request.url.origin} within ${timeoutMs} ms`,
    true,
    { requestId },
  );
  let arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => arrived.push(message), onRetry });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const leave = (): void => {
    ending.abort(signal?.reason);
  };
  signal?.addEventListener('abort', leave, { once: true });
  try {
    for (;;) {
      const { done, value } = await withinTime(
        timeoutMs,
        () => silent,
        signal,
        (late) => {
          late.addEventListener('abort', () => {
            ending.abort(late.reason);
          });
          return connected(request, options, () => reader.read());
        },
      );
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      if (arrived.length > 0) yield arrived;
      arrived = [];
    }
  } finally {
    signal?.removeEventListener('abort', leave);
    ending.abort();
  }
}
