import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Answers one request. A rejection ends the connection without an answer. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** An HTTP server on a loopback port that can go away and come back on the same port. */
export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, the same before and after a restart. */
  readonly url: string;
  /** Stops listening and cuts open connections; from then on connections are refused. Idempotent. */
  stop(): Promise<void>;
  /** Listens again on the same port. Does nothing while it is listening. */
  restart(): Promise<void>;
}

/**
 * Starts a server on a free loopback port.
 *
 * Open connections are cut when it stops: a kept-alive connection would otherwise go on working
 * and a test of "the other side is down" would test nothing.
 */
export async function listenOnLoopback(handler: Handler): Promise<LoopbackServer> {
  let server = await listen(handler, 0);
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('not listening on a TCP port');
  const { port } = address;

  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
      server.closeAllConnections();
      await closed;
      // A client in this process learns from its own event loop that a pooled connection is gone; until then
      // it would use that one and see a broken connection instead of a refused one.
      await sleep(5);
    },
    async restart() {
      if (!server.listening) server = await listen(handler, port);
    },
  };
}

function listen(handler: Handler, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    // A client that hangs up in the middle of an answer is what some tests are about.
    response.on('error', () => undefined);
    Promise.resolve(handler(request, response)).catch(() => request.socket.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
