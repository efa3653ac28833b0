import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateEach, send } from '../support/authenticated-service.js';
import type { Fault } from '../support/faults.js';
import {
  huge,
  json,
  notJson,
  redirect,
  reset,
  serverError,
  slow,
  truncated,
} from '../support/faults.js';
import { expectProblem } from '../support/http.js';
import { timeTravel } from '../support/time-travel.js';
import { until } from '../support/until.js';

const detail = "The keys of the token's issuer are out of reach; try again in 5 seconds";

function expectOutOfReach(response: Response): void {
  expectProblem(response, 503, 'unavailable', detail);
  expect(response.headers['retry-after']).to.equal('5');
  expect(response.headers).not.to.have.property('www-authenticate');
}

describe('a service that has no keys yet', () => {
  const running = authenticateEach();
  const wait = timeTravel();
  const list = (token = running.now.issuer.sign()) => send(running.now.service, { token });

  const faults: [what: string, fault: () => Fault][] = [
    ['answers 500', () => serverError(500)],
    ['answers 503', () => serverError(503)],
    ['answers half of its keys', () => truncated()],
    ['resets the connection', () => reset()],
    ['answers what is not JSON', () => notJson()],
    ['answers null', () => json(null)],
    ['answers a list', () => json([])],
    ['answers no keys', () => json({ keys: [] })],
    ['answers keys that are none', () => json({ keys: ['key'] })],
    ['answers with megabytes', () => huge(20 * 1024 * 1024)],
    ['redirects', () => redirect(running.now.attacker.jwksUrl, 302)],
    ['redirects for good', () => redirect(running.now.attacker.jwksUrl, 308)],
  ];
  for (const [what, fault] of faults) {
    it(`answers 503 while the issuer ${what}, and recovers`, async () => {
      const { issuer, attacker } = running.now;
      issuer.faults.set(fault(), { times: 1 });
      expectOutOfReach(await list());
      await list().expect(200);
      expect([issuer.fetches, attacker.fetches]).to.deep.equal([2, 0]);
    });
  }

  it('answers 503 while the issuer refuses connections, and recovers', async () => {
    const { issuer } = running.now;
    await issuer.stop();
    expectOutOfReach(await list());
    await issuer.restart();
    await list().expect(200);
  });

  it('waits for an issuer that is slow but answers, with all requests at once', async () => {
    const { issuer } = running.now;
    issuer.faults.set(slow(500), { times: 1 });
    await Promise.all(Array.from({ length: 10 }, () => list().expect(200)));
    expect(issuer.fetches).to.equal(1);
  });

  it('asks a failing issuer twice and then leaves it alone for seconds', async () => {
    const { issuer } = running.now;
    issuer.faults.set(serverError());
    for (let request = 0; request < 10; request += 1) expectOutOfReach(await list());
    expect(issuer.fetches).to.equal(2);
    await wait(5_000);
    for (let request = 0; request < 10; request += 1) expectOutOfReach(await list());
    expect(issuer.fetches).to.equal(3);
  });

  it('answers 503 for a new key that it cannot fetch, and 200 for those it has', async () => {
    const { issuer } = running.now;
    const former = issuer.sign();
    await list(former).expect(200);
    await issuer.rotate();
    await issuer.stop();
    expectOutOfReach(await list());
    await list(former).expect(200);
  });

  it('answers 503, not 500, when the key of a token cannot be used', async () => {
    const { issuer } = running.now;
    issuer.faults.set(json({ keys: [{ ...issuer.publicJwk, n: 'AQAB' }] }), { times: 1 });
    expectOutOfReach(await list());
  });

  it('answers 401 without asking for keys to what can never be accepted', async () => {
    const { issuer } = running.now;
    await issuer.stop();
    for (const header of [{ kid: undefined }, { alg: 'HS256' }, { jku: 'https://a.example' }]) {
      expectProblem(await list(issuer.sign({}, { header })), 401, 'unauthenticated');
    }
    expect(issuer.fetches).to.equal(0);
  });

  it('logs why it has none, by name of the fault and without the token', async () => {
    const { issuer, service } = running.now;
    issuer.faults.set(serverError(500), { times: 1 });
    const token = issuer.sign();
    await list(token).expect(503);
    const said = () =>
      service.logs.find(({ msg }) => msg === 'cannot fetch the keys of the issuer');
    await until('the log says so', () => said() !== undefined);
    expect(said()).to.include({
      level: 40,
      url: issuer.jwksUrl,
      reason: 'the issuer responded with 500',
    });
    expect(JSON.stringify(service.logs)).not.to.include(token.split('.')[1]);
  });
});
