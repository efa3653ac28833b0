/** `node:http` alone: the least that can be done. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openPlainStore } from '../plain-store.js';
import { announce, organisationOf, pathOf } from './contestant.js';

const store = openPlainStore(pathOf());

function send(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  res.end(text);
}

async function readJson(req: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const organisation = organisationOf(req);
  const [path = '', search = ''] = (req.url ?? '').split('?');
  if (path === '/v1/deployments' && req.method === 'GET') {
    const limit = Number(new URLSearchParams(search).get('limit') ?? 100);
    send(res, 200, store.list(organisation, limit));
  } else if (path === '/v1/deployments') {
    send(res, 201, store.create(organisation, await readJson(req)));
  } else if (path === '/v1/deployments/rollback') {
    const query = Object.fromEntries(new URLSearchParams(search));
    send(res, 201, store.rollback(organisation, query));
  } else if (req.method === 'GET') {
    send(res, 200, store.get(organisation, path.slice('/v1/deployments/'.length)));
  } else {
    await readJson(req);
    send(res, 200, store.deploy(organisation, path.slice('/v1/deployments/'.length)));
  }
}

const server = createServer((req, res) => {
  answer(req, res).catch((error: unknown) => {
    send(res, 500, { error: String(error) });
  });
});
announce(server.listen(0, '127.0.0.1'));
