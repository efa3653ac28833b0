import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem, runService } from '../support/http.js';

const policy = '"organisation";q=3;w=300';

/** What `RateLimit` says. */
function rate(response: Response): { left: number; seconds: number } {
  const header = String(response.headers['ratelimit']);
  const [, left, seconds] = /^"organisation";r=(\d+);t=(\d+)$/.exec(header) ?? [];
  expect(left, header).not.to.equal(undefined);
  return { left: Number(left), seconds: Number(seconds) };
}

describe('the rate limit', () => {
  // So slow that nothing comes back while a test runs.
  const running = runService({ RATE_LIMIT_PER_SECOND: '0.01', RATE_LIMIT_BURST: '3' });

  const get = (organisation: string) =>
    running.service.api.get('/v1/deployments').set('X-Organisation', organisation);

  it('lets as many through as may come at once, and then says when to try again', async () => {
    const { organisation } = running.tenant;
    for (const left of [2, 1, 0]) {
      const response = await get(organisation).expect(200).expect('RateLimit-Policy', policy);
      expect(rate(response).left).to.equal(left);
      expect(rate(response).seconds).to.be.within((3 - left) * 100 - 60, (3 - left) * 100);
    }
    const response = await get(organisation);
    expectProblem(
      response,
      429,
      'rate-limited',
      /^The organisation org-\w+ has used up its 0\.01 requests a second \(3 at once\); try again in \d+ seconds$/,
    );
    expect(Number(response.headers['retry-after'])).to.be.within(40, 100);
    expect(rate(response).left).to.equal(0);
    expect(response.headers['ratelimit-policy']).to.equal(policy);
    expect(response.headers).to.have.property('x-request-id');
  });

  it('of one organisation is nothing to another', async () => {
    const { organisation } = running.tenant;
    for (let count = 0; count < 6; count += 1) await get(`${organisation}-noisy`);
    await get(`${organisation}-noisy`).expect(429);
    await get(organisation).expect(200);
  });

  it('counts every operation, and refusals too; their answers carry it', async () => {
    const { organisation } = running.tenant;
    const { api } = running.service;
    const wrong = await api.post('/v1/deployments').set('X-Organisation', organisation).expect(422);
    expect(rate(wrong).left).to.equal(2);
    const unknown = await api.get('/v1/nothing').set('X-Organisation', organisation).expect(404);
    expect(rate(unknown).left).to.equal(1);
    await api
      .post('/v1/deployments')
      .set('X-Organisation', organisation)
      .send(deploymentBody())
      .expect(201);
    await get(organisation).expect(429);
  });

  it('refuses before the body is read', async () => {
    const { organisation } = running.tenant;
    for (let count = 0; count < 3; count += 1) await get(organisation).expect(200);
    await running.service.api
      .post('/v1/deployments')
      .set('X-Organisation', organisation)
      .type('json')
      .send('{ this is not JSON')
      .expect(429);
  });

  it('is not for the contract, nor for management', async () => {
    for (let count = 0; count < 10; count += 1) {
      const { headers } = await running.service.api.get('/openapi.json').expect(200);
      expect(headers).not.to.have.property('ratelimit');
      await running.service.management.get('/ready').expect(200);
    }
  });

  it('is counted and logged', async () => {
    const { organisation } = running.tenant;
    for (let count = 0; count < 4; count += 1) await get(organisation);
    const { text } = await running.service.management.get('/metrics').expect(200);
    expect(text).to.match(/^requests_refused_total{reason="rate-limited"} [1-9]/m);
    const line = running.service.logs.find(
      (each) => each['organisation'] === organisation && each['status'] === 429,
    );
    expect(line).to.include({ msg: 'request', operationId: 'listDeployments' });
  });
});

describe('the rate limit, unless another is set,', () => {
  const running = runService({ RATE_LIMIT_PER_SECOND: '' });

  it('is 50 a second, of which 500 may come at once', async () => {
    const { organisation } = running.tenant;
    const get = () =>
      running.service.api.get('/v1/deployments').set('X-Organisation', organisation);
    const first = await get().expect(200).expect('RateLimit-Policy', '"organisation";q=500;w=10');
    expect(rate(first).left).to.equal(499);
    // It refills meanwhile, so how many it takes depends on how fast this is.
    let refused: Response | undefined;
    while (refused === undefined) {
      const responses = await Promise.all(Array.from({ length: 100 }, get));
      refused = responses.find(({ status }) => status === 429);
    }
    expectProblem(
      refused,
      429,
      'rate-limited',
      /^The organisation org-\w+ has used up its 50 requests a second \(500 at once\); try again in 1 second$/,
    );
    expect(refused.headers['retry-after']).to.equal('1');
  });
});

describe('the rate limit, with authentication,', () => {
  const running = authenticateAll({ RATE_LIMIT_PER_SECOND: '0.01', RATE_LIMIT_BURST: '2' });

  it('is not used up by those who are not let in', async () => {
    const { service, issuer, attacker } = running.now;
    for (let count = 0; count < 5; count += 1) {
      const forged = attacker.sign();
      const { headers } = await send(service, { token: forged }).expect(401);
      expect(headers).not.to.have.property('ratelimit');
    }
    await send(service, { token: issuer.sign() }).expect(200);
    await send(service, { token: issuer.sign() }).expect(200);
    await send(service, { token: issuer.sign() }).expect(429);
  });
});

describe('the rate limit, when it is 0,', () => {
  const running = runService({ RATE_LIMIT_PER_SECOND: '0' });

  it('is not there', async () => {
    const { headers } = await running.service.api.get('/v1/deployments').expect(200);
    expect(headers).not.to.have.any.keys('ratelimit', 'ratelimit-policy');
  });
});
