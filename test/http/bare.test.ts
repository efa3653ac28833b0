import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { runEdge } from '../support/edge.js';
import { parseRaw } from '../support/raw-http.js';

const path = '/v1/deployments';

describe('a request that Node or Express would answer by itself', () => {
  const edge = runEdge();

  async function send(text: string): Promise<ReturnType<typeof parseRaw>> {
    const { hostname, port } = new URL(edge.url);
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(Buffer.from(text, 'latin1'));
    await once(socket, 'close');
    return parseRaw(Buffer.concat(chunks).toString('latin1'));
  }
  const lines = (...all: string[]) => [...all, '', ''].join('\r\n');
  const get = (target: string, ...headers: string[]) =>
    lines(`GET ${target} HTTP/1.1`, ...headers, 'Connection: close');

  const refused: [what: string, text: string, status: number, code: string][] = [
    ['no Host', get(path), 400, 'malformed-request'],
    ['an empty Host', get(path, 'Host:'), 200, ''],
    ['two Hosts', get(path, 'Host: a', 'Host: b'), 400, 'malformed-request'],
    ['the same Host twice', get(path, 'Host: a', 'Host: a'), 400, 'malformed-request'],
    ['no Host, on a path of the contract', get('/openapi.json'), 400, 'malformed-request'],
    [
      'an Expect that is not known',
      get(path, 'Host: a', 'Expect: magic'),
      417,
      'expectation-failed',
    ],
    [
      'an Expect that is not known beside one that is',
      get(path, 'Host: a', 'Expect: 100-continue', 'Expect: magic'),
      417,
      'expectation-failed',
    ],
    ['CONNECT', lines('CONNECT example.com:443 HTTP/1.1', 'Host: a'), 405, 'method-not-allowed'],
    [
      'TRACE',
      lines(`TRACE ${path} HTTP/1.1`, 'Host: a', 'Connection: close'),
      405,
      'method-not-allowed',
    ],
    [
      'OPTIONS *',
      lines('OPTIONS * HTTP/1.1', 'Host: a', 'Connection: close'),
      404,
      'route-not-found',
    ],
    ['GET *', get('*', 'Host: a'), 400, 'malformed-request'],
    ['a target without a slash', get('v1/deployments', 'Host: a'), 400, 'malformed-request'],
    ['a target that is no URL', get('http://[::1/nothing', 'Host: a'), 404, 'route-not-found'],
    ['a target of another scheme', get('ftp://a/b', 'Host: a'), 400, 'malformed-request'],
    ['a target with a fragment', get(`${path}#a`, 'Host: a'), 200, ''],
    ['two slashes', get('//[', 'Host: a'), 404, 'route-not-found'],
    ['a backslash', get('/\\\\[', 'Host: a'), 404, 'route-not-found'],
    ['a target in absolute form', get(`http://a${path}`, 'Host: a'), 200, ''],
    ['a target in absolute form without path', get('http://a', 'Host: a'), 200, ''],
    [
      'a target in absolute form, with a query',
      get(`HTTPS://u:p@a:1${path}?limit=5`, 'Host: a'),
      200,
      '',
    ],
    ['a broken path of the documentation', get('/docs/%', 'Host: a'), 404, 'route-not-found'],
    [
      'an upgrade',
      get(path, 'Host: a', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
      200,
      '',
    ],
    [
      'a WebSocket',
      lines(`GET ${path} HTTP/1.1`, 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade, close'),
      200,
      '',
    ],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed-request'],
    ['HTTP/1.0 without Host', lines(`GET ${path} HTTP/1.0`), 200, ''],
    ['HTTP/0.9', 'GET /\r\n\r\n', 400, 'malformed-request'],
    ['HTTP/3.0', lines('GET / HTTP/3.0', 'Host: a'), 400, 'malformed-request'],
    [
      'a coding that is not known',
      `${lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: magic')}abc`,
      400,
      'malformed-request',
    ],
    [
      'a length beside chunks',
      `${lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 3')}0\r\n\r\n`,
      400,
      'malformed-request',
    ],
    [
      'a chunk without a size',
      `${lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Type: application/json', 'Transfer-Encoding: chunked')}zz\r\n`,
      400,
      'malformed-request',
    ],
    [
      'a length that is no number',
      lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Length: three'),
      400,
      'malformed-request',
    ],
    ['a header without a name', get(path, 'Host: a', ': b'), 400, 'malformed-request'],
    ['a header that goes on', get(path, 'Host: a', 'X-A: b', ' c'), 400, 'malformed-request'],
    ['octets in the target', get('/caf\xe9', 'Host: a'), 400, 'malformed-request'],
  ];
  for (const [what, text, status, code] of refused) {
    it(`gets ${status} ${code}, with ${what}`, async () => {
      const { head, body, ...response } = await send(text);
      expect(response.status, `${head}\n${body}`).to.equal(status);
      if (status === 200) return;
      expect(head).to.match(/^content-type: application\/problem\+json/im);
      expect(head).to.match(/^x-request-id: \S+$/im);
      expect(JSON.parse(body)).to.include({
        type: `urn:problem-type:deployment-queue:${code}`,
        status,
      });
      if (status === 405) expect(head).to.match(/^allow:/im);
    });
  }

  it('is told to go on where it asks before it sends its body', async () => {
    const body = '{"reason":"slow"}';
    const text = lines(
      'POST /v1/deployments/019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f/rollback HTTP/1.1',
      ...['Host: a', 'Expect: 100-continue', 'Content-Type: application/json', 'Connection: close'],
      `Content-Length: ${body.length}`,
    );
    const { status, body: rest } = await send(text + body);
    expect(status).to.equal(100);
    expect(rest).to.match(/^HTTP\/1.1 201 /);
  });
});

describe('a header that is sent twice and means one thing', () => {
  const edge = runEdge();
  const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

  for (const [name, values, method] of [
    ['X-Organisation', ['acme', 'globex'], 'GET'],
    ['X-Organisation', ['acme', 'acme'], 'GET'],
    ['Idempotency-Key', ['a', 'b'], 'POST'],
    ['Idempotency-Key', ['a', 'a'], 'POST'],
    ['If-Match', ['*', '"1-a"'], 'PATCH'],
    ['If-None-Match', ['"1-a"', '*'], 'GET'],
  ] as const) {
    it(`is refused by name, ${name}: ${values.join(' and ')}`, async () => {
      const target = method === 'POST' ? `/v1/deployments/${id}/rollback` : `/v1/deployments/${id}`;
      const headers = new Headers(
        method === 'PATCH' ? { 'Content-Type': 'application/json' } : undefined,
      );
      for (const value of values) headers.append(name, value);
      const body = method === 'PATCH' ? '{"notes":"x"}' : null;
      const response = await fetch(edge.url + target, { method, headers, body });
      const problem = (await response.json()) as { errors?: { parameter: string }[] };
      expect(response.status).to.equal(422);
      expect(problem.errors?.map(({ parameter }) => parameter)).to.deep.equal([name]);
      expect(edge.asked).to.deep.equal([]);
    });
  }

  it('is a list where lists are meant, If-Match', async () => {
    const headers = new Headers({ 'Content-Type': 'application/json' });
    headers.append('If-Match', '"1-a"');
    headers.append('If-Match', '"1-b"');
    const body = '{"notes":"x"}';
    await fetch(`${edge.url}/v1/deployments/${id}`, { method: 'PATCH', headers, body });
    expect(edge.asked.map((request) => request.headers['If-Match'])).to.deep.equal([
      '"1-a", "1-b"',
    ]);
  });
});
