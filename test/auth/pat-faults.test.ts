import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Sender } from '../support/authenticated-service.js';
import { huge, json, notJson, redirect, reset, serverError, truncated } from '../support/faults.js';
import type { Fault } from '../support/faults.js';
import {
  failedLoginLimit,
  primaryRateLimit,
  secondaryRateLimit,
  versionGone,
} from '../support/github/github-faults.js';
import { expectProblem } from '../support/http.js';

const [outOfReach, limited] = ['GitHub is out of reach', 'GitHub limits how often it may be asked'];

function expectOutOfReach(response: Response, seconds = 5, why = outOfReach): void {
  const told = Number(response.headers['retry-after']);
  // A limit of minutes ends at a second of the clock, which has gone on in between.
  expect(told).to.be.within(seconds > 90 ? seconds - 60 : seconds, seconds);
  const detail = `${why}; try again in ${told} seconds`;
  expectProblem(response, 503, 'unavailable', detail);
  expect(response.headers).not.to.have.property('www-authenticate');
}

const forbiddenPage: Fault = {
  kind: 'answer',
  status: 403,
  headers: { 'content-type': 'text/html' },
  body: '<html><body><h1>Access denied by the proxy</h1></body></html>',
};
const login = (value: unknown) => json({ login: value, id: 1 });
const membership = (state: unknown, organisation: unknown, id: unknown = 65) =>
  json({ state, organization: { login: organisation, id }, user: { login: 'mona' } });

describe('while GitHub', () => {
  const running = authenticateAll();
  let sender: Sender = { token: '' };

  beforeEach(() => {
    const token = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    sender = { token, organisation: 'acme' };
  });
  afterEach(async () => {
    running.now.gitHub.faults.clear();
    await running.now.gitHub.restart();
  });

  const list = () => send(running.now.service, sender);

  const always: [what: string, fault: () => Fault, seconds?: number, why?: string][] = [
    ['answers 500', () => serverError(500)],
    ['answers 502', () => serverError(502)],
    ['answers 503', () => serverError(503)],
    ['answers 504', () => serverError(504)],
    ['resets the connection', () => reset()],
    ['answers half', () => truncated('{"login":"mona","state":"active","organization":{}}')],
    ['answers what is not JSON', () => notJson()],
    ['answers null', () => json(null)],
    ['answers an empty object', () => json({})],
    ['answers an error with status 200', () => json({ message: 'Bad credentials' })],
    ['answers with megabytes', () => huge(20 * 1024 * 1024)],
    ['has retired the API version', () => versionGone()],
    ['is behind a proxy that forbids', () => forbiddenPage],
    ['redirects', () => redirect(running.now.attacker.jwksUrl, 301)],
    ['redirects and keeps the method', () => redirect(running.now.attacker.jwksUrl, 307)],
    ['has used up the rate limit', () => primaryRateLimit({ resetIn: 120 }), 120, limited],
    ['says so with 429', () => primaryRateLimit({ status: 429, resetIn: 240 }), 240, limited],
    ['limits for longer than an hour', () => primaryRateLimit({ resetIn: 9_000 }), 3_600, limited],
    ['limits until a moment ago', () => primaryRateLimit({ resetIn: -10 }), 5, limited],
    ['has a secondary limit', () => secondaryRateLimit({ retryAfter: 30 }), 30, limited],
    ['has one with 429', () => secondaryRateLimit({ status: 429, retryAfter: 90 }), 90, limited],
    ['has one of unknown length', () => secondaryRateLimit({ retryAfter: null }), 60, limited],
    ['has seen too many failed logins', () => failedLoginLimit(), 60, limited],
  ];
  const half: [operation: string, matches: (path: string) => boolean][] = [
    ['for the user', (path) => path === '/user'],
    ['for the membership', (path) => path.startsWith('/user/memberships/')],
  ];
  for (const [what, fault, seconds, why] of always) {
    for (const [operation, matches] of half) {
      it(`${what} ${operation}, a token that it has to be asked about gets 503`, async () => {
        const { gitHub, attacker } = running.now;
        gitHub.faults.set(fault(), { times: 1, matches });
        expectOutOfReach(await list(), seconds, why);
        expect(attacker.fetches).to.equal(0);
      });
    }
  }

  const [[, ofUser], [, ofMembership]] = half as [(typeof half)[0], (typeof half)[0]];
  const shapes: [what: string, fault: Fault, matches: (path: string) => boolean][] = [
    ['names nobody', login(''), ofUser],
    ['names a list of people', login(['mona']), ofUser],
    ['does not know /user', { kind: 'answer', status: 404, body: '{}' }, ofUser],
    ['tells of a state that is new', membership('suspended', 'acme'), ofMembership],
    ['tells of no state', membership(undefined, 'acme'), ofMembership],
    ['tells of another organisation', membership('active', 'globex'), ofMembership],
    ['tells of no organisation', membership('active', undefined), ofMembership],
    ['tells of one that only looks so', membership('active', '\uff41cme'), ofMembership],
    ['tells of no id', json({ state: 'active', organization: { login: 'acme' } }), ofMembership],
    ['tells of an id that is null', membership('active', 'acme', null), ofMembership],
    ['tells of an id that is a text', membership('active', 'acme', '65'), ofMembership],
    ['tells of an id with a fraction', membership('active', 'acme', 65.5), ofMembership],
    ['tells of an id of zero', membership('active', 'acme', 0), ofMembership],
    ['tells of an id that is too large', membership('active', 'acme', 2 ** 60), ofMembership],
    ['tells of an active list', json([{ state: 'active' }]), ofMembership],
  ];
  for (const [what, fault, matches] of shapes) {
    it(`${what}, a token that it has to be asked about gets 503`, async () => {
      running.now.gitHub.faults.set(fault, { times: 1, matches });
      expectOutOfReach(await list());
    });
  }

  it('refuses connections, a token gets 503, and 200 as soon as it accepts them', async () => {
    const { gitHub } = running.now;
    await gitHub.stop();
    expectOutOfReach(await list());
    await gitHub.restart();
    await list().expect(200);
  });

  it('fails once, nothing of that is remembered', async () => {
    const { gitHub } = running.now;
    gitHub.faults.set(serverError(), { times: 1 });
    expectOutOfReach(await list());
    await list().expect(200);
  });

  it('fails, an OIDC token is as good as ever', async () => {
    const { service, issuer, gitHub } = running.now;
    await gitHub.stop();
    await send(service, { token: issuer.sign() }).expect(200);
  });

  it('fails, the log says how and keeps the token to itself', async () => {
    const { service, gitHub } = running.now;
    const before = service.logs.length;
    gitHub.faults.set(versionGone(), { times: 1 });
    await list().expect(503);
    await gitHub.stop();
    await list().expect(503);
    const lines = service.logs.slice(before).map(({ level, msg, status, path }) => ({
      level,
      msg,
      status,
      path,
    }));
    expect(lines).to.deep.include.members([
      {
        level: 50,
        msg: 'GitHub gave a response that makes no sense here',
        status: 410,
        path: undefined,
      },
      { level: 40, msg: 'GitHub did not respond', status: undefined, path: '/user' },
    ]);
    expect(JSON.stringify(service.logs).includes(sender.token)).to.equal(false);
  });
});
