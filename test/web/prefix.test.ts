import { expect } from 'chai';
import { parse } from 'yaml';
import { runEdge } from '../support/edge.js';
import type { Edge } from '../support/edge.js';
import type { LoopbackServer } from '../support/loopback-server.js';
import { startPrefixProxy } from '../support/prefix-proxy.js';

const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

/** The URL at which a reference of a response leads on. */
async function follow(from: string, reference: string | undefined): Promise<Response> {
  return fetch(new URL(reference ?? 'missing', from));
}

for (const [what, trust, headers] of [
  ['that says its prefix', 'true', { 'X-Forwarded-Prefix': '/tools/queue' }],
  ['that says nothing', 'false', {}],
] as const) {
  describe(`behind a proxy with a prefix, ${what},`, () => {
    const edge = runEdge({ TRUST_FORWARDED_PREFIX: trust });
    let proxy: LoopbackServer;
    let base: string;

    before(async () => {
      proxy = await startPrefixProxy(edge.url, '/tools/queue', headers);
      base = `${proxy.url}/tools/queue`;
    });
    after(() => proxy.stop());

    for (const path of ['/docs', '/docs/', '/redoc', '/redoc/']) {
      it(`the documentation loads all of itself, at ${path}`, async () => {
        const page = await fetch(base + path);
        expect(page.status).to.equal(200);
        expect(page.url).to.equal(`${base}/docs`);
        const text = await page.text();
        const links = [...text.matchAll(/ (?:src|href)="([^"]*)"/g)].map(([, link]) => link);
        expect(links).to.have.length(6);
        for (const link of links) {
          const response = await follow(page.url, link);
          expect(response.status, link).to.equal(200);
          expect(response.url).to.match(new RegExp(`^${base}/(docs/|openapi.yaml)`));
        }
      });
    }

    it('the script of the documentation asks for nothing at the root of the host', async () => {
      const script = await (await fetch(`${base}/docs/start.js`)).text();
      expect(script).not.to.match(/['"`]\//);
    });

    if (trust === 'false') return;

    it('the document names a server that is this one', async () => {
      const path = '/v1/deployments';
      for (const name of ['openapi.json', 'openapi.yaml']) {
        const response = await fetch(`${base}/${name}`);
        // JSON is YAML as well.
        const { servers } = parse(await response.text()) as { servers: { url: string }[] };
        const called = await follow(response.url, `${servers[0]?.url ?? ''}${path}`);
        expect(called.url).to.equal(base + path);
        expect(called.status).to.equal(200);
      }
    });

    it('Location and Link lead on', async () => {
      const url = `${base}/v1/deployments/${id}/rollback`;
      const created = await fetch(url, { method: 'POST' });
      expect(created.status).to.equal(201);
      const read = await follow(url, created.headers.get('location') ?? undefined);
      expect(read.status).to.equal(200);
      expect(read.url).to.match(new RegExp(`^${base}/v1/deployments/`));

      const list = await fetch(`${base}/v1/deployments`);
      const [, next] = /^<([^>]*)>; rel="next"$/.exec(list.headers.get('link') ?? '') ?? [];
      const page = await follow(list.url, next);
      expect(page.status).to.equal(200);
      expect(page.url).to.match(new RegExp(`^${base}/v1/deployments\\?`));
    });
  });
}

describe('X-Forwarded-Prefix', () => {
  const untrusted = runEdge();
  const trusted = runEdge({ TRUST_FORWARDED_PREFIX: 'true' });

  const locationOf = async (edge: Edge, prefix: string) => {
    const response = await fetch(`${edge.url}/v1/deployments/${id}/rollback`, {
      method: 'POST',
      headers: { 'X-Forwarded-Prefix': prefix },
    });
    expect(response.status).to.equal(201);
    return response.headers.get('location') ?? '';
  };

  it('of whoever calls counts for nothing', async () => {
    expect(await locationOf(untrusted, '/evil')).to.match(/^\/v1\/deployments\//);
    const headers = { 'X-Forwarded-Prefix': '/evil' };
    for (const path of ['/v1/deployments', '/openapi.json', '/openapi.yaml', '/docs']) {
      const response = await fetch(untrusted.url + path, { headers });
      expect(`${await response.text()} ${response.headers.get('link') ?? ''}`).not.to.include(
        'evil',
      );
    }
  });

  for (const [sent, prefix] of [
    ['/tools', '/tools'],
    ['/tools/', '/tools'],
    ['/a, /b/c', '/a/b/c'],
    ['/', ''],
    ['', ''],
    ['tools', ''],
    ['//evil.example', ''],
    ['/a//evil.example', ''],
    ['https://evil.example', ''],
    ['/a/../b', ''],
    ['/a/.', ''],
    ['/a?b', ''],
    ['/a>; rel="next", <b', ''],
    ['/a%2e', ''],
    ['/\\evil.example', ''],
    [`/${'a'.repeat(300)}`, ''],
  ] as const) {
    it(`of a trusted proxy is a path or nothing: ${sent.slice(0, 20)}`, async () => {
      expect(await locationOf(trusted, sent)).to.match(new RegExp(`^${prefix}/v1/deployments/`));
    });
  }

  it('is named to caches of the document', async () => {
    for (const path of ['/openapi.json', '/openapi.yaml']) {
      const { headers } = await fetch(trusted.url + path);
      expect(headers.get('vary')).to.equal('X-Forwarded-Prefix');
    }
  });
});
