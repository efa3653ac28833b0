import { expect } from 'chai';
import { edgeTag, runEdge } from '../support/edge.js';

const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
const taxonomy = 'name=checkout&environment=production&provider=gcp';
const create = { name: 'a', version: '1', environment: 'e', provider: 'gcp', type: 'k8s' };

const calls: [what: string, method: string, path: string, status: number, more?: object][] = [
  ['a list', 'GET', '/v1/deployments', 200],
  ['a deployment', 'GET', `/v1/deployments/${id}`, 200],
  ['what has not changed', 'GET', `/v1/deployments/${id}`, 304, { 'If-None-Match': edgeTag }],
  ['the headers of one', 'HEAD', `/v1/deployments/${id}`, 200],
  ['its lineage', 'GET', `/v1/deployments/${id}/lineage`, 200],
  ['its events', 'GET', `/v1/deployments/${id}/events`, 200],
  ['a new one', 'POST', '/v1/deployments', 201],
  ['a changed one', 'PATCH', `/v1/deployments/${id}`, 200],
  ['a rollback', 'POST', `/v1/deployments/rollback?${taxonomy}`, 201],
  ['a refusal', 'GET', '/v1/deployments/42', 422],
  ['a method that is not there', 'DELETE', '/v1/deployments', 405],
  ['a path that is not there', 'GET', '/v1/nothing', 404],
];

for (const origins of ['', 'https://board.example.com']) {
  const vary = `Authorization, X-Organisation${origins === '' ? '' : ', Origin'}`;

  describe(`a cache on the way, where ${origins || 'no page'} may call,`, () => {
    const edge = runEdge({ CORS_ORIGINS: origins });

    for (const [what, method, path, status, headers] of calls) {
      it(`is told to hand ${what} to nobody else`, async () => {
        const body =
          method === 'PATCH' ? { notes: 'x' } : path === '/v1/deployments' ? create : undefined;
        const sends = body !== undefined && ['POST', 'PATCH'].includes(method);
        const response = await fetch(edge.url + path, {
          method,
          headers: {
            ...headers,
            ...(origins !== '' && { Origin: origins }),
            ...(sends && { 'Content-Type': 'application/json' }),
          },
          body: sends ? JSON.stringify(body) : null,
        });
        await response.text();
        expect(response.status).to.equal(status);
        expect(response.headers.get('cache-control')).to.equal('private, no-cache');
        expect(response.headers.get('vary')).to.equal(vary);
      });
    }

    it('may keep what is the same for everybody', async () => {
      for (const path of ['/openapi.yaml', '/openapi.json', '/docs', '/docs/start.js']) {
        const { headers } = await fetch(edge.url + path);
        expect(headers.get('cache-control') ?? '', path).not.to.include('private');
        expect(headers.get('vary') ?? '', path).not.to.include('Authorization');
      }
    });
  });
}

describe('If-None-Match', () => {
  const edge = runEdge();
  const bare = edgeTag.slice(1, -1);
  const get = async (tags: string, method = 'GET') => {
    const path = `${edge.url}/v1/deployments/${id}`;
    const response = await fetch(path, { method, headers: { 'If-None-Match': tags } });
    expect(response.headers.get('etag')).to.equal(edgeTag);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  for (const tags of [
    ...[edgeTag, '*', `W/${edgeTag}`, `"${bare}-gzip"`, `W/"${bare}-gzip"`, `"${bare};br"`],
    ...[`"other", ${edgeTag}`, `"a-br" , W/"${bare}--gzip","c"`],
  ]) {
    it(`gets 304 without a body for what it has, ${tags}`, async () => {
      for (const method of ['GET', 'HEAD']) {
        const { status, text, headers } = await get(tags, method);
        expect(status).to.equal(304);
        expect(text).to.equal('');
        expect(headers.get('content-type')).to.equal(null);
        expect(headers.get('x-request-id')).to.be.a('string');
      }
    });
  }

  for (const tags of ['"other"', `"${bare}-gzipped-by-me"`, `"2${bare.slice(1)}-gzip"`, '""']) {
    it(`gets the deployment for another tag, ${tags}`, async () => {
      const { status, text } = await get(tags);
      expect(status).to.equal(200);
      expect(JSON.parse(text)).to.have.property('id');
    });
  }
});
