import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';

/** A forward proxy that opens tunnels (CONNECT; RFC 9110, section 9.3.6). */
export interface ConnectProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Where tunnels were asked for, `host:port`, in their order. */
  readonly asked: string[];
  /** Lets tunnels to a host and port end at a server on this machine; all others are refused with 502. */
  route(hostAndPort: string, target: string): void;
  stop(): Promise<void>;
}

/**
 * Starts a proxy on loopback. It alone knows where the names lead that tests use, so what does not go through it
 * arrives nowhere.
 *
 * @param credentials `user:password` that it wants (RFC 7617)
 */
export async function startConnectProxy(credentials?: string): Promise<ConnectProxy> {
  const routes = new Map<string, URL>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => {
    // Nothing but tunnels.
    response.writeHead(405).end();
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request, client: Socket) => {
    const { url: to = '' } = request;
    client.on('error', () => client.destroy());
    const given = request.headers['proxy-authorization'];
    const wanted = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
    if (credentials !== undefined && given !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    asked.push(to);
    const target = routes.get(to);
    if (target === undefined) {
      client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const beyond = connect(Number(target.port), target.hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      beyond.pipe(client).pipe(beyond);
    });
    sockets.add(beyond);
    beyond.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    route: (hostAndPort, target) => void routes.set(hostAndPort, new URL(target)),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
