import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { bareProblem, sendBareProblem, writeBareProblem } from './bare-problem.js';
import type { Guard } from './connections.js';
import type { ProblemResponse } from './problem.js';

/** The scheme and authority of a target in absolute form (RFC 9112, section 3.2.2). */
const authority = /^https?:\/\/[^/?#]*/i;

/** All that may be expected (RFC 9110, section 10.1.1); some clients say it twice. */
const continues = /^100-continue(?: *, *100-continue)*$/i;

/**
 * Refuses with problem details (RFC 9457) what Node would refuse bare, or not at all, although HTTP/1.1
 * forbids it: a request without one `Host`, an unknown `Expect`, `CONNECT`, a target that is no path.
 *
 * @returns takes a request before the app does; `true` when it was refused
 */
export function requireWellFormed(server: Server, guard: Guard): (res: ServerResponse) => boolean {
  const note = (answered: { readonly status: number; readonly requestId: string }): void => {
    guard.count('malformed');
    guard.note({ reason: 'malformed', ...answered });
  };
  const refuseExpectation = (res: ServerResponse): void => {
    const detail = 'Of what Expect may ask for, only 100-continue is known';
    note(sendBareProblem(res, bareProblem('expectation-failed', detail)));
  };

  server.on('checkExpectation', (_req, res) => {
    refuseExpectation(res);
  });
  server.on('checkContinue', (req, res) => {
    if (!continues.test(req.headers.expect ?? '')) {
      refuseExpectation(res);
      return;
    }
    res.writeContinue();
    server.emit('request', req, res);
  });
  server.on('connect', (_req, socket) => {
    const detail = 'CONNECT is not allowed: this is no proxy';
    // A resource that has no method at all may name none (RFC 9110, section 10.2.1).
    const problem = bareProblem('method-not-allowed', detail, { Allow: '' });
    const requestId = randomUUID();
    socket.on('error', () => socket.destroy());
    socket.end(writeBareProblem(problem, requestId), () => socket.destroy());
    note({ status: problem.status, requestId });
  });

  return (res) => {
    const problem = faultOf(res.req);
    if (problem === undefined) return false;
    note(sendBareProblem(res, problem));
    return true;
  };
}

/** What is wrong with a request. Its target is in origin form afterwards, or the `*` of `OPTIONS`. */
function faultOf(req: IncomingMessage): ProblemResponse | undefined {
  const { host } = req.headers;
  // Two are joined by a comma, which no host has.
  if (host === undefined ? req.httpVersion !== '1.0' : host.includes(',')) {
    return bareProblem('malformed-request', 'The request must have one Host header');
  }
  const { url = '' } = req;
  if (url.startsWith('/') || (url === '*' && req.method === 'OPTIONS')) return undefined;
  if (!authority.test(url)) {
    return bareProblem('malformed-request', 'The target of the request must be a path or a URL');
  }
  const origin = url.replace(authority, '');
  req.url = origin.startsWith('/') ? origin : `/${origin}`;
  return undefined;
}
