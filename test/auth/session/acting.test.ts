import { expect } from 'chai';
import type { Response } from 'supertest';
import { createMovedClock } from '../../support/moved-clock.js';
import { deploymentBody } from '../../support/deployments.js';
import { newSessionKey, sessionOf, signIn, startSignInService } from '../../support/sign-in.js';
import type { SignInService } from '../../support/sign-in.js';
import { startTestService } from '../../support/service.js';
import type { Browser } from '../../support/browser.js';

const name = 'deployment-queue-session';

describe('a session', () => {
  let running: SignInService;
  let browser: Browser;
  let csrf: Record<string, string>;
  const at = (path: string) => running.publicUrl + path;
  const list = (headers: Record<string, string> = {}) =>
    browser.fetch('get', at('/v1/deployments'), { headers });
  const choose = (organisation: unknown, headers = csrf) =>
    browser.fetch('post', at('/session/organisation'), { headers, body: { organisation } });
  const clock = createMovedClock();

  before(async () => {
    running = await startSignInService({
      clock,
      environment: { ORG_MEMBERSHIP_CACHE_TTL: '1', SESSION_LIFETIME: '3600' },
    });
  });
  after(() => running.stop());
  beforeEach(async () => {
    running.gitHub.setMembership('mona', 'Acme', 'active');
    running.gitHub.setMembership('mona', 'globex', 'active');
    browser = running.browser();
    await signIn(running, browser);
    csrf = { 'X-CSRF-Token': (await sessionOf(running, browser)).csrf_token ?? '' };
  });
  afterEach(() => {
    running.gitHub.faults.clear();
  });

  it('acts as its person in the organisation that was chosen', async () => {
    expect((await list()).body)
      .to.have.property('type')
      .that.includes('organisation-required');
    expect((await choose('Acme')).status).to.equal(204);
    expect(await sessionOf(running, browser)).to.include({ organisation: 'acme' });
    const created = await browser.fetch('post', at('/v1/deployments'), {
      headers: csrf,
      body: deploymentBody(),
    });
    expect(created.status).to.equal(201);
    expect(created.body).to.include({ organisation: 'acme', created_by_actor: 'mona' });
    expect((await choose('globex')).status).to.equal(204);
    expect((await list()).body).to.deep.equal([]);
  });

  it('acts in another organisation of its person where X-Organisation says so', async () => {
    await choose('acme');
    await browser.fetch('post', at('/v1/deployments'), { headers: csrf, body: deploymentBody() });
    expect((await list({ 'X-Organisation': 'globex' })).body).to.deep.equal([]);
    expect((await list()).body).not.to.be.empty;
  });

  it('chooses no organisation that its person is no member of, or that is none', async () => {
    running.gitHub.setMembership('mona', 'globex', null);
    const refused = await choose('globex');
    expect(refused.status).to.equal(403);
    expect(refused.body).to.have.property('detail').that.includes('not a member');
    expect((await choose('initech')).status).to.equal(403);
    for (const organisation of ['no login', 5, undefined]) {
      expect((await choose(organisation)).status, String(organisation)).to.equal(422);
    }
    expect(await sessionOf(running, browser)).not.to.have.property('organisation');
  });

  it('may do nothing any more once its person is no member', async () => {
    await choose('acme');
    running.gitHub.setMembership('mona', 'acme', null);
    let { status } = await list();
    // What GitHub said before is believed for a second.
    for (const end = Date.now() + 10_000; status === 200 && Date.now() < end;) {
      ({ status } = await list());
    }
    expect(status).to.equal(403);
  });

  it('is over when GitHub does not know its token any more', async () => {
    running.gitHub.revoke(running.web.granted.at(-1) ?? '');
    expect(await sessionOf(running, browser)).to.have.all.keys('authentication', 'github_url');
    expect(browser.cookies).to.be.empty;
  });

  it('goes on while GitHub is away, as long as the membership is believed', async () => {
    await choose('acme');
    running.gitHub.faults.set({ kind: 'reset' });
    const session = await sessionOf(running, browser);
    expect(session).to.include({ login: 'mona', organisation: 'acme' });
    expect(session.organisations).to.deep.equal(['acme']);
  });

  it('gives way to a token in Authorization', async () => {
    await choose('acme');
    expect((await list({ Authorization: 'Bearer nonsense' })).status).to.equal(401);
    const token = running.gitHub.addUser({ login: 'hubot', memberships: { acme: 'active' } });
    const other = { Authorization: `Bearer ${token}`, 'X-Organisation': 'acme' };
    const created = await browser.fetch('post', at('/v1/deployments'), {
      headers: other,
      body: deploymentBody(),
    });
    expect(created.body).to.include({ created_by_actor: 'hubot', organisation: 'acme' });
  });

  it('opens nothing on the management port', async () => {
    const before = await running.service.management.get('/metrics').expect(200);
    expect(before.headers).not.to.have.property('set-cookie');
    await running.service.management.get('/session').expect(404);
  });

  it('is told apart by caches', async () => {
    await choose('acme');
    const { headers } = await list();
    expect(headers).to.include({
      vary: 'Authorization, X-Organisation, Cookie',
      'cache-control': 'private, no-cache',
    });
    const session = await browser.fetch('get', at('/session'));
    expect(session.headers).to.include({ vary: 'Cookie', 'cache-control': 'no-store' });
  });

  it('is ended by signing out, here and at GitHub', async () => {
    await choose('acme');
    const cookie = browser.cookies.get(name);
    const out = await browser.fetch('post', at('/session/sign-out'), { headers: csrf });
    expect(out.status).to.equal(204);
    expect(browser.cookies).to.be.empty;
    expect((await list()).status).to.equal(401);
    // Whoever has kept the cookie finds that its token is gone.
    if (cookie !== undefined) browser.cookies.set(name, cookie);
    expect(await sessionOf(running, browser)).to.have.all.keys('authentication', 'github_url');
  });

  it('is ended here by signing out while GitHub is away, and also when there is none', async () => {
    running.gitHub.faults.set({ kind: 'reset' });
    const out = await browser.fetch('post', at('/session/sign-out'), { headers: csrf });
    expect(out.status).to.equal(204);
    expect(browser.cookies).to.be.empty;
    expect((await browser.fetch('post', at('/session/sign-out'))).status).to.equal(204);
  });

  describe('is none', () => {
    const refused = async () => {
      const response = await list();
      expect(response.status).to.equal(401);
      expect(response.body).to.have.property('detail').that.includes('sign in again');
      expect(await sessionOf(running, browser)).to.have.all.keys('authentication', 'github_url');
      expect(browser.cookies).to.be.empty;
    };

    it('after its lifetime', async () => {
      clock.forward(3601);
      await refused();
    });

    it('when a letter of it was changed, wherever', async () => {
      const { value = '', path = '/' } = browser.cookies.get(name) ?? {};
      for (const part of [0, 2, 3, 4]) {
        const parts = value.split('.');
        const text = parts[part] ?? '';
        const middle = text.length >> 1;
        const letter = text[middle] === 'A' ? 'B' : 'A';
        parts[part] = text.slice(0, middle) + letter + text.slice(middle + 1);
        browser.cookies.set(name, { value: parts.join('.'), path });
        await refused();
      }
    });

    it('when it is no such thing', async () => {
      for (const value of ['', 'x', 'a.b.c.d.e', 'eyJhbGciOiJub25lIn0..', 'x'.repeat(3000)]) {
        browser.cookies.set(name, { value, path: '/' });
        await refused();
      }
    });

    it('when it is that of a sign-in that has begun', async () => {
      const begun = running.browser();
      await begun.visit(at('/session/sign-in'));
      const { value = '' } = begun.cookies.get('deployment-queue-sign-in') ?? {};
      browser.cookies.set(name, { value, path: '/' });
      await refused();
    });
  });

  it('is good for each key of the service, and for no other', async () => {
    await choose('acme');
    const old = running.environment['SESSION_KEYS'] ?? '';
    const { value = '' } = browser.cookies.get(name) ?? {};
    const statusWith = async (keys: string): Promise<number> => {
      const other = await startTestService({ ...running.environment, SESSION_KEYS: keys }, clock);
      try {
        const asked = other.api.get('/v1/deployments').set('Cookie', `${name}=${value}`);
        return (await asked).status;
      } finally {
        await other.stop();
      }
    };
    expect(await statusWith(`${newSessionKey()}, ${old}`)).to.equal(200);
    expect(await statusWith(newSessionKey())).to.equal(401);
  });

  describe('changes nothing', () => {
    const register = (
      headers: Record<string, string>,
      from: Parameters<Browser['fetch']>[2] = {},
    ) =>
      browser.fetch('post', at('/v1/deployments'), {
        ...from,
        headers: { 'X-Organisation': 'acme', ...headers },
        body: deploymentBody(),
      });
    const evil = 'https://evil.example';

    const rows: [string, () => Promise<Response>][] = [
      ['from a page of another site', () => register(csrf, { site: 'cross-site', origin: evil })],
      ['from a page of another host of the same site', () => register(csrf, { site: 'same-site' })],
      ['from a link', () => register(csrf, { site: 'none' })],
      ['from a page that lies about its site', () => register(csrf, { origin: evil })],
      [
        'from another page of a browser that tells only the origin',
        () => register(csrf, { site: undefined, origin: evil }),
      ],
      ['from what tells nothing', () => register(csrf, { site: undefined, origin: '' })],
      ['without the token of the session', () => register({})],
      ['with another token', () => register({ 'X-CSRF-Token': 'x'.repeat(43) })],
    ];
    for (const [what, send] of rows) {
      it(what, async () => {
        const before = await list({ 'X-Organisation': 'acme' });
        const { status, body } = await send();
        expect(status).to.equal(403);
        expect(body)
          .to.have.property('detail')
          .that.matches(/from a page of|X-CSRF-Token/);
        expect((await list({ 'X-Organisation': 'acme' })).body).to.deep.equal(before.body);
      });
    }

    it('of itself either: neither the organisation nor its end', async () => {
      for (const [path, content] of [
        ['/session/organisation', { body: { organisation: 'acme' } }],
        ['/session/sign-out', {}],
      ] as const) {
        const foreign = { site: 'cross-site', origin: evil, headers: csrf } as const;
        const sent = await browser.fetch('post', at(path), { ...foreign, ...content });
        expect(sent.status, path).to.equal(403);
        expect((await browser.fetch('post', at(path), content)).status, path).to.equal(403);
      }
      expect(await sessionOf(running, browser)).to.include({ login: 'mona' });
    });

    it('but from its own page, also of a browser that tells only the origin', async () => {
      const sent = await browser.fetch('post', at('/v1/deployments'), {
        site: undefined,
        headers: { 'X-Organisation': 'acme', ...csrf },
        body: deploymentBody(),
      });
      expect(sent.status).to.equal(201);
    });
  });

  it('is not for pages of other origins, allowed or not', async () => {
    const origin = 'https://deployments.example';
    const open = await startTestService({ ...running.environment, CORS_ORIGINS: origin });
    try {
      const { headers } = await open.api.get('/v1/deployments').set('Origin', origin).expect(401);
      expect(headers).to.include({ 'access-control-allow-origin': origin });
      expect(headers).not.to.have.property('access-control-allow-credentials');
      const preflight = await open.api
        .options('/v1/deployments')
        .set({ Origin: origin, 'Access-Control-Request-Method': 'POST' });
      expect(preflight.headers['access-control-allow-headers']).not.to.match(/csrf/i);
    } finally {
      await open.stop();
    }
  });

  it('is nowhere to be read: not in the log, and not in the metrics', async () => {
    await choose('acme');
    await list();
    browser.cookies.set(name, { value: `${browser.cookies.get(name)?.value ?? ''}x`, path: '/' });
    await list();
    await running
      .browser()
      .visit(at('/session/callback?code=0123456789abcdef0123&state=abcdefghij'));
    const { environment, web } = running;
    const metrics = await running.service.management.get('/metrics').expect(200);
    const written = (JSON.stringify(running.service.logs) + metrics.text).toLowerCase();
    const secrets = {
      'the client secret': environment['GITHUB_OAUTH_CLIENT_SECRET'],
      'the session key': environment['SESSION_KEYS'],
      'the token': web.granted.at(-1),
      'the code': '0123456789abcdef0123',
      'the state': 'abcdefghij',
      'the CSRF token': csrf['X-CSRF-Token'],
      ...Object.fromEntries(
        browser.setCookies
          .map((text) => text.split(';')[0]?.split('=')[1] ?? '')
          .filter((value) => value !== '')
          .map((value, index) => [`cookie ${index}`, value.split('.').at(3)]),
      ),
    };
    for (const [what, secret = ''] of Object.entries(secrets)) {
      expect(secret, what).not.to.equal('');
      expect(written, what).not.to.include(secret.toLowerCase());
    }
  });
});

describe('without an app', () => {
  for (const [authentication, environment, rest] of [
    ['token', { AUTH_ENABLED: 'true' }, {}],
    ['none', { AUTH_ENABLED: 'false' }, { organisation: 'local-dev' }],
  ] as const) {
    it(`a page is told ${authentication}, and nobody looks at a cookie`, async () => {
      const service = await startTestService(environment);
      try {
        const cookie = `${name}=x; __Host-${name}=x`;
        const { body, headers } = await service.api.get('/session').set('Cookie', cookie);
        expect(body).to.deep.equal({ authentication, github_url: 'https://github.com', ...rest });
        expect(headers).not.to.have.property('set-cookie');
        const listed = await service.api.get('/v1/deployments').set('Cookie', cookie);
        expect(listed.headers['vary']).not.to.include('Cookie');
        expect(listed.text).not.to.include('sign in again');
        await service.api.get('/session/sign-in').expect(authentication === 'none' ? 404 : 401);
      } finally {
        await service.stop();
      }
    });
  }
});
