import { expect } from 'chai';
import type { Response } from 'supertest';
import { networkOf } from '../../src/auth/failure-limit.js';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { listAtOnce, tally } from '../support/crowd.js';
import { scrape, valueOf } from '../support/exposition.js';
import { secondaryRateLimit } from '../support/github/github-faults.js';
import { randomToken } from '../support/github/github-tokens.js';
import { expectProblem } from '../support/http.js';
import { timeTravel } from '../support/time-travel.js';

const limited = 'More than 6 tokens from your address were refused within a minute; try again in ';

function expectLimited(response: Response, seconds = 10): void {
  expectProblem(response, 429, 'rate-limited', `${limited}${seconds} seconds`);
  expect(response.headers['retry-after']).to.equal(String(seconds));
  expect(response.headers).not.to.have.property('www-authenticate');
}

describe('the limit of refused tokens', () => {
  const running = authenticateEach({
    AUTH_FAILURES_PER_MINUTE: '6',
    ALLOWED_ORGANISATIONS: 'acme',
  });
  const wait = timeTravel();

  const stranger = (organisation = 'acme') =>
    send(running.now.service, { token: randomToken('classic'), organisation });
  const as = (token: string) => send(running.now.service, { token, organisation: 'acme' });
  const member = (login = 'mona') =>
    running.now.gitHub.addUser({ login, memberships: { acme: 'active' } });
  const asked = () => running.now.gitHub.counts.user;
  async function useUp(): Promise<void> {
    for (let count = 0; count < 6; count += 1) await stranger().expect(401);
  }

  it('has GitHub asked about no more unknown tokens, and says when to come again', async () => {
    await useUp();
    for (let count = 0; count < 10; count += 1) expectLimited(await stranger());
    expect(asked()).to.equal(6);
    await wait(10_000);
    await stranger().expect(401);
    expectLimited(await stranger());
    expect(asked()).to.equal(7);
  });

  it('keeps a flood from GitHub', async () => {
    const flood = () =>
      listAtOnce(
        running.now.service.apiUrl,
        Array.from({ length: 1_000 }, () => ({
          authorization: `Bearer ${randomToken('classic')}`,
          'x-organisation': 'acme',
        })),
      );
    expect(tally(await flood())).to.deep.equal({ 401: 6, 429: 994 });
    expect(asked()).to.equal(6);
    // Nor does one that is allowed again let those in that come at the same time.
    await wait(10_000);
    expect(tally(await flood())).to.deep.equal({ 401: 1, 429: 999 });
    expect(asked()).to.equal(7);
  });

  it('is not used up by tokens that are good, however many are new at the same time', async () => {
    const { service } = running.now;
    const headers = Array.from({ length: 6 }, () => ({
      authorization: `Bearer ${member()}`,
      'x-organisation': 'acme',
    }));
    for (let times = 0; times < 3; times += 1) {
      const fresh = headers.map((each) => ({ ...each, authorization: `Bearer ${member()}` }));
      expect(tally(await listAtOnce(service.apiUrl, fresh))).to.deep.equal({ 200: 6 });
    }
    // All who wait for one answer are one.
    const shared = new Array<Record<string, string>>(100).fill(headers[0] ?? {});
    expect(tally(await listAtOnce(service.apiUrl, shared))).to.deep.equal({ 200: 100 });
  });

  it('is not for members who are known, nor for tokens that the issuer has signed', async () => {
    const { service, issuer } = running.now;
    const token = member();
    await as(token).expect(200);
    await useUp();
    expectLimited(await stranger());
    await as(token).expect(200);
    await send(service, { token: issuer.sign() }).expect(200);
    await issuer.rotate();
    await send(service, { token: issuer.sign() }).expect(200);
  });

  it('is not for members who were known a while ago, until GitHub says that they are none', async () => {
    const { gitHub } = running.now;
    const [stays, leaves] = [member('mona'), member('hubot')];
    for (const token of [stays, leaves]) await as(token).expect(200);
    await wait(60 * 60 * 1_000);
    await useUp();
    await as(stays).expect(200);
    gitHub.revoke(leaves);
    // Refused, and so counted like any other.
    expectLimited(await as(leaves));
    const before = asked();
    expectLimited(await as(leaves));
    expect(asked()).to.equal(before);
  });

  it('lets a member in who was not known, as soon as one failure more is allowed', async () => {
    const token = member();
    await useUp();
    expectLimited(await as(token));
    await wait(10_000);
    await as(token).expect(200);
  });

  const forged = () => running.now.attacker.sign({ iss: running.now.issuer.url });
  const failures: [what: string, fail: () => PromiseLike<Response>, status: number][] = [
    ['a forged token', () => send(running.now.service, { token: forged() }), 401],
    ['a token that GitHub does not know', () => stranger(), 401],
    ['a stranger to the organisation', () => as(running.now.gitHub.addUser({ login: 'eve' })), 403],
    ['an organisation that is not served', () => stranger('globex'), 403],
    [
      'the job of an organisation that is not served',
      () =>
        send(running.now.service, {
          token: running.now.issuer.sign({ repository_owner: 'globex' }),
        }),
      403,
    ],
    ['what is no token', () => send(running.now.service, { token: 'password' }), 401],
  ];
  for (const [what, fail, status] of failures) {
    it(`counts ${what}`, async () => {
      for (let count = 0; count < 6; count += 1) expect((await fail()).status).to.equal(status);
      expectLimited(await fail());
      expectLimited(await stranger());
    });
  }

  it('counts a token on which GitHub limits the rate, which it does with too many unknown ones', async () => {
    running.now.gitHub.faults.set(secondaryRateLimit());
    for (let count = 0; count < 6; count += 1) {
      expectProblem(await stranger(), 503, 'unavailable');
    }
    expectLimited(await stranger());
    expect(asked()).to.equal(6);
  });

  it('does not count who sends no token, asks wrongly, or cannot be looked up', async () => {
    const { service, gitHub, issuer } = running.now;
    for (let count = 0; count < 10; count += 1) {
      await service.api.get('/v1/deployments').expect(401);
      await service.api.get('/v1/deployments').set('Authorization', 'Basic eDp5').expect(401);
      await send(service, { token: randomToken('classic') }).expect(400);
      await stranger('not a login').expect(422);
    }
    await gitHub.stop();
    await issuer.stop();
    for (let count = 0; count < 10; count += 1) {
      await stranger().expect(503);
      await send(service, { token: issuer.sign() }).expect(503);
    }
    await gitHub.restart();
    await stranger().expect(401);
  });

  it('is counted in the metrics', async () => {
    await useUp();
    expectLimited(await stranger());
    expectLimited(await stranger());
    const samples = await scrape(running.now.service);
    const refused = (reason: string) => valueOf(samples, 'requests_refused_total', { reason });
    expect(refused('auth-failures')).to.equal(2);
    const attempts = valueOf(samples, 'auth_requests_total', { method: 'pat', success: 'false' });
    expect(attempts).to.equal(8);
  });
});

describe('the client of a request, for the limit of refused tokens,', () => {
  for (const [proxies, what] of [
    ['', 'whom no proxy is named'],
    ['192.0.2.0/24,2001:db8::/32', 'whom others are named'],
  ] as const) {
    describe(`of a service to ${what},`, () => {
      const running = authenticateEach({ AUTH_FAILURES_PER_MINUTE: '3', TRUSTED_PROXIES: proxies });

      it('is who is connected, whatever X-Forwarded-For says', async () => {
        const answers: number[] = [];
        for (let count = 0; count < 4; count += 1) {
          const { status } = await send(running.now.service, { token: 'password' }).set(
            'X-Forwarded-For',
            `203.0.113.${count}`,
          );
          answers.push(status);
        }
        expect(answers).to.deep.equal([401, 401, 401, 429]);
      });
    });
  }

  describe('of a service behind proxies that it knows,', () => {
    const running = authenticateEach({
      AUTH_FAILURES_PER_MINUTE: '3',
      TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8,::1',
    });

    /** Sends four bad tokens with these headers in turn. */
    async function four(...forwarded: (string | undefined)[]): Promise<number[]> {
      const answers: number[] = [];
      for (let count = 0; count < 4; count += 1) {
        const header = forwarded[count % forwarded.length];
        const request = send(running.now.service, { token: 'password' });
        if (header !== undefined) request.set('X-Forwarded-For', header);
        answers.push((await request).status);
      }
      return answers;
    }
    const one = [401, 401, 401, 429];
    const several = [401, 401, 401, 401];

    it('is the last address that is of none of them', async () => {
      expect(await four('203.0.113.1', '203.0.113.2')).to.deep.equal(several);
      expect(await four('203.0.113.3, 10.1.2.3', '203.0.113.4, 10.9.9.9')).to.deep.equal(several);
      // What stands before it is what the client wrote.
      expect(
        await four('198.51.100.1, 203.0.113.5', '198.51.100.2, 203.0.113.5, 10.0.0.1'),
      ).to.deep.equal(one);
    });

    it('is the outermost of them when there is no other', async () => {
      expect(await four(undefined, '10.0.0.1')).to.deep.equal(several);
      expect(await four('10.0.0.2')).to.deep.equal(one);
    });

    it('is a network of IPv6, and an address of IPv4, however they are written', async () => {
      expect(await four('2001:db8:1:1::1', '2001:db8:1:2::1')).to.deep.equal(several);
      expect(
        await four('2001:db8:2:1::1', '2001:db8:2:1:ffff::2', '2001:DB8:2:1:0:0:0:3'),
      ).to.deep.equal(one);
      expect(await four('203.0.113.9', '::ffff:203.0.113.9', '203.0.113.9:4711')).to.deep.equal(
        one,
      );
    });

    it('is one for all of which the proxies say nothing that makes sense', async () => {
      expect(await four('unknown', '-', 'x'.repeat(5_000))).to.deep.equal(one);
    });
  });

  const networks: [address: string | undefined, network: string][] = [
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:cb00:7109', '203.0.113.9'],
    ['203.0.113.9:80', '203.0.113.9'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    ['[2001:db8:0:1::7]', '2001:db8:0:1::/64'],
    ['[2001:db8:0:1::7]:443', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', 'unknown'],
    [undefined, 'unknown'],
    ['unknown', 'unknown'],
    ['_hidden', 'unknown'],
    ['203.0.113.9, 10.0.0.1', 'unknown'],
  ];
  for (const [address, network] of networks) {
    it(`is ${network} for ${String(address)}`, () => {
      expect(networkOf(address)).to.equal(network);
    });
  }
});
