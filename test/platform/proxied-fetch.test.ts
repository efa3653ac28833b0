import { expect } from 'chai';
import { proxiedFetch, proxiesOf } from '../../src/platform/proxied-fetch.js';
import { startConnectProxy } from '../support/connect-proxy.js';
import type { ConnectProxy } from '../support/connect-proxy.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import type { LoopbackServer } from '../support/loopback-server.js';

const url = 'http://proxy.example.com:3128';

describe('the proxies of an environment', () => {
  it('are none where none is named', () => {
    for (const environment of [{}, { HTTPS_PROXY: '' }, { NO_PROXY: 'example.com' }]) {
      expect(proxiesOf(environment)).to.equal(undefined);
    }
  });

  it('are named in capitals or in lower case, which wins', () => {
    expect(proxiesOf({ HTTPS_PROXY: url, NO_PROXY: 'a,b' })).to.deep.equal({
      httpsProxy: url,
      httpProxy: '',
      noProxy: 'a,b',
    });
    const both = { http_proxy: url, HTTP_PROXY: 'http://other', no_proxy: 'a', NO_PROXY: 'b' };
    expect(proxiesOf(both)).to.deep.equal({ httpsProxy: '', httpProxy: url, noProxy: 'a' });
  });

  for (const value of ['proxy', 'proxy.example.com:3128', 'socks5://proxy:1080', 'http://']) {
    it(`are URLs, which ${value} is not`, () => {
      expect(() => proxiesOf({ HTTPS_PROXY: value })).to.throw(
        TypeError,
        /^HTTPS_PROXY must be the http or https URL of a proxy, such as http:\S+$/,
      );
    });
  }

  it('are not repeated in an error, since they may hold a password', () => {
    expect(() => proxiesOf({ HTTP_PROXY: 'secret' }))
      .to.throw(TypeError)
      .and.not.match(/secret/);
  });
});

describe('fetch through a proxy', () => {
  let proxy: ConnectProxy;
  let server: LoopbackServer;
  beforeEach(async () => {
    proxy = await startConnectProxy();
    server = await listenOnLoopback((request, response) => {
      response.end(`${request.method ?? ''} ${request.headers.host ?? ''} ${request.url ?? ''}`);
    });
    proxy.route('queue.test:80', server.url);
  });
  afterEach(() => Promise.all([proxy.stop(), server.stop()]));
  const through = (noProxy = '') => proxiedFetch({ httpsProxy: '', httpProxy: proxy.url, noProxy });

  it('reaches what only the proxy can', async () => {
    const response = await through()(new URL('http://queue.test/v1'), { method: 'PATCH' });
    expect(await response.text()).to.equal('PATCH queue.test /v1');
    expect(proxy.asked).to.deep.equal(['queue.test:80']);
  });

  it('does not go through it to what NO_PROXY names, and what is below', async () => {
    for (const noProxy of ['queue.test', 'test', '.test', '*.test', 'a.example, queue.test', '*']) {
      const outcome = await through(noProxy)('http://queue.test/').catch(() => 'out of reach');
      expect(outcome, noProxy).to.equal('out of reach');
    }
    expect(proxy.asked).to.deep.equal([]);
    const response = await through('queue.test:8080, other.test')('http://queue.test/');
    expect(response.status).to.equal(200);
  });

  it('does not go through it to this machine', async () => {
    const response = await through()(`${server.url}/v1`);
    expect(await response.text()).to.match(/ \/v1$/);
    expect(proxy.asked).to.deep.equal([]);
  });

  it('is the one of Node where there is no proxy', () => {
    expect(proxiedFetch(undefined)).to.equal(globalThis.fetch);
  });
});
