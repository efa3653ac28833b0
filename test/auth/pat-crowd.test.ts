import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { listAtOnce, tally } from '../support/crowd.js';
import { hang, slow } from '../support/faults.js';
import { randomToken } from '../support/github/github-tokens.js';
import { expectProblem } from '../support/http.js';
import { timeTravel } from '../support/time-travel.js';
import { until } from '../support/until.js';

describe('a crowd of requests with personal access tokens', () => {
  const running = authenticateEach();
  const wait = timeTravel();

  const member = () =>
    running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
  const list = (token: string, organisation = 'acme') =>
    send(running.now.service, { token, organisation });
  const asked = () => running.now.gitHub.counts.user;

  it('causes one look-up when 1,000 come at once with the same token', async () => {
    const { service, gitHub } = running.now;
    gitHub.faults.set(slow(300), { times: 1 });
    const headers = { authorization: `Bearer ${member()}`, 'x-organisation': 'acme' };
    const answers = await listAtOnce(service.apiUrl, new Array(1_000).fill(headers));
    expect(tally(answers)).to.deep.equal({ 200: 1_000 });
    expect(gitHub.counts).to.deep.equal({ user: 1, membership: 1 });
  });

  /** Lists with so many tokens that nobody knows, all at once. */
  const strangers = (count: number) =>
    listAtOnce(
      running.now.service.apiUrl,
      Array.from({ length: count }, () => ({
        authorization: `Bearer ${randomToken('classic')}`,
        'x-organisation': 'acme',
      })),
    );

  it('is no flood for GitHub: of many unknown tokens at once, those beyond 60 get 503', async () => {
    const { service, gitHub, issuer } = running.now;
    const known = member();
    await list(known).expect(200);
    gitHub.faults.set(hang());
    const flood = strangers(200);
    const refused = () => service.logs.filter(({ status }) => status === 503).length;
    await until('GitHub is asked no more', () => asked() === 61 && refused() === 140);
    const busy = await list(randomToken('classic'));
    expectProblem(busy, 503, 'unavailable', 'GitHub is out of reach; try again in 1 seconds');
    expect(busy.headers['retry-after']).to.equal('1');
    await list(known).expect(200);
    await send(service, { token: issuer.sign() }).expect(200);
    await gitHub.stop();
    const answers = await flood;
    expect(tally(answers)).to.deep.equal({ 503: 200 });
    expect(answers.filter(({ retryAfter }) => retryAfter === '1')).to.have.length(140);
    expect(asked()).to.equal(61);
  });

  it('leaves room at GitHub for those who were members the last time', async () => {
    const { gitHub } = running.now;
    const known = Array.from({ length: 20 }, () => member());
    for (const token of known) await list(token).expect(200);
    await wait(300_001);
    const before = asked();
    gitHub.faults.set(hang(), { times: 60 });
    const flood = strangers(60);
    await until('strangers have all of their room', () => asked() - before === 60);
    expectProblem(await list(member()), 503, 'unavailable');
    for (const token of known) await list(token).expect(200);
    await gitHub.stop();
    await flood;
  });
});
