import type { Test } from 'supertest';
import { deploymentBody } from './deployments.js';
import type { TestService } from './service.js';

/** A request, by the token in it. */
export type Send = (api: TestService['api'], token: string) => Test;

/** A request without a token. */
export const list: Send = (api) => api.get('/v1/deployments');
const post = (api: TestService['api'], body: unknown): Test =>
  api.post('/v1/deployments').type('json').send(JSON.stringify(body));
const place = { name: 'checkout', environment: 'production', provider: 'gcp' };
const trace = `${'a'.repeat(32)}-${'b'.repeat(16)}`;
/** A token as a header can be named: of letters that a name may have. */
const headerName = (token: string) => `X-${token.replace(/[^\w.-]/g, '')}`;
const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

/**
 * Every place that a token can be put: what it is answered while everyone is let in, and which members
 * of the problem details have to name what the caller wrote.
 */
export const places: readonly [
  where: string,
  send: Send,
  status: number,
  named?: readonly string[],
][] = [
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
    'as a commit_at that is no instant',
    (api, token) => post(api, deploymentBody({ commit_at: token })),
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
  ['in a header of its own', (api, token) => list(api, '').set('X-Token', token), 200],
  ['as the name of a header', (api, token) => list(api, '').set(headerName(token), '1'), 200],
  ['in traceparent', (api, token) => list(api, '').set('traceparent', token), 200],
  [
    'in traceparent of a later version',
    (api, token) => list(api, '').set('traceparent', `cc-${trace}-01-${token}`),
    200,
  ],
  [
    'in tracestate',
    (api, token) =>
      list(api, '').set('traceparent', `00-${trace}-01`).set('tracestate', `vendor=${token}`),
    200,
  ],
  [
    'in baggage',
    (api, token) =>
      list(api, '').set('traceparent', `00-${trace}-01`).set('baggage', `vendor=${token}`),
    200,
  ],
  ['in User-Agent', (api, token) => list(api, '').set('User-Agent', token), 200],
  ['in X-Request-Id', (api, token) => list(api, '').set('X-Request-Id', token), 200],
  [
    'within X-Request-Id',
    (api, token) => list(api, '').set('X-Request-Id', `run-${token.slice(0, 100)}`),
    200,
  ],
  [
    'in If-None-Match',
    (api, token) => api.get(`/v1/deployments/${id}`).set('If-None-Match', token),
    422,
  ],
  ['in Origin', (api, token) => list(api, '').set('Origin', `https://${token}.example`), 200],
  ['in User-Agent', (api, token) => list(api, '').set('User-Agent', token), 200],
  ['in Accept', (api, token) => list(api, '').set('Accept', `application/${token}`), 200],
  [
    'in Content-Type',
    (api, token) => api.post('/v1/deployments').set('Content-Type', `text ${token}`).send('x'),
    415,
  ],
  [
    'as a status that is wrong in a PATCH',
    (api, token) =>
      api
        .patch(`/v1/deployments/${id}`)
        .type('json')
        .send(JSON.stringify({ status: token })),
    422,
  ],
  [
    'as the version to roll back to',
    (api, token) =>
      api.post('/v1/deployments/rollback').query({ ...place, target_version: token.slice(0, 255) }),
    404,
    ['detail'],
  ],
  [
    'as the component of a rollback',
    (api, token) =>
      api.post('/v1/deployments/rollback').query({ ...place, name: token.slice(0, 255) }),
    404,
    ['detail'],
  ],
];
