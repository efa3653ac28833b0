import { randomUUID } from 'node:crypto';
import type { Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { bareProblem, sendBareProblem, writeBareProblem } from './bare-problem.js';
import type { ProblemResponse } from './problem.js';
import type { ConnectionRefusal } from './metrics.js';

/** What one client may take of a server. Times are in milliseconds. */
export interface ConnectionLimits {
  /** Until the headers of a request have arrived, from the first byte or from the connection. */
  readonly headersTimeoutMs: number;
  /** Until a request has arrived whole. */
  readonly requestTimeoutMs: number;
  /** Until the next request on a connection that is kept alive. */
  readonly keepAliveTimeoutMs: number;
  /** Without a byte in either direction: for clients who do not read their response. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxHeaders: number;
  readonly maxHeaderBytes: number;
}

/** The limits for clients, and what is told when one is refused. */
export interface Guard {
  readonly limits: ConnectionLimits;
  /** Counts one that was refused. */
  readonly count: (reason: ConnectionRefusal) => void;
  /** Logs one that has no line as a request: it never became one. */
  readonly note: (refusal: {
    readonly reason: ConnectionRefusal;
    /** The status that the caller got, and the request's id; absent when the connection was cut. */
    readonly status?: number;
    readonly requestId?: string;
  }) => void;
}

/** The responses that a server has not finished, and the connection of each. */
export type Running = ReadonlyMap<ServerResponse, Duplex>;

/** How a server is created for these limits. */
export function serverOptions(limits: ConnectionLimits): ServerOptions {
  const { headersTimeoutMs, requestTimeoutMs } = limits;
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    // It is asked for with problem details: `requireWellFormed`.
    requireHostHeader: false,
    // Node looks for connections that are too slow as often as this.
    connectionsCheckingInterval: Math.min(Math.max(headersTimeoutMs / 4, 50), 5_000),
  };
}

/**
 * Holds clients to the limits, and responds with problem details (RFC 9457) where Node itself refuses.
 *
 * A connection beyond the limit is not dropped at once: its request is read and gets 503, so that the
 * caller knows what happened. Connections are dropped only beyond a tenth more than the limit.
 *
 * @returns takes a request before the app does; `true` when it was refused
 */
export function guardConnections(
  server: Server,
  guard: Guard,
  running: Running,
): (res: ServerResponse) => boolean {
  const { limits } = guard;
  const { maxConnections, maxHeaders } = limits;
  const refused: Guard['note'] = (refusal) => {
    guard.count(refusal.reason);
    guard.note(refusal);
  };
  let open = 0;
  const surplus = new Set<Duplex>();

  server.timeout = limits.idleTimeoutMs;
  server.maxConnections = maxConnections + Math.ceil(maxConnections / 10);
  // Node silently leaves out headers beyond its limit; one more than allowed shows that there are too many.
  server.maxHeadersCount = maxHeaders + 1;
  server.on('drop', () => {
    refused({ reason: 'dropped' });
  });
  server.on('connection', (socket) => {
    open += 1;
    if (open > maxConnections) surplus.add(socket);
    socket.once('close', () => {
      open -= 1;
      surplus.delete(socket);
    });
  });
  server.on('timeout', (socket: Socket) => {
    const { bytesRead } = socket;
    // What has arrived while this process was busy is read first: to end the connection would reset it.
    setImmediate(() => {
      if (socket.bytesRead === bytesRead) socket.destroy();
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuseUnread(explain(error.code, limits), socket, running, guard);
  });

  return (res) => {
    const { req } = res;
    if (surplus.size > 0 && surplus.delete(req.socket) && open > maxConnections) {
      const detail = `There are more than ${maxConnections} connections; try again in 1 second`;
      const problem = bareProblem('overloaded', detail, { 'Retry-After': '1' });
      refused({ reason: 'too-many-connections', ...sendBareProblem(res, problem) });
      return true;
    }
    if (req.rawHeaders.length > 2 * maxHeaders) {
      const detail = `The request has more than the ${maxHeaders} headers allowed`;
      refused({
        reason: 'headers-too-large',
        ...sendBareProblem(res, bareProblem('headers-too-large', detail)),
      });
      return true;
    }
    return false;
  };
}

/** Refuses what Node could not read, without harm to running requests of the connection. */
function refuseUnread(
  { reason, problem }: { reason: ConnectionRefusal; problem: ProblemResponse },
  socket: Duplex,
  running: Running,
  guard: Guard,
): void {
  guard.count(reason);
  const responses = [...running].flatMap(([res, its]) => (its === socket ? [res] : []));
  const cut = responses.find(({ req }) => !req.complete);
  const [last] = responses.slice(-1);
  if (cut !== undefined) {
    // This request is being read, so the response is its own, in the log as well.
    if (cut.headersSent) socket.destroy();
    else sendBareProblem(cut, problem);
  } else if (last !== undefined) {
    // What came before is whole and may be changing something: its caller gets the response to it.
    last.shouldKeepAlive = false;
    last.once('close', () => socket.end(() => socket.destroy()));
    guard.note({ reason });
  } else {
    const requestId = randomUUID();
    socket.end(writeBareProblem(problem, requestId), () => socket.destroy());
    guard.note({ reason, status: problem.status, requestId });
  }
}

function explain(
  code: string | undefined,
  limits: ConnectionLimits,
): { reason: ConnectionRefusal; problem: ProblemResponse } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const { headersTimeoutMs, requestTimeoutMs } = limits;
      const detail = `The request did not arrive in time: its headers have ${headersTimeoutMs} ms, all of it ${requestTimeoutMs} ms`;
      return { reason: 'timeout', problem: bareProblem('request-timeout', detail) };
    }
    case 'HPE_HEADER_OVERFLOW': {
      const detail = `The request's line and its headers are larger than the ${limits.maxHeaderBytes} bytes allowed`;
      return { reason: 'headers-too-large', problem: bareProblem('headers-too-large', detail) };
    }
    case 'HPE_INVALID_EOF_STATE': {
      const problem = bareProblem('malformed-request', 'The request did not arrive whole');
      return { reason: 'malformed', problem };
    }
    default: {
      const problem = bareProblem('malformed-request', 'The request is not well-formed HTTP/1.1');
      return { reason: 'malformed', problem };
    }
  }
}
