import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { Random } from './random.js';

/** A proxy that cuts responses on their way. */
export interface CuttingStreams {
  readonly url: string;
  /** How many connections were cut. */
  readonly cuts: number;
  /** Cuts all connections now. */
  cutAll(): void;
  stop(): Promise<void>;
}

/**
 * Starts a proxy that works on bytes: each connection is reset after so many bytes of what the service sends, or when
 * it is told to.
 *
 * @param target the address of the service
 * @param random decides after how many
 * @param maxBytes the most that passes on one connection; any amount, unless it is said
 */
export async function startCuttingStreams(
  target: string,
  random: Random,
  maxBytes = Infinity,
): Promise<CuttingStreams> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let cuts = 0;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
  };
  const server = createServer((client) => {
    const service = connect(Number(port), hostname);
    keep(client);
    keep(service);
    client.pipe(service);
    let left = Math.floor(random.next() * maxBytes);
    service.on('data', (chunk: Buffer) => {
      if (left <= 0) return;
      const passed = chunk.subarray(0, left);
      left -= chunk.length;
      client.write(passed);
      if (left > 0) return;
      cuts += 1;
      // What was written is on its way before the reset.
      setImmediate(() => {
        client.resetAndDestroy();
        service.resetAndDestroy();
      });
    });
    client.once('close', () => service.destroy());
    service.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get cuts() {
      return cuts;
    },
    cutAll() {
      for (const socket of open) socket.resetAndDestroy();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}
