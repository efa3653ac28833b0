import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { StartupError } from '../../src/platform/startup-error.js';
import { listen } from '../../src/http/server.js';
import { letGo } from '../support/let-go.js';
import { until } from '../support/until.js';

describe('a server', () => {
  const listener = (_req: unknown, res: { end(text: string): unknown }) => res.end('hello');

  async function refusal(host: string, port: number): Promise<string> {
    try {
      await (await listen(listener, host, port, 'API_PORT')).stop(0);
    } catch (error) {
      expect(error).to.be.instanceOf(StartupError);
      return (error as StartupError).message;
    }
    throw new Error(`It listens on ${host}:${port}`);
  }

  it('says where it is reached, with the port that the system chose', async () => {
    const server = await listen(listener, '127.0.0.1', 0, 'API_PORT');
    try {
      expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
      expect(await (await fetch(server.url)).text()).to.equal('hello');
    } finally {
      expect(await server.stop(0)).to.be.true;
    }
  });

  it('ends each connection once, however many responses end together late in its stop', async () => {
    const held: { end(text: string): unknown }[] = [];
    const server = await listen(
      (_req: unknown, res: { end(text: string): unknown }) => held.push(res),
      '127.0.0.1',
      0,
      'API_PORT',
    );
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    // More than a connection may have listeners.
    const responses = Array.from({ length: 15 }, () =>
      fetch(server.url).then((each) => each.text()),
    );
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
    await until('all have arrived', () => held.length === responses.length);
    const stopped = server.stop(60_000);
    // From here on connections end with their responses.
    await once(idle.resume(), 'close');
    for (const res of held) res.end('hello');
    expect(new Set(await Promise.all(responses))).to.deep.equal(new Set(['hello']));
    expect(await stopped).to.equal(true);
    process.off('warning', note);
    expect(warnings).to.deep.equal([]);
  });

  it('says where it is reached on the loopback of IPv6, or that this machine has none', async () => {
    const present = Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(({ address }) => address === '::1'),
    );
    if (!present) {
      const message = await refusal('::1', 0);
      expect(message).to.match(
        /^Cannot listen: this machine has no address ::1; set HOST or MANAGEMENT_HOST$/,
      );
      return;
    }
    const server = await listen(listener, '::1', 0, 'API_PORT');
    try {
      expect(server.url).to.match(/^http:\/\/\[::1\]:[1-9]\d*$/);
      expect(await (await fetch(server.url)).text()).to.equal('hello');
    } finally {
      await server.stop(0);
    }
  });

  it('says that this machine does not have an address', async () => {
    // An address for documentation (RFC 5737), which no machine has.
    expect(await refusal('203.0.113.1', 0)).to.equal(
      'Cannot listen: this machine has no address 203.0.113.1; set HOST or MANAGEMENT_HOST',
    );
  });

  it('names a host that does not resolve', async () => {
    // A name that never resolves (RFC 6761), whether or not there is a resolver to say so.
    expect(await refusal('nowhere.invalid', 0)).to.match(/^Cannot listen.*nowhere\.invalid/);
  });

  it('says which port is in use, and which setting chose it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      expect(await refusal('127.0.0.1', port)).to.equal(
        `Cannot listen: port ${port} on 127.0.0.1 is in use; set API_PORT`,
      );
    } finally {
      other.close();
    }
  });

  it('says after its timeout that a request did not finish', async () => {
    const requests = new EventEmitter();
    const server = await listen(() => requests.emit('taken'), '127.0.0.1', 0, 'API_PORT');
    const taken = once(requests, 'taken');
    const request = fetch(server.url).then(
      () => 'answered',
      () => 'cut',
    );
    await taken;
    expect(await server.stop(50)).to.be.false;
    expect(await request).to.equal('cut');
  });

  it('does not hold on to the app once it has stopped', async () => {
    const useOne = async () => {
      const app = (_req: unknown, res: { end(text: string): unknown }) => res.end('hello');
      const server = await listen(app, '127.0.0.1', 0, 'API_PORT');
      expect(await (await fetch(server.url)).text()).to.equal('hello');
      await server.stop(0);
      return new WeakRef(app);
    };
    const app = await useOne();
    await letGo();
    expect(app.deref()).to.equal(undefined);
  });
});
