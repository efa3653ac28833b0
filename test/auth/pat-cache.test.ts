import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { scrape, valueOf } from '../support/exposition.js';
import { held, serverError } from '../support/faults.js';
import { secondaryRateLimit } from '../support/github/github-faults.js';
import { randomToken } from '../support/github/github-tokens.js';
import { expectProblem } from '../support/http.js';
import { timeTravel } from '../support/time-travel.js';
import { until } from '../support/until.js';

describe("what GitHub said of a token's user", () => {
  const running = authenticateEach({ ORG_MEMBERSHIP_CACHE_TTL: '60' });
  const wait = timeTravel();

  const member = (login = 'mona') =>
    running.now.gitHub.addUser({ login, memberships: { acme: 'active' } });
  const list = (token: string, organisation = 'acme') =>
    send(running.now.service, { token, organisation });
  const asked = () => running.now.gitHub.counts.user;

  it('is believed for as long as it was set to, and then asked again', async () => {
    const token = member();
    await list(token).expect(200);
    await wait(47_000);
    await list(token).expect(200);
    expect(running.now.gitHub.counts).to.deep.equal({ user: 1, membership: 1 });
    await wait(13_001);
    await list(token).expect(200);
    expect(running.now.gitHub.counts).to.deep.equal({ user: 2, membership: 2 });
  });

  /** Waits until GitHub has been asked so often about a membership, and its answer has been read. */
  async function untilAsked(times: number): Promise<void> {
    await until('GitHub is asked', () => running.now.gitHub.counts.membership === times);
    await wait(0);
  }

  it('is asked again in the background while it is in use, and nobody waits for that', async () => {
    const { gitHub } = running.now;
    const token = member();
    await list(token).expect(200);
    for (let times = 2; times <= 5; times += 1) {
      await wait(49_000);
      const served = Promise.all(Array.from({ length: 10 }, () => list(token).expect(200)));
      gitHub.faults.set(held(served), { times: 1 });
      await served;
      await untilAsked(times);
    }
    // It would have been over four times; so nobody has had to wait since the first.
    const samples = await scrape(running.now.service);
    const cache = 'memberships';
    expect(valueOf(samples, 'auth_cache_requests_total', { cache, result: 'miss' })).to.equal(1);
    expect(valueOf(samples, 'auth_cache_requests_total', { cache, result: 'hit' })).to.equal(40);
  });

  it('is over at once when GitHub takes it back in the background', async () => {
    const { gitHub } = running.now;
    const [revoked, former] = [member('mona'), member('hubot')];
    for (const token of [revoked, former]) await list(token).expect(200);
    gitHub.revoke(revoked);
    gitHub.setMembership('hubot', 'acme', null);
    await wait(49_000);
    for (const token of [revoked, former]) await list(token).expect(200);
    await untilAsked(3);
    await until('one is refused', async () => (await list(revoked)).status === 401);
    await until('the other is refused', async () => (await list(former)).status === 403);
    expect(asked()).to.equal(4);
  });

  it('is believed to its end, and no longer, when GitHub does not answer in the background', async () => {
    const { gitHub } = running.now;
    const token = member();
    await list(token).expect(200);
    await wait(49_000);
    gitHub.faults.set(serverError());
    const failures = () =>
      running.now.service.logs.filter(({ msg }) => String(msg).startsWith('GitHub gave')).length;
    for (let times = 1; times <= 2; times += 1) {
      for (let request = 0; request < 5; request += 1) await list(token).expect(200);
      await until('GitHub has failed', () => failures() === times);
      for (let request = 0; request < 5; request += 1) await list(token).expect(200);
      expect(asked(), 'not asked again at once').to.equal(1 + times);
      await wait(5_001);
    }
    await wait(1_000);
    expectProblem(await list(token), 503, 'unavailable');
    gitHub.faults.clear();
    await list(token).expect(200);
  });

  it('is believed while GitHub is down, and not for longer', async () => {
    const token = member();
    await list(token).expect(200);
    await running.now.gitHub.stop();
    for (let request = 0; request < 5; request += 1) await list(token).expect(200);
    await wait(60_001);
    const response = await list(token);
    expectProblem(response, 503, 'unavailable');
    expect(response.headers['retry-after']).to.equal('5');
    await running.now.gitHub.restart();
    await list(token).expect(200);
  });

  it('lets a revoked token in until then, and not after', async () => {
    const token = member();
    await list(token).expect(200);
    running.now.gitHub.revoke(token);
    await list(token).expect(200);
    await wait(60_001);
    expectProblem(await list(token), 401, 'unauthenticated');
  });

  it('lets a former member in until then, and not after', async () => {
    const token = member();
    await list(token).expect(200);
    running.now.gitHub.setMembership('mona', 'acme', null);
    await list(token).expect(200);
    await wait(60_001);
    expectProblem(await list(token), 403, 'forbidden');
  });

  it('is not believed of another token of the same person, nor of another organisation', async () => {
    const [first, second] = [member(), member()];
    running.now.gitHub.addUser({ login: 'mona', memberships: { globex: 'pending' } });
    await list(first).expect(200);
    await list(second).expect(200);
    await list(first, 'globex').expect(403);
    await list(first, 'initech').expect(403);
    await list(`${first}x`).expect(401);
    await list(first.slice(0, -1)).expect(401);
    expect(asked()).to.equal(6);
  });

  it('is one question for a bad token that comes fifty times in half a minute', async () => {
    const token = randomToken('classic');
    for (let request = 0; request < 50; request += 1) {
      expectProblem(await list(token), 401, 'unauthenticated');
      await wait(500);
    }
    expect(asked()).to.equal(1);
    await wait(5_001);
    await list(token).expect(401);
    expect(asked()).to.equal(2);
  });

  it('is one question for a stranger who knocks again, until half a minute has passed', async () => {
    const { gitHub } = running.now;
    const token = gitHub.addUser({ login: 'mona' });
    for (let request = 0; request < 10; request += 1) await list(token).expect(403);
    gitHub.setMembership('mona', 'acme', 'active');
    await list(token).expect(403);
    expect(asked()).to.equal(1);
    await wait(30_001);
    await list(token).expect(200);
  });

  it('leaves GitHub alone about a token whose rate it limits, as long as GitHub wants', async () => {
    const { gitHub } = running.now;
    const [limited, other] = [member('mona'), member('hubot')];
    gitHub.faults.set(secondaryRateLimit({ retryAfter: 30 }), { times: 1 });
    for (let request = 0; request < 10; request += 1) {
      expectProblem(await list(limited), 503, 'unavailable');
    }
    expect(asked()).to.equal(1);
    await list(other).expect(200);
    await wait(30_001);
    await list(limited).expect(200);
  });
});
