import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A proxy before a server that can keep its answers back. */
export interface MutingProxy {
  readonly port: number;
  /** From the next request on that holds these words, the connection that it came on gets no answer. */
  mute(words: string): void;
  /** Cuts what was muted; what comes later gets answers. */
  cut(): void;
  stop(): Promise<void>;
}

/** Starts a proxy on bytes. */
export async function startMutingProxy(target: number): Promise<MutingProxy> {
  const open = new Set<Socket>();
  const muted = new Set<Socket>();
  let words: string | undefined;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one
        .on('error', () => undefined)
        .once('close', () => {
          open.delete(one);
          other.destroy();
        });
    }
    client.on('data', (chunk) => {
      if (words !== undefined && chunk.includes(words)) muted.add(client);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!muted.has(client)) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    mute(those) {
      words = those;
    },
    cut() {
      words = undefined;
      for (const client of muted) client.resetAndDestroy();
      muted.clear();
    },
    async stop() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
