import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { listAtOnce, tally } from '../support/crowd.js';
import type { CrowdResponse } from '../support/crowd.js';
import { serverError } from '../support/faults.js';
import { expectProblem } from '../support/http.js';
import { base64url, segments } from '../support/oidc/jws.js';
import { timeTravel } from '../support/time-travel.js';

const size = 1_000;

describe('a flood of forged kids', () => {
  const running = authenticateEach();
  const wait = timeTravel();

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  /** Tokens of the attacker, each under a kid that nobody has seen. */
  function forged(count: number): { authorization: string }[] {
    const { attacker, issuer } = running.now;
    const [, payload, signature] = segments(attacker.sign({ iss: issuer.url }));
    return Array.from({ length: count }, () => {
      const header = base64url({ typ: 'JWT', alg: 'RS256', kid: randomUUID() });
      return bearer(`${header}.${payload}.${signature}`);
    });
  }

  /** Expects each to be refused, or told to come again because it could not be looked up. */
  function expectNoneIn(answers: readonly CrowdResponse[]): void {
    for (const { status, retryAfter } of answers) {
      expect(status).to.be.oneOf([401, 503]);
      if (status === 503) expect(Number(retryAfter)).to.be.within(1, 5);
    }
  }

  it('causes at most two fetches when the keys are known, and lets the honest pass', async () => {
    const { service, issuer, attacker } = running.now;
    await send(service, { token: issuer.sign() }).expect(200);
    const before = issuer.fetches;

    const flood = forged(size);
    const honest = Array.from({ length: 20 }, () => bearer(issuer.sign()));
    const [refused, passed] = await Promise.all([
      listAtOnce(service.apiUrl, flood),
      listAtOnce(service.apiUrl, honest),
    ]);

    expectNoneIn(refused);
    expect(tally(passed)).to.deep.equal({ 200: honest.length });
    expect(issuer.fetches - before).to.be.within(1, 2);
    expect(attacker.fetches).to.equal(0);
  });

  it('causes at most two fetches when no key is known yet', async () => {
    const { service, issuer } = running.now;
    expectNoneIn(await listAtOnce(service.apiUrl, forged(size)));
    expect(issuer.fetches).to.be.within(1, 2);
    await send(service, { token: issuer.sign() }).expect(200);
  });

  it('causes at most two fetches when it comes one after the other', async () => {
    const { service, issuer } = running.now;
    const answers: number[] = [];
    for (const { authorization } of forged(30)) {
      const { status } = await service.api
        .get('/v1/deployments')
        .set('Authorization', authorization);
      answers.push(status);
    }
    // What was looked up is refused, what was not is told to come again.
    expect(answers).to.deep.equal([401, 401, ...new Array<number>(28).fill(503)]);
    expect(issuer.fetches).to.equal(2);
  });

  it('causes at most two fetches while the issuer fails, and 503', async () => {
    const { service, issuer } = running.now;
    await send(service, { token: issuer.sign() }).expect(200);
    const before = issuer.fetches;
    issuer.faults.set(serverError());
    const answers = await listAtOnce(service.apiUrl, forged(100));
    expect(tally(answers)).to.deep.equal({ 503: 100 });
    expect(answers.every(({ retryAfter }) => retryAfter === '5')).to.equal(true);
    expect(issuer.fetches - before).to.be.within(1, 2);
    await send(service, { token: issuer.sign() }).expect(200);
  });

  it('never has a token of a new key refused: it is told to come again, and then taken', async () => {
    const { service, issuer } = running.now;
    await listAtOnce(service.apiUrl, forged(50));
    const { fetches } = issuer;
    expect(fetches).to.equal(2);
    await issuer.rotate({ retire: true });
    const honest = issuer.sign();
    for (let turn = 0; turn < 3; turn += 1) {
      expectNoneIn(await listAtOnce(service.apiUrl, forged(50)));
      const response = await send(service, { token: honest });
      const detail =
        "The token's key is not known, and its issuer was asked for new ones just now; try again in " +
        '5 seconds';
      expectProblem(response, 503, 'unavailable', detail);
      expect(response.headers['retry-after']).to.equal('5');
      expect(response.headers).not.to.have.property('www-authenticate');
    }
    expect(issuer.fetches).to.equal(fetches);
    await wait(5_000);
    // Whoever of the flood comes first causes the fetch, which is for all.
    const [, answer] = await Promise.all([
      listAtOnce(service.apiUrl, forged(50)),
      send(service, { token: honest }),
    ]);
    if (answer.status !== 200) expectProblem(answer, 503, 'unavailable');
    await send(service, { token: honest }).expect(200);
    expect(issuer.fetches).to.equal(fetches + 1);
  });

  it('goes on for a minute, and the issuer is asked twelve times more', async () => {
    const { service, issuer } = running.now;
    await listAtOnce(service.apiUrl, forged(20));
    expect(issuer.fetches).to.equal(2);
    for (let seconds = 0; seconds < 60; seconds += 5) {
      await wait(5_000);
      expectNoneIn(await listAtOnce(service.apiUrl, forged(20)));
    }
    expect(issuer.fetches).to.equal(14);
  });

  it('is one look-up when it has one kid, which is refused from then on', async () => {
    const { service, issuer } = running.now;
    await send(service, { token: issuer.sign() }).expect(200);
    const [one] = forged(1);
    const flood = new Array<{ authorization: string }>(200).fill(one ?? bearer(''));
    for (let turn = 0; turn < 3; turn += 1) {
      expect(tally(await listAtOnce(service.apiUrl, flood))).to.deep.equal({ 401: 200 });
      await wait(15_000);
    }
    expect(issuer.fetches).to.equal(2);
    await wait(15_001);
    expect(tally(await listAtOnce(service.apiUrl, flood))).to.deep.equal({ 401: 200 });
    expect(issuer.fetches).to.equal(3);
  });
});
