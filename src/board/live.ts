import type { ClientError, DeploymentQueueClient } from '../client/client.js';
import type { FeedEvent } from '../client/contract.js';

/** What happens in an organisation, as the board hears of it. */
export interface Feed {
  /** Where it ends by now: what follows after that is missed by nothing that is read from then on. */
  position(signal: AbortSignal): Promise<number>;
  /** The last events, in order. */
  history(last: number, signal: AbortSignal): Promise<readonly FeedEvent[]>;
  /** What happens after a position, for as long as the signal lets it. */
  follow(after: number, signal: AbortSignal): AsyncIterable<FeedEvent>;
}

/**
 * The feed of a client's organisation.
 *
 * @param onConnection told whether the feed is followed, and what keeps it from that
 */
export function feedOf(
  client: DeploymentQueueClient,
  onConnection: (isOpen: boolean, reason?: ClientError) => void,
): Feed {
  return {
    position: async (signal) =>
      (await client.listEvents({ last: 1, limit: 1 }, { signal })).position,
    history: async (last, signal) =>
      (await client.listEvents({ last, limit: last }, { signal })).events,
    follow: (after, signal) => client.events({ after }, { signal, onConnection }),
  };
}
