import { expect } from 'chai';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Method } from '../support/authenticated-service.js';
import { randomToken } from '../support/github/github-tokens.js';
import { expectProblem } from '../support/http.js';

describe('without a token', () => {
  const running = authenticateAll();

  it('there is the contract to be read, with whatever credentials', async () => {
    const { service } = running.now;
    for (const path of ['/openapi.yaml', '/openapi.json']) {
      for (const method of ['get', 'head'] as const) {
        await service.api[method](path).expect(200);
        await service.api[method](path).set('Authorization', 'Basic x').expect(200);
        await send(service, { token: randomToken('installation') }, method, path).expect(200);
      }
    }
  });

  it('there is the management port to be asked', async () => {
    const { management } = running.now.service;
    for (const path of ['/health', '/ready', '/metrics']) await management.get(path).expect(200);
  });

  const json = 'application/json';
  const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
  const requests: [known: number, method: Method, path: string, type?: string, body?: string][] = [
    [404, 'get', '/nothing'],
    [404, 'get', '/v1'],
    [404, 'get', '/v1/nothing'],
    [404, 'get', '/openapi.yml'],
    [404, 'get', '/OPENAPI.yaml'],
    [404, 'get', '/openapi.yaml/'],
    [404, 'get', '/health'],
    [404, 'get', '/metrics'],
    [404, 'get', `/v1/deployments/${id}`],
    [400, 'get', '/v1/deployments/%zz'],
    [404, 'post', '/openapi.yaml'],
    [405, 'put', '/v1/deployments', json, '{}'],
    [405, 'delete', `/v1/deployments/${id}`],
    [405, 'options', '/v1/deployments'],
    [400, 'post', '/v1/deployments', json, '{"name":'],
    [413, 'post', '/v1/deployments', json, `"${'x'.repeat(200_000)}"`],
    [415, 'post', '/v1/deployments', 'text/plain', 'name'],
    [422, 'post', '/v1/deployments', json, '{}'],
    [422, 'get', '/v1/deployments?limit=none'],
    [422, 'get', '/v1/deployments/none'],
    [400, 'patch', `/v1/deployments/${id}`, json, '{}'],
  ];
  for (const [known, method, path, type, body] of requests) {
    it(`there is 401 where with one there is ${known}: ${method} ${path} ${type ?? ''}`, async () => {
      const { service, issuer } = running.now;
      const answer = async (token: string | undefined) => {
        const request =
          token === undefined ? service.api[method](path) : send(service, { token }, method, path);
        return type === undefined ? request : request.type(type).send(body);
      };
      for (const token of [undefined, issuer.sign({ exp: 1 }), randomToken('installation')]) {
        const refused = await answer(token);
        expectProblem(refused, 401, 'unauthenticated');
        expect(refused.headers['www-authenticate']).to.equal('Bearer');
        expect(refused.headers).not.to.have.property('allow');
      }
      expect((await answer(issuer.sign())).status).to.equal(known);
    });
  }

  it('that is good, 401 comes before 422 for a malformed X-Organisation as well', async () => {
    const { service, attacker, issuer } = running.now;
    const token = attacker.sign({ iss: issuer.url });
    expectProblem(await send(service, { token, organisation: 'a b' }), 401, 'unauthenticated');
  });
});
