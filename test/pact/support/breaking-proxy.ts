import { listenOnLoopback } from '../../support/loopback-server.js';
import type { LoopbackServer } from '../../support/loopback-server.js';

/** What goes wrong in an answer's body. */
export type Break = (body: unknown) => unknown;

/** Headers that each of two connections has for itself. */
const own = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive'];

/** Stands in front of a service and breaks what it answers with success. */
export function breakResponses(url: string, breakBody: Break): Promise<LoopbackServer> {
  return listenOnLoopback(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.entries(request.headers).filter(([name]) => !own.includes(name));
    const answer = await fetch(url + (request.url ?? ''), {
      method: request.method ?? 'GET',
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const body: unknown = await answer.json();
    const sent = JSON.stringify(answer.ok ? breakBody(body) : body);
    const kept = Object.fromEntries([...answer.headers].filter(([name]) => !own.includes(name)));
    response.writeHead(answer.status, kept).end(sent);
  });
}

/** Gives a field another name, wherever it is. */
export function rename(from: string, to: string): Break {
  return (body) =>
    JSON.parse(JSON.stringify(body), function (this: unknown, _key, value: unknown) {
      if (typeof value !== 'object' || value === null || !(from in value)) return value;
      const { [from]: field, ...others } = value as Record<string, unknown>;
      return { ...others, [to]: field };
    });
}
