import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many requests of a connection may wait for their turn; clients that pipeline send a few. */
const maxWaiting = 20;

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
  const waiting = new WeakMap<Socket, Parameters<RequestListener>[]>();

  const handle: RequestListener = (req, res) => {
    const { socket } = req;
    res.once('close', () => {
      const queue = waiting.get(socket) ?? [];
      if (socket.destroyed) for (const [, never] of queue.splice(0)) forget(never);
      const next = queue.shift();
      if (next === undefined) waiting.delete(socket);
      else handle(...next);
    });
    // One that did not arrive whole has been refused meanwhile.
    if (!res.writableEnded) listener(req, res);
  };

  return (req, res) => {
    const queue = waiting.get(req.socket);
    if (queue === undefined) {
      waiting.set(req.socket, []);
      handle(req, res);
    } else if (queue.length < maxWaiting) {
      queue.push([req, res]);
    } else {
      const [, last] = queue.at(-1) ?? [];
      if (last !== undefined) last.shouldKeepAlive = false;
      req.socket.pause();
      forget(res);
    }
  };
}
