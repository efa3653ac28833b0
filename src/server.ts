import { createServer } from 'node:http';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { CannotStart } from './cannot-start.js';
import { guardConnections, serverOptions } from './connections.js';
import type { Guard } from './connections.js';

/** A server that listens. */
export interface RunningServer {
  /** Where it is reached, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /**
   * Takes no new connections, lets running requests finish and closes the rest.
   *
   * @param patienceMs after which running requests are cut
   * @returns whether all of them finished
   */
  stop(patienceMs: number): Promise<boolean>;
}

/**
 * Listens.
 *
 * @param setting the name of the setting that chose the port, for the message when it is taken
 * @param guard none leaves Node's own limits in place
 * @throws CannotStart
 */
export async function listen(
  listener: RequestListener,
  host: string,
  port: number,
  setting: string,
  guard?: Guard,
): Promise<RunningServer> {
  const server = createServer(guard === undefined ? {} : serverOptions(guard.limits));
  const running = new Map<ServerResponse, Socket>();
  const stop = drainable(server, running);
  if (guard === undefined) {
    server.on('request', listener);
  } else {
    const refuse = guardConnections(server, guard, running);
    server.on('request', (req, res) => {
      if (!refuse(res)) listener(req, res);
    });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CannotStart(explain(error, host, port, setting)));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${shownHost}:${address.port}`, stop };
}

/**
 * Keeps account of a server's connections and running requests, so that it can be stopped without
 * losing an answer: Node by itself waits for connections that never sent a request, and promises
 * clients of running requests that their connection is kept alive.
 */
function drainable(server: Server, running: Map<ServerResponse, Socket>): RunningServer['stop'] {
  const connections = new Set<Socket>();
  let stopping = false;

  const endIdle = (): void => {
    const busy = new Set(running.values());
    for (const socket of connections) if (!busy.has(socket)) socket.destroySoon();
  };
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (req, res) => {
    running.set(res, req.socket);
    if (stopping) res.shouldKeepAlive = false;
    res.once('close', () => {
      running.delete(res);
      if (stopping) endIdle();
    });
  });

  return async (patienceMs) => {
    stopping = true;
    let finished = true;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    for (const res of running.keys()) res.shouldKeepAlive = false;
    endIdle();
    const timer = setTimeout(() => {
      finished = false;
      server.closeAllConnections();
    }, patienceMs);
    await closed;
    clearTimeout(timer);
    return finished;
  };
}

function explain(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  setting: string,
): string {
  const place = `port ${port} on ${host}`;
  if (error.code === 'EADDRINUSE') return `Cannot listen: ${place} is in use; set ${setting}`;
  if (error.code === 'EACCES') return `Cannot listen: ${place} is not permitted; set ${setting}`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return `Cannot listen: this machine has no address ${host}; set HOST`;
  }
  return `Cannot listen on ${place}: ${error.message}`;
}
