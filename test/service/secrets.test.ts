import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Test } from 'supertest';
import { deploymentBody } from '../support/deployments.js';
import { runService } from '../support/http.js';
import type { Running } from '../support/http.js';

/** Something with the form of a personal access token, put together so that no scanner minds. */
const pat = ['ghp', randomBytes(18).toString('hex')].join('_');
/** The same of a JWT. */
const jwt = ['eyJhbGciOiJSUzI1NiJ9', 'eyJhdWQiOiJhIn0', randomBytes(64).toString('base64url')].join(
  '.',
);

/** A request, by the token in it. */
type Send = (api: Running['service']['api'], token: string) => Test;

/**
 * Expects a token to be nowhere in the log nor in the answer, but for the members of the problem
 * details that have to name what the caller wrote.
 */
async function expectSecret(
  { service }: Running,
  send: Send,
  token: string,
  status: number,
  named: readonly string[],
): Promise<void> {
  const requestId = `secret-${randomBytes(6).toString('hex')}`;
  const response = await send(service.api, token).set('X-Request-Id', requestId).expect(status);
  while (!service.logs.some((line) => line['requestId'] === requestId)) await sleep(5);

  const part = token.toLowerCase();
  const body = Object.entries(response.body as object).filter(
    ([member]) => !named.includes(member),
  );
  expect(JSON.stringify(body).toLowerCase(), 'the answer').not.to.include(part);
  expect(JSON.stringify(response.headers).toLowerCase(), 'the headers').not.to.include(part);
  expect(JSON.stringify(service.logs).toLowerCase(), 'the log').not.to.include(part);
  const metrics = await service.management.get('/metrics').expect(200);
  expect(metrics.text.toLowerCase(), 'the metrics').not.to.include(part);
}

const list: Send = (api) => api.get('/v1/deployments');
const post = (api: Running['service']['api'], body: unknown): Test =>
  api.post('/v1/deployments').type('json').send(JSON.stringify(body));
const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

const places: [where: string, send: Send, status: number, named?: string[]][] = [
  ['in Authorization', (api, token) => list(api, token).auth(token, { type: 'bearer' }), 200],
  [
    'as the name in Authorization',
    (api, token) => list(api, token).set('Authorization', token),
    200,
  ],
  ['in a cookie', (api, token) => list(api, token).set('Cookie', `t=${token}`), 200],
  ['in If-Match', (api, token) => api.patch(`/v1/deployments/${id}`).set('If-Match', token), 422],
  [
    'in Idempotency-Key',
    (api, token) => post(api, {}).set('Idempotency-Key', `${token} ${token}`),
    422,
  ],
  ['as an unknown query parameter', (api, token) => list(api, '').query({ token }), 422],
  ['as the status in the query', (api, token) => list(api, '').query({ status: token }), 422],
  ['as the limit in the query', (api, token) => list(api, '').query({ limit: token }), 422],
  ['as the cursor in the query', (api, token) => list(api, '').query({ cursor: token }), 422],
  [
    'as the name of a query parameter',
    (api, token) => list(api, '').query({ [token]: '1' }),
    422,
    ['detail', 'errors'],
  ],
  [
    'in the query of a path that does not exist',
    (api, token) => api.get('/v1/nothing').query({ token }),
    404,
  ],
  [
    'in the query with a method that is not allowed',
    (api, token) => api.put('/v1/deployments').query({ token }),
    405,
  ],
  [
    'in a path that does not exist',
    (api, token) => api.get(`/v1/${token}`),
    404,
    ['detail', 'instance'],
  ],
  ['in place of an id', (api, token) => api.get(`/v1/deployments/${token}`), 422, ['instance']],
  [
    'in a path that is not well-formed',
    (api, token) => api.get(`/v1/deployments/${token}%zz`),
    400,
    ['instance'],
  ],
  [
    'as a wrong value in a body',
    (api, token) => post(api, { ...deploymentBody(), provider: token }),
    422,
  ],
  [
    'as a value of a wrong type in a body',
    (api, token) => post(api, { ...deploymentBody(), auto: token }),
    422,
  ],
  [
    'as the value of an unknown field',
    (api, token) => post(api, { ...deploymentBody(), token }),
    422,
  ],
  [
    'as text that is too long',
    (api, token) => post(api, deploymentBody({ name: token.repeat(8) })),
    422,
  ],
  [
    'as parameters that are not JSON',
    (api, token) => post(api, deploymentBody({ pipeline_extra_params: `{${token}` })),
    422,
  ],
  ['as the whole body', (api, token) => post(api, token), 422],
  ['in a list as the body', (api, token) => post(api, [token]), 422],
  [
    'as the name of a field',
    (api, token) => post(api, { ...deploymentBody(), [token]: 1 }),
    422,
    ['detail', 'errors'],
  ],
  [
    'in JSON that is malformed',
    (api, token) => api.post('/v1/deployments').type('json').send(`{"name": ${token}`),
    400,
  ],
  [
    'in a body that is not JSON',
    (api, token) => api.post('/v1/deployments').type('text').send(token),
    415,
  ],
];

describe('a token', () => {
  const running = runService();

  for (const [where, send, status, named = []] of places) {
    it(`stays secret ${where}`, async () => {
      await expectSecret(running, send, pat, status, named);
      await expectSecret(running, send, jwt, status, named);
    });
  }

  for (const [kind, token] of Object.entries({ 'a JWT': jwt, 'a personal access token': pat })) {
    it(`stays secret in X-Organisation when it is ${kind}`, async () => {
      const send: Send = (api, value) => list(api, value).set('X-Organisation', value);
      await expectSecret(running, send, token, 422, []);
    });
  }
});

describe('a token, while authentication is on,', () => {
  // Nobody answers there, so whatever has to be asked for cannot be had.
  const nowhere = 'http://127.0.0.1:9';
  const running = runService({
    AUTH_ENABLED: 'true',
    GITHUB_API_URL: nowhere,
    GITHUB_OIDC_ISSUER: nowhere,
  });

  for (const [where, send, , named = []] of places) {
    it(`stays secret ${where}`, async () => {
      const known = named.filter((member) => member === 'instance');
      await expectSecret(running, send, pat, where === 'in Authorization' ? 400 : 401, known);
    });
  }

  it('stays secret when nobody can be asked about it', async () => {
    const ask: Send = (api, token) =>
      list(api, '').auth(token, { type: 'bearer' }).set('X-Organisation', 'acme');
    await expectSecret(running, ask, pat, 503, []);
    await expectSecret(running, ask, jwt, 401, []);
  });

  it('stays secret in X-Organisation', async () => {
    const send: Send = (api, token) => list(api, token).set('X-Organisation', token);
    await expectSecret(running, send, pat, 401, []);
  });
});
