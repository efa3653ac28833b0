import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { hang, slow } from '../support/faults.js';
import { expectProblem } from '../support/http.js';
import { until } from '../support/until.js';

/** All wait at the same time, so that the suite takes as long as the longest of them. */
describe('a party that does not answer in time', () => {
  const running = authenticateAll();
  const ended: Partial<
    Record<'issuer' | 'user' | 'membership', { response: Response; ms: number }>
  > = {};

  before(async () => {
    const { service, issuer, gitHub } = running.now;
    const token = gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    issuer.faults.set(hang(), { times: 1 });
    gitHub.faults.set(hang(), { times: 1 });
    // Late even for the second call of the second token.
    const toMembership = (path: string) => path.includes('/memberships/');
    gitHub.faults.set(slow(10_500), { times: 1, matches: toMembership });
    const time = async (
      of: keyof typeof ended,
      sender: { token: string; organisation?: string },
    ) => {
      const started = performance.now();
      const response = await send(service, sender);
      ended[of] = { response, ms: performance.now() - started };
    };
    const user = time('user', { token, organisation: 'acme' });
    await until('GitHub is asked', () => gitHub.counts.user === 1);
    const other = gitHub.addUser({ login: 'hubot', memberships: { acme: 'active' } });
    await Promise.all([
      user,
      time('membership', { token: other, organisation: 'acme' }),
      time('issuer', { token: issuer.sign() }),
    ]);
  });

  const timeout: [of: keyof typeof ended, what: string, seconds: number][] = [
    ['issuer', 'an issuer that hangs', 5],
    ['user', 'a GitHub that hangs', 10],
    ['membership', 'a GitHub that takes more than ten seconds for the membership', 10],
  ];
  for (const [of, what, seconds] of timeout) {
    it(`is given up after ${seconds} seconds, and gets 503: ${what}`, () => {
      const { response, ms } = ended[of] ?? {};
      if (response === undefined) throw new Error('There is no answer');
      expectProblem(response, 503, 'unavailable');
      expect(response.headers['retry-after']).to.equal('5');
      expect(ms).to.be.at.least(seconds * 1_000 - 50);
    });
  }

  it('is asked anew by the next request', async () => {
    const { service, issuer, gitHub } = running.now;
    await send(service, { token: issuer.sign() }).expect(200);
    const token = gitHub.addUser({ login: 'mona' });
    await send(service, { token, organisation: 'acme' }).expect(200);
  });
});
