import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { listAtOnce, tally } from '../support/crowd.js';
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

    expect(tally(refused)).to.deep.equal({ 401: size });
    expect(tally(passed)).to.deep.equal({ 200: honest.length });
    expect(issuer.fetches - before).to.be.within(1, 2);
    expect(attacker.fetches).to.equal(0);
  });

  it('causes at most two fetches when no key is known yet', async () => {
    const { service, issuer } = running.now;
    const refused = await listAtOnce(service.apiUrl, forged(size));
    expect(tally(refused)).to.deep.equal({ 401: size });
    expect(issuer.fetches).to.be.within(1, 2);
    await send(service, { token: issuer.sign() }).expect(200);
  });

  it('causes at most two fetches when it comes one after the other', async () => {
    const { service, issuer } = running.now;
    for (const { authorization } of forged(30)) {
      const response = await service.api.get('/v1/deployments').set('Authorization', authorization);
      expectProblem(response, 401, 'unauthenticated');
    }
    expect(issuer.fetches).to.be.within(1, 2);
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

  it('delays a rotation that falls into it by five seconds at the most', async () => {
    const { service, issuer } = running.now;
    await listAtOnce(service.apiUrl, forged(50));
    const { fetches } = issuer;
    await issuer.rotate({ retire: true });
    expect(tally(await listAtOnce(service.apiUrl, forged(50)))).to.deep.equal({ 401: 50 });
    expect(issuer.fetches).to.equal(fetches);
    await wait(5_000);
    await send(service, { token: issuer.sign() }).expect(200);
  });
});
