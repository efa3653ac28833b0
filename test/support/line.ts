import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a server, on which everything can stop. */
export interface Line {
  readonly port: number;
  /** Whether nothing passes. */
  readonly isHeld: boolean;
  /** From now on nothing passes, in either direction; nobody is told, and whoever connects waits. */
  hold(): void;
  /** Lets everything pass, what was held back too, as packets come that are sent again. */
  release(): void;
  /** Cuts all connections that there are. */
  cut(): void;
  /** Leads to another port from now on. */
  lead(target: number): void;
  stop(): Promise<void>;
}

/** Opens a way to a port of this machine. */
export async function openLine(first: number): Promise<Line> {
  let target = first;
  const pairs = new Set<readonly [Socket, Socket]>();
  let isHeld = false;

  function join([client, upstream]: readonly [Socket, Socket]): void {
    client.pipe(upstream);
    upstream.pipe(client);
  }

  const server = createServer((client) => {
    // Whoever connects while it is held gets no answer until it is released.
    const upstream = connect(target, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const one of pair) {
      one
        .on('error', () => undefined)
        .once('close', () => {
          pairs.delete(pair);
          client.destroy();
          upstream.destroy();
        });
    }
    if (!isHeld) join(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(): void {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  }

  return {
    port: (server.address() as AddressInfo).port,
    get isHeld() {
      return isHeld;
    },
    hold() {
      isHeld = true;
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream);
        upstream.unpipe(client);
      }
    },
    release() {
      if (!isHeld) return;
      isHeld = false;
      for (const pair of pairs) join(pair);
    },
    cut,
    lead(next) {
      target = next;
    },
    async stop() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
