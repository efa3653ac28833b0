import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** An address that stays the same while the service behind it comes and goes. */
export interface Relay {
  readonly url: string;
  /** Where the service is from now on. */
  moveTo(url: string): void;
  stop(): void;
}

/**
 * Starts a relay that hands bytes on, and ends either side of a connection with the other one. Without it a killed
 * service would have to come back on its port, which another process may have taken.
 */
export async function startRelay(): Promise<Relay> {
  let target: URL | undefined;
  const open = new Set<Socket>();
  const keep = (socket: Socket, other: Socket): void => {
    open.add(socket);
    // That a connection breaks is what it is for.
    socket
      .on('error', () => undefined)
      .once('close', () => {
        open.delete(socket);
        other.destroy();
      });
  };
  const server = createServer((client) => {
    if (target === undefined) {
      client.destroy();
      return;
    }
    const service = connect(Number(target.port), target.hostname);
    keep(client, service);
    keep(service, client);
    client.pipe(service).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    moveTo: (url) => (target = new URL(url)),
    stop: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
