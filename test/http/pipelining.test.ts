import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { handleInTurn } from '../../src/http/pipelining.js';
import { openConnection } from '../support/connections.js';
import { until } from '../support/until.js';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

describe('requests that a caller sends without waiting for the responses', () => {
  let server: Server;
  let url: string;
  /** What is being handled, by path. */
  let handled: Map<string, ServerResponse>;
  let forgotten: string[];

  beforeEach(async () => {
    handled = new Map();
    forgotten = [];
    server = createServer(
      handleInTurn(
        (req, res) => handled.set(req.url ?? '', res),
        ({ req }) => forgotten.push(req.url ?? ''),
      ),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const isHandled = (path: string) => until(`${path} is handled`, () => handled.get(path));
  const paths = () => [...handled.keys()];

  it('are handled one after the other', async () => {
    const { socket, closed } = await openConnection(url);
    socket.write(get('/1') + get('/2') + get('/3'));
    (await isHandled('/1')).end('first');
    (await isHandled('/2')).end('second');
    expect(paths()).to.deep.equal(['/1', '/2']);
    (await isHandled('/3')).setHeader('Connection', 'close').end('third');
    expect(await closed).to.match(/first[^]*second[^]*third/);
  });

  it('hold up no other connection', async () => {
    const [one, other] = await Promise.all([openConnection(url), openConnection(url)]);
    one.socket.write(get('/one/1') + get('/one/2'));
    await isHandled('/one/1');
    other.socket.write(get('/other'));
    await isHandled('/other');
    expect(paths()).to.deep.equal(['/one/1', '/other']);
  });

  it('are forgotten when their connection is cut before their turn', async () => {
    const { socket } = await openConnection(url);
    socket.write(get('/1') + get('/2') + get('/3'));
    await isHandled('/1');
    socket.resetAndDestroy();
    await until('they are forgotten', () => forgotten.length > 0);
    expect(forgotten).to.deep.equal(['/2', '/3']);
    expect(paths()).to.deep.equal(['/1']);
  });

  it('are twenty-one at most, and the last response says that the connection ends', async () => {
    const { socket, closed } = await openConnection(url);
    socket.write(Array.from({ length: 150 }, (_none, nth) => get(`/${nth}`)).join(''));
    for (let nth = 0; nth <= 20; nth += 1) (await isHandled(`/${nth}`)).end(`<${nth}>`);
    const text = await closed;
    expect(text.match(/HTTP\/1\.1 200/g)).to.have.length(21);
    expect(text)
      .to.match(/Connection: close[^]*<20>/)
      .and.not.match(/Connection: close[^]*<19>/);
    expect(forgotten).to.have.length(129);
    expect(paths()).to.have.length(21);
  });
});
