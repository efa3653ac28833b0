/**
 * What a process stores, told to those in it who wait for it: whoever wakes up a waiter, streams events or
 * goes on with what a change has left to do.
 */
export interface Publisher<Message> {
  publish(message: Message): void;
  /**
   * @param listener is told of each message from now on, in their order; must not throw
   * @returns ends the subscription
   */
  subscribe(listener: (message: Message) => void): () => void;
}

/**
 * Tells everybody who has subscribed, at once and in the order in which they did.
 *
 * @example
 * const commits = createPublisher<Commit>();
 * const unsubscribe = commits.subscribe(({ organisation }) => wake(organisation));
 */
export function createPublisher<Message>(): Publisher<Message> {
  const listeners = new Set<{ readonly tell: (message: Message) => void }>();
  return {
    publish(message) {
      for (const { tell } of listeners) tell(message);
    },
    subscribe(tell) {
      const listener = { tell };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
