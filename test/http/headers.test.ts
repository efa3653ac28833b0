import { expect } from 'chai';
import { runService } from '../support/http.js';

describe('the headers of every answer', () => {
  const running = runService();
  const allowed = 'https://board.example.com';

  const answers: [what: string, method: 'get' | 'post' | 'put', path: string, status: number][] = [
    ['a list', 'get', '/v1/deployments', 200],
    ['the contract', 'get', '/openapi.yaml', 200],
    ['a path that does not exist', 'get', '/nothing', 404],
    ['a body that is missing', 'post', '/v1/deployments', 422],
    ['a method that is not allowed', 'put', '/v1/deployments', 405],
  ];
  for (const [what, method, path, status] of answers) {
    it(`let a browser do nothing with ${what}, and do not say what serves it`, async () => {
      const { headers } = await running.service.api[method](path).expect(status);
      expect(headers).to.include({
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers).not.to.have.any.keys('x-powered-by', 'server');
    });
  }

  it('are there for management as well', async () => {
    for (const path of ['/health', '/ready', '/metrics', '/nothing']) {
      const { headers } = await running.service.management.get(path);
      expect(headers['content-security-policy'], path).to.match(/^default-src 'none'/);
      expect(headers).not.to.have.property('x-powered-by');
    }
  });

  it('let no other origin in by default', async () => {
    const { headers } = await running.service.api
      .get('/v1/deployments')
      .set('Origin', allowed)
      .expect(200);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).to.be.empty;
    expect(headers['vary']).to.equal('Authorization, X-Organisation');
    await running.service.api
      .options('/v1/deployments')
      .set('Origin', allowed)
      .set('Access-Control-Request-Method', 'POST')
      .expect(405);
  });
});

describe('pages of allowed origins', () => {
  const running = runService({
    AUTH_ENABLED: 'true',
    GITHUB_API_URL: 'http://127.0.0.1:9',
    GITHUB_OIDC_ISSUER: 'http://127.0.0.1:9',
    CORS_ORIGINS: 'https://board.example.com,http://localhost:3000',
  });
  const open = runService({ CORS_ORIGINS: 'https://board.example.com' });
  const list = (value: unknown) => String(value).split(',');

  for (const origin of ['https://board.example.com', 'http://localhost:3000']) {
    it(`may ask first, without a token: ${origin}`, async () => {
      const { headers, text } = await running.service.api
        .options('/v1/deployments')
        .set('Origin', origin)
        .set('Access-Control-Request-Method', 'PATCH')
        .set('Access-Control-Request-Headers', 'authorization,x-organisation')
        .expect(204);
      expect(text).to.equal('');
      expect(headers).to.include({
        'access-control-allow-origin': origin,
        vary: 'Origin',
        'access-control-max-age': '600',
      });
      expect(list(headers['access-control-allow-methods'])).to.have.members([
        'GET',
        'HEAD',
        'POST',
        'PUT',
        'PATCH',
        'DELETE',
      ]);
      expect(list(headers['access-control-allow-headers'])).to.include.members([
        'Authorization',
        'X-Organisation',
        'Idempotency-Key',
        'If-Match',
        'Content-Type',
        'Lease-Token',
      ]);
      // Tokens are sent by the page, so cookies and the like are of no use.
      expect(headers).not.to.have.property('access-control-allow-credentials');
    });
  }

  it('may read the answer, what is in its headers, and why they were refused', async () => {
    const get = (api: typeof running.service.api, status: number) =>
      api.get('/v1/deployments').set('Origin', 'https://board.example.com').expect(status);
    for (const { headers } of [
      await get(open.service.api, 200),
      await get(running.service.api, 401),
    ]) {
      expect(headers).to.include({
        'access-control-allow-origin': 'https://board.example.com',
        vary: 'Authorization, X-Organisation, Origin',
      });
      expect(list(headers['access-control-expose-headers'])).to.have.members([
        ...['ETag', 'Idempotent-Replayed', 'Link', 'Location', 'RateLimit', 'RateLimit-Policy'],
        ...['Retry-After', 'X-Request-Id'],
      ]);
    }
  });

  const strangers = [
    'https://evil.example.com',
    'https://board.example.com.evil.example',
    'http://board.example.com',
    'https://board.example.com:8443',
    'HTTPS://BOARD.EXAMPLE.COM',
    'null',
  ];
  for (const origin of strangers) {
    it(`are no others: ${origin}`, async () => {
      const preflight = await running.service.api
        .options('/v1/deployments')
        .set('Origin', origin)
        .set('Access-Control-Request-Method', 'POST')
        .expect(401);
      const request = await open.service.api.get('/v1/deployments').set('Origin', origin);
      expect(request.status).to.equal(200);
      for (const { headers } of [preflight, request]) {
        expect(headers).not.to.have.property('access-control-allow-origin');
        expect(headers['vary']).to.equal('Authorization, X-Organisation, Origin');
      }
    });
  }

  it('get the answer of the contract to OPTIONS that asks for nothing', async () => {
    await open.service.api
      .options('/v1/deployments')
      .set('Origin', 'https://board.example.com')
      .expect(405);
  });
});
