import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { runService } from '../support/http.js';
import type { Running } from '../support/http.js';
import { list, places } from '../support/token-places.js';
import type { Send } from '../support/token-places.js';
import { until } from '../support/until.js';

/** Something with the form of a personal access token, put together so that no scanner minds. */
const pat = ['ghp', randomBytes(18).toString('hex')].join('_');
/** The same of a JWT. */
const jwt = ['eyJhbGciOiJSUzI1NiJ9', 'eyJhdWQiOiJhIn0', randomBytes(64).toString('base64url')].join(
  '.',
);

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
  await until('the log has it', () => service.logs.some((line) => line['requestId'] === requestId));

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
