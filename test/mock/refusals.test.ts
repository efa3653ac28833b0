import { expect } from 'chai';
import supertest from 'supertest';
import type { Test } from 'supertest';
import { loadContract } from '../../src/contract/contract.js';
import { createLogger } from '../../src/platform/logging.js';
import { createMockApp } from '../../src/mock/app.js';
import { listen } from '../../src/http/server.js';
import type { RunningServer } from '../../src/http/server.js';
import { authenticateAll } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { idOf } from '../support/stored.js';

type Send = (api: ReturnType<typeof supertest>, token: string) => Test;

const authorised = (request: Test, token: string) =>
  request.set('Authorization', `Bearer ${token}`).set('X-Organisation', 'acme');
const create =
  (body: string | object): Send =>
  (api, token) =>
    authorised(api.post('/v1/deployments'), token).type('json').send(body);
const read =
  (path: string): Send =>
  (api, token) =>
    authorised(api.get(path), token);

const wrong: Record<string, Send> = {
  'no token': (api) => api.get('/v1/deployments'),
  'no bearer token': (api) => api.get('/v1/deployments').set('Authorization', 'Basic eDp5'),
  'an installation token': (api) =>
    api.get('/v1/deployments').set('Authorization', 'Bearer ghs_0123456789'),
  'a personal token without an organisation': (api, token) =>
    api.get('/v1/deployments').set('Authorization', `Bearer ${token}`),
  'an organisation that cannot be one': (api, token) =>
    api.get('/v1/deployments').set('Authorization', `Bearer ${token}`).set('X-Organisation', '-x'),
  'an unknown path': read('/v1/nothing'),
  'the root of the operations': read('/v1'),
  'a method that the path does not have': (api, token) =>
    authorised(api.delete('/v1/deployments'), token),
  'malformed JSON': create('{"name": '),
  'no body': (api, token) => authorised(api.post('/v1/deployments'), token),
  'an empty body': create({}),
  'an unknown field': create({ ...deploymentBody(), colour: 'red' }),
  'several wrong fields': create({ ...deploymentBody(), name: '', provider: 'ibm', auto: 'yes' }),
  'a body that is too large': create({ ...deploymentBody(), notes: 'x'.repeat(110_000) }),
  'a form': (api, token) =>
    authorised(api.post('/v1/deployments'), token).type('form').send({ name: 'x' }),
  'an unknown query parameter': read('/v1/deployments?colour=red'),
  'a limit beyond what is allowed': read('/v1/deployments?limit=1001'),
  'an id that is none': read('/v1/deployments/7'),
  'a wrong status': (api, token) =>
    authorised(api.patch(`/v1/deployments/${idOf(1)}`), token).send({ status: 'gone' }),
  'an If-Match that is none': (api, token) =>
    authorised(api.patch(`/v1/deployments/${idOf(1)}`), token)
      .set('If-Match', 'x')
      .send({ notes: 'x' }),
  'an Idempotency-Key with a space': (api, token) =>
    authorised(api.post('/v1/deployments'), token)
      .set('Idempotency-Key', 'a b')
      .send(deploymentBody()),
  'a rollback with a body that it does not take': (api, token) =>
    authorised(api.post('/v1/deployments/rollback?name=a&environment=b&provider=gcp'), token).send({
      target_version: '1',
    }),
  'a rollback for a reason that is no text': (api, token) =>
    authorised(api.post(`/v1/deployments/${idOf(1)}/rollback`), token).send({ reason: 7 }),
  'a status twice': read('/v1/deployments?status=failed&status=failed'),
  'one status of several that there is not': read('/v1/deployments?status=failed&status=gone'),
  'a filter twice that takes one value': read('/v1/deployments?name=a&name=b'),
  'a limit of events beyond what is allowed': read(`/v1/deployments/${idOf(1)}/events?limit=1001`),
  'a text that is too long': create({ ...deploymentBody(), notes: 'x'.repeat(4097) }),
  'a URI of another scheme': create({ ...deploymentBody(), build_uri: 'javascript:alert(1)' }),
  'a commit at no time': create({ ...deploymentBody(), commit_at: 'yesterday' }),
  'a rollback of half a taxonomy': (api, token) =>
    authorised(api.post('/v1/deployments/rollback?name=checkout'), token),
};

describe('a wrong request to the mock', () => {
  const running = authenticateAll();
  let mock: RunningServer;
  let token: string;

  before(async () => {
    const app = createMockApp(loadContract(), createLogger('silent'));
    mock = await listen(app, '127.0.0.1', 0, '--port');
    token = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
  });
  after(() => mock.stop(0));

  for (const [what, send] of Object.entries(wrong)) {
    it(`is refused as by the service: ${what}`, async () => {
      const [here, there] = [
        await send(supertest(mock.url), token),
        await send(running.now.service.api, token),
      ];
      expect(there.status).to.be.within(400, 499);
      expect({ status: here.status, body: here.body }).to.deep.equal({
        status: there.status,
        body: there.body,
      });
      for (const header of ['content-type', 'allow', 'www-authenticate', 'etag']) {
        expect(here.headers[header], header).to.equal(there.headers[header]);
      }
    });
  }
});
