import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { authenticateAll } from '../support/authenticated-service.js';
import { expectProblem, runService } from '../support/http.js';

const files = [
  'start.js',
  'page.css',
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'favicon-32x32.png',
];

describe('the documentation', () => {
  const running = runService();
  const get = (path: string) => running.service.api.get(path);

  it('is a page at /docs', async () => {
    const { text, headers } = await get('/docs').expect(200);
    expect(headers['content-type']).to.match(/^text\/html/);
    expect(text).to.include('<title>Deployment Queue API</title>');
  });

  for (const [path, target] of [
    ['/docs/', '../docs'],
    ['/redoc', 'docs'],
    ['/redoc/', '../docs'],
  ] as const) {
    it(`is what ${path} leads to`, async () => {
      const { headers } = await get(path).expect(308);
      expect(headers['location']).to.equal(target);
    });
  }

  it('loads what its page names, and names nothing elsewhere', async () => {
    const { text } = await get('/docs');
    const loaded = [...text.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]*)"/g)];
    expect(loaded.map(([, path]) => path)).to.have.members(files.map((name) => `docs/${name}`));
    for (const [, path = ''] of loaded) {
      const { headers } = await get(`/${path}`).expect(200);
      expect(headers['content-type']).to.match(/^(text\/(css|javascript)|image\/png)/);
    }
  });

  it('allows a browser nothing but this server, and no script in the page', async () => {
    for (const path of ['/docs', ...files.map((name) => `/docs/${name}`)]) {
      const { headers } = await get(path);
      expect(headers['content-security-policy']).to.match(/^default-src 'none'; /);
      expect(headers['content-security-policy']).not.to.match(/unsafe|https?:|\*/);
      expect(headers).to.include({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    }
  });

  it('is not sent again to who has it', async () => {
    for (const path of ['/docs', ...files.map((name) => `/docs/${name}`)]) {
      const { headers } = await get(path);
      expect(headers['cache-control']).to.equal('no-cache');
      const again = await get(path)
        .set('If-None-Match', headers['etag'] ?? '')
        .expect(304);
      expect(again.text).to.equal('');
    }
  });

  it('answers HEAD as GET, without a body', async () => {
    const { headers } = await running.service.api.head('/docs').expect(200);
    const page = await readFile(new URL('../../docs-page/index.html', import.meta.url));
    expect(headers['content-length']).to.equal(String(page.length));
  });

  for (const path of [
    '/docs/package.json',
    '/docs/swagger-initializer.js',
    '/docs/..%2Fpackage.json',
    '/docs/%2e%2e%2fpackage.json',
    '/docs/index.html',
    '/Docs',
    '/docs/start.js/',
    '/Redoc',
    '/redoc/start.js',
  ]) {
    it(`does not serve ${path}`, async () => {
      expectProblem(await get(path), 404, 'route-not-found');
    });
  }
});

describe('the documentation, with authentication on', () => {
  const running = authenticateAll();

  it('is there for everybody, and nothing beside it', async () => {
    const { api } = running.now.service;
    await api.get('/docs').expect(200);
    await api.get('/docs/start.js').expect(200);
    await api.get('/redoc').expect(308);
    await api.get('/openapi.json').expect(200);
    expectProblem(await api.get('/docs/other'), 401, 'unauthenticated');
  });
});
