import { createServer } from 'node:http';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { withDeadline } from '../platform/deadline.js';
import { StartupError } from '../platform/startup-error.js';
import { guardConnections, serverOptions } from './connections.js';
import type { Guard } from './connections.js';
import { messagesOf } from './express-prototypes.js';
import { handleInTurn } from './pipelining.js';
import { requireWellFormed } from './well-formed.js';

/** A server that listens. */
export interface RunningServer {
  /** Where it is reached, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /**
   * Takes no new connections, lets running requests finish and closes the rest.
   *
   * @param timeoutMs after which running requests are cut
   * @returns whether all of them finished
   */
  stop(timeoutMs: number): Promise<boolean>;
}

/**
 * Listens.
 *
 * @param setting the name of the setting that chose the port, for the message when it is taken
 * @param guard none leaves Node's own limits in place
 * @throws StartupError
 */
export async function listen(
  listener: RequestListener,
  host: string,
  port: number,
  setting: string,
  guard?: Guard,
): Promise<RunningServer> {
  const limits = guard === undefined ? {} : serverOptions(guard.limits);
  // Of headers such as Authorization, Node would else take the first and leave the others out silently.
  const joinDuplicateHeaders = true;
  const server = createServer({ ...limits, ...messagesOf(listener), joinDuplicateHeaders });
  const running = new Map<ServerResponse, Socket>();
  const stop = drainable(server, running);
  if (guard === undefined) {
    server.on('request', listener);
  } else {
    const refuse = guardConnections(server, guard, running);
    const refuseMalformed = requireWellFormed(server, guard);
    server.on(
      'request',
      handleInTurn(
        (req, res) => {
          if (!refuse(res) && !refuseMalformed(res)) listener(req, res);
        },
        (res) => running.delete(res),
      ),
    );
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartupError(explain(error, host, port, setting)));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${shownHost}:${address.port}`, stop };
}

/**
 * How long connections stay open for a request that is on its way when the server stops, in
 * milliseconds. It gets its response, which says that the connection ends; one that is cut fails,
 * and its caller cannot know whether it was carried out.
 */
const graceMs = 300;
/** The longest time for which waiting connections are taken, in milliseconds: there may always be more. */
const waitingMs = 2_000;

/**
 * Keeps account of a server's connections and running requests, so that it can be stopped without
 * losing a response: Node by itself waits for connections that never sent a request, and promises
 * clients of running requests that their connection is kept alive.
 */
function drainable(server: Server, running: Map<ServerResponse, Socket>): RunningServer['stop'] {
  const connections = new Set<Socket>();
  const ending = new WeakSet<Socket>();
  let taken = 0;
  let stopping = false;
  let graceIsOver = false;

  /**
   * Takes the connections that wait, which the system would reset. libuv takes one in each turn of the
   * event loop; a turn without one says that there are no more.
   */
  const takeWaiting = async (timeoutMs: number): Promise<void> => {
    const end = performance.now() + Math.min(waitingMs, timeoutMs);
    await setImmediate();
    for (let before = -1; before !== taken && performance.now() < end;) {
      before = taken;
      await setImmediate();
    }
  };
  /** Ends those of some connections on which nothing runs, each once. */
  const endIdle = (some: Iterable<Socket>): void => {
    const busy = new Set(running.values());
    for (const socket of some) {
      if (busy.has(socket) || ending.has(socket)) continue;
      ending.add(socket);
      socket.destroySoon();
    }
  };
  server.on('connection', (socket) => {
    taken += 1;
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (req, res) => {
    running.set(res, req.socket);
    if (stopping) {
      res.shouldKeepAlive = false;
      queueMicrotask(() => res.emit('stopping'));
    }
    res.once('close', () => {
      running.delete(res);
      if (graceIsOver) endIdle([req.socket]);
    });
  });

  return async (timeoutMs) => {
    await takeWaiting(timeoutMs);
    stopping = true;
    let finished = true;
    const closed = new Promise<void>((resolve) => {
      // That of net takes no new connections; that of http would end the idle ones as well.
      NetServer.prototype.close.call(server, () => {
        resolve();
      });
    });
    for (const res of running.keys()) {
      res.shouldKeepAlive = false;
      // A stream has no end of its own.
      res.emit('stopping');
    }
    void sleep(Math.min(graceMs, timeoutMs), undefined, { ref: false })
      // What has arrived while this process was busy is read first.
      .then(() => setImmediate())
      .then(() => {
        graceIsOver = true;
        endIdle(connections);
      });
    await withDeadline(closed, timeoutMs, () => {
      finished = running.size === 0;
      server.closeAllConnections();
    });
    await closed;
    // That of http ends what looks for slow connections again and again, and would hold on to the app.
    server.close();
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
    return `Cannot listen: this machine has no address ${host}; set HOST or MANAGEMENT_HOST`;
  }
  return `Cannot listen on ${place}: ${error.message}`;
}
