import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many requests of a connection may wait for their turn; clients that pipeline send a few. */
const maxWaiting = 20;

/** A connection, and what is made for it once, rather than for each of its requests. */
interface Connection {
  readonly waiting: Parameters<RequestListener>[];
  isBusy: boolean;
  readonly handle: RequestListener;
}

/**
 * Handles the requests of a connection one after the other. A caller may send many without waiting for
 * their responses (pipelining, RFC 9112, section 9.3.2), which have to go out in the same order: handled at
 * once, all of them would wait in memory until the first was read. Beyond `maxWaiting`, the connection ends
 * after those that wait, and says so with the last response.
 *
 * @param forget told of a response that is never made, since its connection ends before its turn
 */
export function handleInTurn(
  listener: RequestListener,
  forget: (res: ServerResponse) => void,
): RequestListener {
  const connections = new WeakMap<Socket, Connection>();

  function connect(socket: Socket): Connection {
    const connection: Connection = { waiting: [], isBusy: false, handle };

    function handle(req: IncomingMessage, res: ServerResponse): void {
      connection.isBusy = true;
      res.on('close', next);
      // One that did not arrive whole has been refused meanwhile.
      if (!res.writableEnded) listener(req, res);
    }

    function next(): void {
      const { waiting } = connection;
      connection.isBusy = false;
      if (socket.destroyed) for (const [, never] of waiting.splice(0)) forget(never);
      const following = waiting.shift();
      if (following !== undefined) handle(...following);
    }

    connections.set(socket, connection);
    return connection;
  }

  return (req, res) => {
    const { socket } = req;
    const connection = connections.get(socket) ?? connect(socket);
    const { waiting } = connection;
    if (!connection.isBusy) {
      connection.handle(req, res);
    } else if (waiting.length < maxWaiting) {
      waiting.push([req, res]);
    } else {
      const [, last] = waiting.at(-1) ?? [];
      if (last !== undefined) last.shouldKeepAlive = false;
      socket.pause();
      forget(res);
    }
  };
}
