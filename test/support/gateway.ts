import { request as forward } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { planFaults, playFault } from './faults.js';
import type { FaultPlan } from './faults.js';
import { listenOnLoopback } from './loopback-server.js';

/** A request that arrived at a gateway. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A gateway in front of a service, which loses requests and answers as it is told to. */
export interface Gateway {
  readonly url: string;
  /** What has arrived, in its order. */
  readonly seen: Seen[];
  /** Faults in place of handing a request on. */
  readonly before: FaultPlan;
  /** Faults in place of handing an answer back: the service has carried the request out by then. */
  readonly after: FaultPlan;
  stop(): Promise<void>;
}

/** Starts a gateway to a service. */
export async function startGateway(target: string): Promise<Gateway> {
  const [before, after] = [planFaults(), planFaults()];
  const seen: Seen[] = [];
  const server = await listenOnLoopback(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    seen.push({ method, path, headers });
    const early = before.take(path);
    if (early !== undefined && (await playFault(early, request, response))) return;
    const answer = await handOn(target, request, response);
    const late = after.take(path);
    if (late !== undefined && (await playFault(late, request, response))) {
      answer.resume();
      return;
    }
    handBack(answer, response);
  });
  return { url: server.url, seen, before, after, stop: () => server.stop() };
}

function handOn(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<IncomingMessage> {
  const { method, url = '', headers } = request;
  return new Promise((resolve, reject) => {
    const outgoing = forward(new URL(url, target), { method, headers }, resolve);
    // Who leaves takes the request along.
    response.once('close', () => outgoing.destroy());
    outgoing.once('error', reject);
    request.pipe(outgoing);
  });
}

function handBack(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}
