import { expect } from 'chai';
import { huge, notJson, reset, serverError } from '../../support/faults.js';
import {
  goToGitHub,
  locationOf,
  sessionOf,
  signIn,
  startSignInService,
} from '../../support/sign-in.js';
import type { SignInService } from '../../support/sign-in.js';

describe('signing in', () => {
  let running: SignInService;
  before(async () => {
    running = await startSignInService();
  });
  after(() => running.stop());
  afterEach(() => {
    running.gitHub.faults.clear();
    Object.assign(running.web.person, { login: 'mona', consents: true, tokenSeconds: undefined });
  });

  it('goes to GitHub and back, and is a session then', async () => {
    const { publicUrl, web } = running;
    const browser = running.browser();
    expect(await sessionOf(running, browser)).to.deep.equal({
      authentication: 'github',
      github_url: running.gitHub.url,
    });
    expect(await signIn(running, browser, '/?environment=production#now')).to.equal(
      `${publicUrl}/?environment=production#now`,
    );
    const session = await sessionOf(running, browser);
    expect(session).to.include({ authentication: 'github', login: 'mona' });
    expect(session.organisations).to.deep.equal(['acme', 'globex']);
    expect(session).not.to.have.property('organisation');
    expect(session.csrf_token).to.match(/^[\w-]{43}$/);
    expect(JSON.stringify(session)).not.to.include(web.granted.at(-1));
  });

  it('asks GitHub for no more than memberships, with a state and a challenge', async () => {
    const { publicUrl, web } = running;
    const begun = await running.browser().visit(`${publicUrl}/session/sign-in`);
    const { searchParams } = new URL(locationOf(begun, 303));
    expect(Object.fromEntries(searchParams)).to.include({
      client_id: web.app.clientId,
      redirect_uri: `${publicUrl}/session/callback`,
      scope: 'read:org',
      code_challenge_method: 'S256',
    });
    expect(searchParams.get('state')).to.match(/^[\w-]{43}$/);
    expect(begun.headers).to.include({ 'cache-control': 'no-store' });
  });

  it('keeps the session in a cookie that no script reads and no other site sends', async () => {
    const browser = running.browser();
    await signIn(running, browser);
    const [, cookie = ''] = browser.setCookies.filter((text) => !text.includes('Max-Age=0'));
    const [pair = '', ...attributes] = cookie.split('; ');
    expect(pair.split('=')[0]).to.equal('deployment-queue-session');
    // Over http, on this machine: Secure it is elsewhere, see the test of cookies.
    expect(attributes).to.have.members(['Max-Age=28800', 'Path=/', 'HttpOnly', 'SameSite=Lax']);
    expect(cookie.length).to.be.below(4096);
  });

  it('chooses the organisation where there is but one', async () => {
    running.gitHub.addUser({ login: 'hubot', memberships: { globex: 'active', other: 'active' } });
    running.web.person.login = 'hubot';
    const browser = running.browser();
    await signIn(running, browser);
    const session = await sessionOf(running, browser);
    expect(session).to.include({ login: 'hubot', organisation: 'globex' });
    expect(session.organisations).to.deep.equal(['globex']);
  });

  it('lasts no longer than the token of an app does', async () => {
    running.web.person.tokenSeconds = 1800;
    const browser = running.browser();
    await signIn(running, browser);
    expect(browser.setCookies.at(-1)).to.match(/; Max-Age=(1800|1799);/);
  });

  describe('is refused', () => {
    const refused = async (url: string, browser = running.browser()) => {
      const response = await browser.visit(url);
      expect(response.status).to.equal(403);
      expect(response.type).to.equal('text/html');
      expect(browser.cookies).to.be.empty;
      return response.text;
    };

    it('with another state', async () => {
      const browser = running.browser();
      const callback = new URL(await goToGitHub(running, browser));
      callback.searchParams.set('state', 'x'.repeat(43));
      expect(await refused(callback.href, browser)).to.include('was not begun in this browser');
    });

    it('in another browser than that in which it was begun', async () => {
      const callback = await goToGitHub(running, running.browser());
      expect(await refused(callback)).to.include('was not begun in this browser');
    });

    it('with the code of somebody else, whose verifier only their browser has', async () => {
      const stolen = new URL(await goToGitHub(running, running.browser()));
      const browser = running.browser();
      const callback = new URL(await goToGitHub(running, browser));
      callback.searchParams.set('code', stolen.searchParams.get('code') ?? '');
      expect(await refused(callback.href, browser)).to.include('GitHub does not know the code');
    });

    it('a second time with the same code', async () => {
      const browser = running.browser();
      const callback = await goToGitHub(running, browser);
      const begun = new Map(browser.cookies);
      locationOf(await browser.visit(callback), 303);
      const other = running.browser();
      for (const [name, cookie] of begun) other.cookies.set(name, cookie);
      expect(await refused(callback, other)).to.include('GitHub does not know the code');
    });

    it('when the person says no', async () => {
      running.web.person.consents = false;
      const browser = running.browser();
      const text = await refused(await goToGitHub(running, browser), browser);
      expect(text).to.include('You did not let the app sign you in');
    });

    it('without an answer of GitHub at all', async () => {
      expect(await refused(`${running.publicUrl}/session/callback`)).to.include('begin again');
    });

    it('by problem details for whoever is no browser', async () => {
      const response = await running.service.api.get('/session/callback').expect(403);
      expect(response.type).to.equal('application/problem+json');
    });
  });

  it('tells when GitHub is away, and works again after that', async () => {
    for (const fault of [reset(), serverError(502), notJson(), huge(1024 * 1024)]) {
      running.gitHub.faults.set(fault, { times: 1, matches: (path) => path.includes('token') });
      const browser = running.browser();
      const response = await browser.visit(await goToGitHub(running, browser));
      expect(response.status).to.equal(503);
      expect(response.headers).to.have.property('retry-after');
      expect(response.text).to.include('GitHub is out of reach');
    }
    await signIn(running, running.browser());
  });

  it('tells operators, and not people, that the settings of the app are wrong', async () => {
    const { clientSecret } = running.web.app;
    const browser = running.browser();
    const callback = await goToGitHub(running, browser);
    Object.assign(running.web.app, { clientSecret: 'another one' });
    const response = await browser.visit(callback);
    Object.assign(running.web.app, { clientSecret });
    expect(response.status).to.equal(503);
    expect(response.text).to.include('an operator finds the reason in the log');
    expect(running.service.logs.findLast(({ error }) => error !== undefined)).to.include({
      error: 'incorrect_client_credentials',
    });
    expect(JSON.stringify(running.service.logs)).not.to.include(clientSecret);
  });

  describe('comes back', () => {
    for (const returnTo of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example/',
      '\\\\evil.example',
      'javascript:alert(1)',
      'board',
      '/a\nb',
      '/session/sign-in',
      '/x/../session/callback',
      `/${'x'.repeat(2000)}`,
    ]) {
      it(`never to ${JSON.stringify(returnTo.slice(0, 30))}`, async () => {
        const query = `return_to=${encodeURIComponent(returnTo)}`;
        const { body } = await running.service.api.get(`/session/sign-in?${query}`).expect(422);
        expect(body).to.have.property('detail').that.includes('return_to must be a path of this');
      });
    }
  });

  it('limits how often somebody without a code makes the service ask GitHub', async () => {
    const limited = await startSignInService({ environment: { AUTH_FAILURES_PER_MINUTE: '2' } });
    try {
      const statuses: number[] = [];
      for (let number = 0; number < 3; number += 1) {
        const browser = limited.browser();
        const callback = new URL(await goToGitHub(limited, browser));
        callback.searchParams.set('code', 'guessed');
        statuses.push((await browser.visit(callback.href)).status);
      }
      expect(statuses).to.deep.equal([403, 403, 429]);
    } finally {
      await limited.stop();
    }
  });
});

describe('signing in under a prefix', () => {
  let running: SignInService;
  before(async () => {
    running = await startSignInService({ prefix: '/tools/queue' });
  });
  after(() => running.stop());

  it('comes back there, with cookies that go nowhere else', async () => {
    const browser = running.browser();
    expect(await signIn(running, browser)).to.equal(`${running.publicUrl}/`);
    expect([...browser.cookies.values()].map(({ path }) => path)).to.deep.equal(['/tools/queue']);
    expect(await sessionOf(running, browser)).to.include({ login: 'mona' });
  });

  it('never comes back to what else there is on that host', async () => {
    const query = `return_to=${encodeURIComponent('/tools/other')}`;
    await running.service.api.get(`/session/sign-in?${query}`).expect(422);
  });
});
