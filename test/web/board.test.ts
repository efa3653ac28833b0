import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { authenticateAll } from '../support/authenticated-service.js';
import { expectProblem, runService } from '../support/http.js';
import { startTestService } from '../support/service.js';

/** What the page loads, by its extension. */
function assetsOf(text: string): Map<string, string> {
  const links = [...text.matchAll(/ (?:src|href)="(board\/[^"]*)"/g)].map(([, link = '']) => link);
  return new Map(links.map((link) => [link.replace(/^.*\./, ''), link]));
}

describe('the board', () => {
  const running = runService();
  const get = (path: string) => running.service.api.get(path);

  it('is a page at /, which is asked for anew each time', async () => {
    const { text, headers } = await get('/').expect(200);
    expect(headers['content-type']).to.match(/^text\/html/);
    expect(headers['cache-control']).to.equal('no-cache');
    expect(text).to.include('<title>Deployments</title>');
    await get('/')
      .set('If-None-Match', headers['etag'] ?? '')
      .expect(304);
  });

  it('loads what its page names, under names that change with what is in them', async () => {
    const assets = assetsOf((await get('/')).text);
    expect([...assets.keys()]).to.have.members(['svg', 'css', 'js']);
    for (const [extension, path] of assets) {
      expect(path).to.match(/^board\/\w+-[0-9A-Z]{8}\.\w+$/);
      const { headers } = await get(`/${path}`).expect(200);
      expect(headers['content-type']).to.match(
        { svg: /^image\/svg\+xml/, css: /^text\/css/, js: /^text\/javascript/ }[extension] ?? /^$/,
      );
      expect(headers['cache-control']).to.equal('public, max-age=31536000, immutable');
    }
  });

  it('allows a browser nothing but this server, no script in the page, and no frame around it', async () => {
    const assets = assetsOf((await get('/')).text);
    for (const path of ['/', ...[...assets.values()].map((each) => `/${each}`)]) {
      const { headers } = await get(path);
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).to.match(/^default-src 'none'; /);
      expect(policy).not.to.match(/unsafe|https?:|data:|\*/);
      expect(policy).to.include("connect-src 'self'").and.to.include("frame-ancestors 'none'");
      expect(headers).to.include({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    }
  });

  it('is below 100 kB, compressed, and the page with it', async () => {
    const { text } = await get('/');
    const assets = [...assetsOf(text).values()];
    const files = await Promise.all(
      assets.map((path) => readFile(new URL(`../../generated/${path}`, import.meta.url))),
    );
    const bytes = [Buffer.from(text), ...files].reduce(
      (sum, file) => sum + gzipSync(file).length,
      0,
    );
    expect(bytes).to.be.lessThan(100_000);
  });

  it('carries the licence of what is bundled in it', async () => {
    const { js = '' } = Object.fromEntries(assetsOf((await get('/')).text));
    const { text } = await get(`/${js}`);
    expect(text).to.match(/Contains preact, under this licence:[^]*MIT/);
  });

  for (const path of [
    '/board',
    '/board/',
    '/index.html',
    '/board/index.html',
    '/board/..%2Fopenapi.json',
  ]) {
    it(`is not served at ${path}`, async () => {
      expectProblem(await get(path), 404, 'route-not-found');
    });
  }
});

describe('the board, with authentication on', () => {
  const running = authenticateAll();

  it('is there for everybody, since it holds no data', async () => {
    const { api } = running.now.service;
    const { text } = await api.get('/').expect(200);
    for (const path of assetsOf(text).values()) await api.get(`/${path}`).expect(200);
    expectProblem(await api.get('/board/other.js'), 401, 'unauthenticated');
  });
});

describe('the board of a demo', () => {
  it('says first that everybody may do everything', async () => {
    const service = await startTestService({ DEMO: 'true' });
    try {
      const { text } = await service.api.get('/').expect(200);
      expect(text).to.match(/<body><h1 role="alert">This is a demo without authentication/);
    } finally {
      await service.stop();
    }
  });
});
