import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { expectProblem } from '../support/http.js';
import { hang, json, notJson, serverError, truncated } from '../support/faults.js';
import { timeTravel } from '../support/time-travel.js';
import { until } from '../support/until.js';

describe("the issuer's keys", () => {
  const running = authenticateEach({ JWKS_CACHE_TTL: '60' });
  const wait = timeTravel();

  const list = (token = running.now.issuer.sign()) => send(running.now.service, { token });

  it('are fetched once for many requests, at once and one after the other', async () => {
    const { issuer } = running.now;
    await Promise.all(Array.from({ length: 20 }, () => list().expect(200)));
    for (let request = 0; request < 10; request += 1) await list().expect(200);
    expect(issuer.fetches).to.equal(1);
  });

  for (const retire of [false, true]) {
    const former = retire ? 'retired' : 'still published';
    it(`may change: the new one works at once while the former is ${former}`, async () => {
      const { issuer } = running.now;
      await list().expect(200);
      await issuer.rotate({ retire });
      await list().expect(200);
      expect(issuer.fetches).to.equal(2);
    });
  }

  it('may change under many requests at once, none of which is refused', async () => {
    const { issuer } = running.now;
    await list().expect(200);
    await issuer.rotate();
    await Promise.all(Array.from({ length: 20 }, () => list().expect(200)));
    expect(issuer.fetches).to.equal(2);
  });

  it('work no longer once they were retired and the new ones are known', async () => {
    const { issuer } = running.now;
    const former = issuer.sign();
    await list(former).expect(200);
    await issuer.rotate({ retire: true });
    await list().expect(200);
    expectProblem(await list(former), 401, 'unauthenticated');
  });

  it('keep working after a rotation that does not retire them', async () => {
    const { issuer } = running.now;
    const former = issuer.sign();
    await issuer.rotate();
    await list().expect(200);
    await list(former).expect(200);
    expect(issuer.fetches).to.equal(1);
  });

  it('are fetched again for a kid that was first seen while they were being fetched', async () => {
    const { issuer, attacker } = running.now;
    const former = issuer.publicJwk;
    await list().expect(200);
    await wait(10_000);
    // What this fetch brings was read before the rotation.
    issuer.faults.set({ ...json({ keys: [former] }), delayMs: 500 }, { times: 1 });
    const forged = attacker.sign({ iss: issuer.url });
    const refused = list(forged).then((response) => response);
    await until('the keys are asked for', () => issuer.fetches === 2);
    await issuer.rotate();
    await list().expect(200);
    expectProblem(await refused, 401, 'unauthenticated');
    expect(issuer.fetches).to.equal(3);
  });

  it('are not fetched again for a kid that was looked up and is unknown', async () => {
    const { attacker, issuer } = running.now;
    await list().expect(200);
    const forged = attacker.sign({ iss: issuer.url });
    for (let times = 0; times < 6; times += 1) {
      expectProblem(await list(forged), 401, 'unauthenticated');
      await wait(9_000);
    }
    expect(issuer.fetches).to.equal(2);
  });

  it('are found under a kid that was unknown before, as soon as anything brings them', async () => {
    const { attacker, issuer } = running.now;
    const former = issuer.publicJwk;
    await list().expect(200);
    await issuer.rotate();
    const early = issuer.sign();
    issuer.faults.set(json({ keys: [former] }), { times: 1 });
    expectProblem(await list(early), 401, 'unauthenticated');
    await wait(5_000);
    // Another kid that nobody knows, and the keys of the issuer as they are.
    expectProblem(await list(attacker.sign({ iss: issuer.url })), 401, 'unauthenticated');
    await list(early).expect(200);
  });

  it('are fetched again in the background after their lifetime, and once', async () => {
    const { issuer } = running.now;
    await list().expect(200);
    await wait(59_000);
    await list().expect(200);
    expect(issuer.fetches).to.equal(1);
    await wait(1_001);
    issuer.faults.set(hang());
    const started = Date.now();
    await Promise.all(Array.from({ length: 10 }, () => list().expect(200)));
    // After five seconds the service gives up.
    expect(Date.now() - started, 'nobody waits').to.be.below(4_900);
    await until('the keys are asked for', () => issuer.fetches === 2);
  });

  it('that were retired are forgotten after their lifetime, though no new one is seen', async () => {
    const { issuer } = running.now;
    const former = issuer.sign();
    await list(former).expect(200);
    await issuer.rotate({ retire: true });
    await list(former).expect(200);
    await wait(60_001);
    // The first request after the lifetime is still answered by the old keys.
    await list(former).expect(200);
    let response = await list(former);
    while (response.status === 200) response = await list(former);
    expectProblem(response, 401, 'unauthenticated');
  });

  it('keep working while the issuer is down, also after their lifetime', async () => {
    const { issuer } = running.now;
    await list().expect(200);
    await issuer.stop();
    await list().expect(200);
    await wait(24 * 60 * 60 * 1_000);
    for (let request = 0; request < 5; request += 1) await list().expect(200);
  });

  const nonsense = [
    ['no keys', () => json({ keys: [] })],
    ['no list of keys', () => json({ keys: 'none' })],
    ['null', () => json(null)],
    ['keys of which none is one', () => json({ keys: [1, 'two', null] })],
    ['keys of which none can verify a signature', () => json({ keys: [{ kty: 'oct' }] })],
    ['something that is not JSON', notJson],
    ['half of an answer', truncated],
    ['500', serverError],
  ] as const;
  for (const [what, fault] of nonsense) {
    it(`are not replaced when the issuer answers with ${what}`, async () => {
      const { issuer } = running.now;
      await list().expect(200);
      issuer.faults.set(fault());
      await list(issuer.sign({}, { header: { kid: 'makes-the-service-fetch' } }));
      expect(issuer.fetches).to.equal(2);
      await list().expect(200);
    });
  }

  it('are asked for at their well-known address, and the attacker is not asked', async () => {
    const { attacker, issuer } = running.now;
    await list().expect(200);
    const forged = attacker.sign({ iss: issuer.url });
    expectProblem(await list(forged), 401, 'unauthenticated');
    expect(attacker.fetches).to.equal(0);
  });
});
