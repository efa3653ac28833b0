import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { runService } from '../support/http.js';
import type { Running } from '../support/http.js';
import { parseRaw } from '../support/raw-http.js';
import type { RawResponse } from '../support/raw-http.js';
import { until } from '../support/until.js';

/** A connection, and all that comes over it until it is closed. */
interface Client {
  readonly socket: Socket;
  readonly answered: Promise<RawResponse>;
}

async function connectTo(url: string): Promise<Client> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const answered = once(socket, 'close').then(() => parseRaw(text));
  await once(socket, 'connect');
  return { socket, answered };
}

function expectRawProblem(answer: RawResponse, status: number, code: string, detail: RegExp): void {
  expect(answer.status, answer.head).to.equal(status);
  expect(answer.head).to.match(/^content-type: application\/problem\+json/im);
  expect(answer.head).to.match(/^connection: close$/im);
  expect(answer.head).to.match(/^x-request-id: \S+$/im);
  const body = JSON.parse(answer.body) as Record<string, unknown>;
  expect(body).to.include({ type: `urn:problem-type:deployment-queue:${code}`, status });
  expect(body['title']).to.be.a('string');
  expect(body['instance']).to.equal('/');
  expect(body['detail']).to.match(detail);
}

const post = (length: number, ...more: string[]): string =>
  ['POST /v1/deployments HTTP/1.1', 'Host: x', 'Content-Type: application/json']
    .concat(`Content-Length: ${length}`, ...more, '', '')
    .join('\r\n');

/** The count of a reason among a service's refusals. */
async function refusals({ service }: Running, reason: string): Promise<number> {
  const { text } = await service.management.get('/metrics').expect(200);
  const pattern = new RegExp(`^requests_refused_total{reason="${reason}"} (\\d+)$`, 'm');
  return Number(pattern.exec(text)?.[1] ?? 0);
}

describe('a client that is too slow', () => {
  const running = runService({
    HTTP_HEADERS_TIMEOUT_MS: '500',
    HTTP_REQUEST_TIMEOUT_MS: '2000',
  });

  it('is answered 408 when it sends nothing', async () => {
    const before = await refusals(running, 'timeout');
    const { answered } = await connectTo(running.service.apiUrl);
    const answer = await answered;
    expectRawProblem(answer, 408, 'request-timeout', /500 ms, all of it 2000 ms$/);
    const [, requestId] = /^x-request-id: (\S+)$/im.exec(answer.head) ?? [];
    const line = running.service.logs.find((each) => each['requestId'] === requestId);
    expect(line).to.include({ msg: 'refused unread', reason: 'timeout', status: 408 });
    expect(await refusals(running, 'timeout')).to.equal(before + 1);
  });

  it('is answered 408 when its headers do not come to an end', async () => {
    const { socket, answered } = await connectTo(running.service.apiUrl);
    socket.write('GET /v1/deployments HTTP/1.1\r\nHost: x\r\n');
    const timer = setInterval(() => socket.write('X-A: b\r\n'), 50);
    const answer = await answered.finally(() => {
      clearInterval(timer);
    });
    expectRawProblem(answer, 408, 'request-timeout', /did not arrive in time/);
  });

  it('is answered 408 when its body does not, with the one line in the log of any request', async () => {
    const { socket, answered } = await connectTo(running.service.apiUrl);
    socket.write(post(100, 'X-Request-Id: slow-body'));
    const timer = setInterval(() => socket.write(' '), 50);
    const answer = await answered.finally(() => {
      clearInterval(timer);
    });
    expectRawProblem(answer, 408, 'request-timeout', /did not arrive in time/);
    expect(answer.head).to.match(/^x-request-id: slow-body$/im);
    const { logs } = running.service;
    const mine = () => logs.filter((line) => line['requestId'] === 'slow-body');
    await until('it is in the log', () => mine().length > 0);
    expect(mine()).to.have.length(1);
    expect(mine()[0]).to.include({ msg: 'request', status: 408, operationId: 'createDeployment' });
  });
});

describe('a client that keeps to no limit', () => {
  const running = runService({ HTTP_MAX_HEADERS: '20', HTTP_MAX_HEADER_BYTES: '4096' });

  async function sendText(text: string): Promise<RawResponse> {
    const { socket, answered } = await connectTo(running.service.apiUrl);
    socket.write(text);
    return answered;
  }

  it('is answered 431 when it sends too many headers, and none is left out silently', async () => {
    const headers = (count: number) =>
      Array.from({ length: count }, (_, index) => `X-${index}: a\r\n`).join('');
    const head = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    expect((await sendText(`${head}${headers(18)}\r\n`)).status).to.equal(200);
    for (const count of [19, 20, 100]) {
      const answer = await sendText(`${head}${headers(count)}\r\n`);
      expectRawProblem(answer, 431, 'headers-too-large', /more than the 20 headers allowed/);
    }
  });

  it('is answered 431 when its headers are too large', async () => {
    const before = await refusals(running, 'headers-too-large');
    const answer = await sendText(`GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(5000)}\r\n\r\n`);
    expectRawProblem(answer, 431, 'headers-too-large', /larger than the 4096 bytes allowed/);
    expect(await refusals(running, 'headers-too-large')).to.equal(before + 1);
  });

  it('is answered 431 when its query is too long', async () => {
    for (const length of [4096, 100_000]) {
      const line = `GET /v1/deployments?cursor=${'%F0%9F%9A%80'.repeat(length / 12)} HTTP/1.1`;
      const answer = await sendText(`${line}\r\nHost: x\r\n\r\n`);
      expectRawProblem(
        answer,
        431,
        'headers-too-large',
        /and its headers are larger than the 4096/,
      );
    }
  });

  for (const [what, text] of [
    ['something else than HTTP', 'hello\r\n\r\n'],
    ['a method that does not exist', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['two lengths', `${post(3).trimEnd()}\r\nContent-Length: 4\r\n\r\nabc`],
    ['the greeting of TLS', '\x16\x03\x01\x02\x00\x01\x00'],
  ] as const) {
    it(`is answered 400 when it sends ${what}`, async () => {
      const answer = await sendText(text);
      expectRawProblem(answer, 400, 'malformed-request', /not well-formed HTTP/);
      expect(JSON.stringify(running.service.logs)).not.to.include('hello');
    });
  }

  it('is answered 400 when it stops half-way, and nothing is registered', async () => {
    const { tenant } = running;
    const body = JSON.stringify(deploymentBody());
    const { socket, answered } = await connectTo(running.service.apiUrl);
    socket.end(post(body.length, `X-Organisation: ${tenant.organisation}`) + body.slice(0, 40));
    expectRawProblem(await answered, 400, 'malformed-request', /did not arrive whole/);
    expect(await tenant.list()).to.deep.equal([]);
  });

  it('gets the answer to what it sent before, and that was done', async () => {
    const { tenant } = running;
    const body = JSON.stringify(deploymentBody({ version: 'before' }));
    const request = post(body.length, `X-Organisation: ${tenant.organisation}`) + body;
    const answer = await sendText(`${request}nonsense\r\n\r\n`);
    expect(answer.status).to.equal(201);
    expect((await tenant.list()).map(({ version }) => version)).to.deep.equal(['before']);
  });
});

describe('a client that does not read its answer', () => {
  const running = runService({ HTTP_IDLE_TIMEOUT_MS: '2000' });

  it('is cut off, and costs nobody else anything', async () => {
    const { tenant } = running;
    for (let count = 0; count < 65; count += 1) {
      await tenant.create({ pipeline_extra_params: 'x'.repeat(16_000) });
    }
    const { socket, answered } = await connectTo(running.service.apiUrl);
    socket.pause();
    // Far more than systems take for a connection.
    const list = `GET /v1/deployments HTTP/1.1\r\nHost: x\r\nX-Organisation: ${tenant.organisation}\r\n\r\n`;
    socket.write(list.repeat(20));
    await running.service.api.get('/v1/deployments').expect(200);
    await until('it is cut off', () =>
      running.service.logs.some((line) => line['aborted'] === true),
    );
    socket.resume();
    await answered;
  });
});

describe('more connections than allowed', () => {
  const running = runService({ HTTP_MAX_CONNECTIONS: '3' });
  const get = 'GET /v1/deployments HTTP/1.1\r\nHost: x\r\n\r\n';

  it('are answered 503 with Retry-After; the others, and management, go on as before', async () => {
    const { apiUrl, management } = running.service;
    const clients: Client[] = [];
    for (let count = 0; count < 4; count += 1) clients.push(await connectTo(apiUrl));
    const [first, , , fourth] = clients;
    fourth?.socket.write(get);
    const refused = await fourth?.answered;
    if (refused === undefined) throw new Error('There is no fourth');
    expectRawProblem(refused, 503, 'overloaded', /more than 3 connections/);
    expect(refused.head).to.match(/^retry-after: 1$/im);

    await management.get('/health').expect(200);
    await management.get('/ready').expect(200);
    const { text } = await management.get('/metrics').expect(200);
    expect(text).to.include('requests_refused_total{reason="too-many-connections"} 1');
    first?.socket.write(get.replace('Host: x', 'Host: x\r\nConnection: close'));
    expect((await first?.answered)?.status).to.equal(200);
    for (const { socket } of clients) socket.destroy();
  });

  it('are served after all when another has gone before they asked', async () => {
    const { apiUrl } = running.service;
    const clients: Client[] = [];
    for (let count = 0; count < 4; count += 1) clients.push(await connectTo(apiUrl));
    const [first, , , fourth] = clients;
    first?.socket.end();
    await first?.answered;
    fourth?.socket.write(get.replace('Host: x', 'Host: x\r\nConnection: close'));
    expect((await fourth?.answered)?.status).to.equal(200);
    for (const { socket } of clients) socket.destroy();
  });

  it('are dropped when they are more than a tenth too many', async () => {
    const { apiUrl, logs } = running.service;
    const clients: Client[] = [];
    for (let count = 0; count < 5; count += 1) clients.push(await connectTo(apiUrl));
    const dropped = await clients[4]?.answered;
    expect(dropped?.head).to.equal('');
    await until('the log says so', () => logs.some(({ reason }) => reason === 'dropped'));
    for (const { socket } of clients) socket.destroy();
  });
});
