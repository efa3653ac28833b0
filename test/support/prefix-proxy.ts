import { request as forward } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { listenOnLoopback } from './loopback-server.js';
import type { LoopbackServer } from './loopback-server.js';

/**
 * Starts a proxy that serves under a prefix what a service has at its root, and nothing else.
 *
 * @param target the service, such as `http://127.0.0.1:8000`, or what says where it is by then
 * @param prefix such as `/tools/queue`; taken off before a request is handed on
 * @param headers added to each request
 */
export function startPrefixProxy(
  target: string | (() => string),
  prefix: string,
  headers: Record<string, string> = {},
): Promise<LoopbackServer> {
  return listenOnLoopback(async (request, response) => {
    const { method, url = '' } = request;
    if (!url.startsWith(`${prefix}/`)) {
      response.writeHead(404).end('not of this service');
      return;
    }
    const options = { method, headers: { ...request.headers, ...headers } };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const base = typeof target === 'string' ? target : target();
      const sent = forward(new URL(base + url.slice(prefix.length)), options, resolve);
      request.pipe(sent.once('error', reject));
    });
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
}
