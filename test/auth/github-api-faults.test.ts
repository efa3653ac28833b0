import { expect } from 'chai';
import { callGitHub } from '../support/github/call-github.js';
import { errorOf } from '../support/error-of.js';
import {
  hang,
  huge,
  json,
  notJson,
  redirect,
  reset,
  serverError,
  slow,
  truncated,
  type Fault,
} from '../support/faults.js';
import { startGitHubApi, type GitHubApi } from '../support/github/github-api.js';
import {
  failedLoginLimit,
  primaryRateLimit,
  secondaryRateLimit,
  versionGone,
} from '../support/github/github-faults.js';

describe("the local double of GitHub's API can fail", () => {
  let api: GitHubApi;

  beforeEach(async () => {
    api = await startGitHubApi();
  });

  afterEach(() => api.stop());

  const answers: [string, () => Fault, number, RegExp][] = [
    ['500', () => serverError(500), 500, /<h1>500/],
    ['502', () => serverError(502), 502, /<h1>502/],
    ['200 that is not JSON', () => notJson(), 200, /Sign in/],
    [
      '200 with JSON of the wrong shape',
      () => json({ login: ['octocat'] }),
      200,
      /^\{"login":\["octocat"\]\}$/,
    ],
    ['the failed login limit', () => failedLoginLimit(), 403, /Maximum number of login attempts/],
    ['410 for its version', () => versionGone(), 410, /no longer supported/],
    ['a redirect', () => redirect('http://127.0.0.1:1/user'), 301, /Moved Permanently/],
  ];

  for (const [name, fault, status, body] of answers) {
    it(`with ${name}, once`, async () => {
      const token = api.addUser({ login: 'octocat' });
      api.faults.set(fault(), { times: 1 });
      const response = await fetch(`${api.url}/user`, {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'manual',
      });
      expect(response.status).to.equal(status);
      expect(await response.text()).to.match(body);
      expect((await call('/user', token)).status).to.equal(200);
    });
  }

  it('with the primary rate limit, which names the second it resets', async () => {
    const before = Math.floor(Date.now() / 1000);
    api.faults.set(primaryRateLimit({ resetIn: 120 }));
    const after = Math.floor(Date.now() / 1000);
    const { status, headers } = await call('/user', 'any');
    expect(status).to.equal(403);
    expect(headers.get('x-ratelimit-remaining')).to.equal('0');
    expect(Number(headers.get('x-ratelimit-reset'))).to.be.within(before + 120, after + 120);
    expect(headers.get('retry-after')).to.equal(null);
  });

  it('with a secondary rate limit, with and without the seconds to wait', async () => {
    api.faults.set(secondaryRateLimit({ status: 429, retryAfter: 30 }), { times: 1 });
    api.faults.set(secondaryRateLimit({ retryAfter: null }), { times: 1 });
    const [first, second] = [await call('/user', 'any'), await call('/user', 'any')];
    expect([first.status, first.headers.get('retry-after')]).to.deep.equal([429, '30']);
    expect([second.status, second.headers.get('retry-after')]).to.deep.equal([403, null]);
    expect(Number(second.headers.get('x-ratelimit-remaining'))).to.be.above(0);
  });

  it('with a body that is cut off, a reset and no answer at all', async () => {
    for (const fault of [truncated('{"login":"octocat"}'), reset(), hang()]) {
      api.faults.set(fault, { times: 1 });
      const attempt = fetch(`${api.url}/user`, { signal: AbortSignal.timeout(100) }).then(
        (response) => response.text(),
      );
      expect(await errorOf(attempt), fault.kind).to.be.instanceOf(Error);
    }
  });

  it('with an answer of megabytes and with one that comes late', async () => {
    const token = api.addUser({ login: 'octocat' });
    api.faults.set(huge(2_000_000), { times: 1 });
    api.faults.set(slow(30), { times: 1 });
    expect(await (await fetch(`${api.url}/user`)).text()).to.have.length(2_000_000);
    const started = performance.now();
    expect((await call('/user', token)).status).to.equal(200);
    expect(performance.now() - started).to.be.above(25);
  });

  it('for one of the two operations only', async () => {
    const token = api.addUser({ login: 'octocat', memberships: { acme: 'active' } });
    api.faults.set(serverError(), { matches: (path) => path.startsWith('/user/memberships') });
    expect((await call('/user', token)).status).to.equal(200);
    expect((await fetch(`${api.url}/user/memberships/orgs/acme`)).status).to.equal(500);
  });

  it('by refusing connections, and comes back with the same users', async () => {
    const token = api.addUser({ login: 'octocat' });
    await api.stop();
    expect(await errorOf(fetch(`${api.url}/user`))).to.have.nested.property(
      'cause.code',
      'ECONNREFUSED',
    );
    await api.restart();
    expect((await call('/user', token)).status).to.equal(200);
  });

  const call = (path: string, token: string) => callGitHub(api, path, token);
});
