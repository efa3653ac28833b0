import { expect } from 'chai';
import { authenticateAll, authenticateEach, send } from '../support/authenticated-service.js';
import type { Sender } from '../support/authenticated-service.js';
import { expectSecret, refusalLine } from '../support/auth-log.js';
import { serverError } from '../support/faults.js';
import { randomToken } from '../support/github/github-tokens.js';
import { expectProblem } from '../support/http.js';
import { until } from '../support/until.js';
import { notAllowed } from '../support/not-allowed.js';

describe('the organisations that are allowed', () => {
  const running = authenticateAll({ ALLOWED_ORGANISATIONS: ' Acme ,GLOBEX' });

  const job = (repository_owner: string): Sender => ({
    token: running.now.issuer.sign({ repository_owner }),
  });
  const person = (organisation: string, state: 'active' | 'pending' = 'active'): Sender => ({
    token: running.now.gitHub.addUser({
      login: `mona-${organisation}-${state}`,
      memberships: { [organisation]: state },
    }),
    organisation,
  });

  for (const organisation of ['acme', 'Acme', 'globex', 'GlobeX']) {
    it(`are let in either way: ${organisation}`, async () => {
      const { service } = running.now;
      await send(service, job(organisation)).expect(200);
      await send(service, person(organisation)).expect(200);
    });
  }

  for (const organisation of ['initech', 'acme-globex', 'acm', 'acmee']) {
    it(`are the only ones, either way: ${organisation}`, async () => {
      const { service } = running.now;
      for (const sender of [job(organisation), person(organisation)]) {
        const response = await send(service, sender);
        expectProblem(response, 403, 'forbidden', notAllowed(organisation));
      }
    });
  }

  it('are named to no job that has not authenticated', async () => {
    const { service, issuer, attacker } = running.now;
    const initech = { repository_owner: 'initech' };
    for (const token of [
      issuer.sign({ ...initech, exp: 1 }),
      attacker.sign({ ...initech, iss: issuer.url }),
    ]) {
      const response = await send(service, { token }).expect(401);
      expect(response.text).not.to.include('allowed here');
    }
  });

  it('are asked before GitHub is, which hears nothing of a token for another', async () => {
    const { service, gitHub } = running.now;
    const before = gitHub.requests.length;
    const detail = notAllowed('initech');
    for (const sender of [
      person('initech', 'active'),
      person('initech', 'pending'),
      { token: randomToken('classic'), organisation: 'Initech' },
    ]) {
      expectProblem(await send(service, sender), 403, 'forbidden', detail);
    }
    expect(gitHub.requests).to.have.length(before);
  });
});

describe('attempts to authenticate', () => {
  const running = authenticateEach();

  /** The values of auth_requests_total. */
  async function counts(): Promise<Record<string, number>> {
    const { text } = await running.now.service.management.get('/metrics').expect(200);
    const lines = text.matchAll(/^auth_requests_total\{method="(\w+)",success="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries(
      [...lines].map(([, method = '', success = '', count]) => [
        `${method} ${success}`,
        Number(count),
      ]),
    );
  }

  it('are counted by their way and whether they succeed', async () => {
    const { service, issuer, gitHub } = running.now;
    expect(await counts()).to.deep.equal({});
    const mona = gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    const calls: [sender: Sender, status: number][] = [
      [{ token: issuer.sign() }, 200],
      [{ token: issuer.sign(), organisation: 'acme' }, 200],
      [{ token: issuer.sign(), organisation: 'globex' }, 403],
      [{ token: issuer.sign({ exp: 1 }) }, 401],
      [{ token: 'eyJ.a.b' }, 401],
      [{ token: mona, organisation: 'acme' }, 200],
      [{ token: mona, organisation: 'globex' }, 403],
      [{ token: mona }, 400],
      [{ token: mona, organisation: 'no login' }, 422],
      [{ token: randomToken('classic'), organisation: 'acme' }, 401],
      [{ token: randomToken('installation'), organisation: 'acme' }, 401],
      [{ token: 'two tokens' }, 401],
    ];
    for (const [sender, status] of calls) await send(service, sender).expect(status);
    await service.api.get('/v1/deployments').expect(401);
    await send(service, { token: issuer.sign() }, 'get', '/v1/nothing').expect(404);
    await service.api.get('/openapi.json').expect(200);
    expect(await counts()).to.deep.equal({
      'oidc true': 3,
      'oidc false': 3,
      'pat true': 1,
      'pat false': 4,
      'none false': 3,
    });
  });

  it('count as failed when nobody can say', async () => {
    const { service, issuer, gitHub } = running.now;
    issuer.faults.set(serverError());
    gitHub.faults.set(serverError());
    await send(service, { token: issuer.sign() }).expect(503);
    await send(service, { token: randomToken('classic'), organisation: 'acme' }).expect(503);
    expect(await counts()).to.deep.equal({ 'oidc false': 1, 'pat false': 1 });
  });

  const refusals: [method: string, code: string, sender: () => Sender, reason?: string][] = [
    [
      'oidc',
      'unauthenticated',
      () => ({ token: running.now.issuer.sign({ exp: 1 }) }),
      'exp check_failed',
    ],
    ['oidc', 'forbidden', () => ({ token: running.now.issuer.sign(), organisation: 'globex' })],
    ['pat', 'unauthenticated', () => ({ token: randomToken('classic'), organisation: 'acme' })],
    ['pat', 'organisation-required', () => ({ token: randomToken('classic') })],
    ['pat', 'contract-violation', () => ({ token: randomToken('oauth'), organisation: '..' })],
    ['none', 'unauthenticated', () => ({ token: randomToken('installation') })],
    ['none', 'unauthenticated', () => ({ token: `${randomToken('classic')} ` + 'x' })],
  ];
  for (const [index, [method, code, senderOf, reason]] of refusals.entries()) {
    it(`leave one line each when refused, without the token: ${method}, ${code} (${index})`, async () => {
      const { service } = running.now;
      const sender = senderOf();
      const response = await send(service, sender).set('X-Request-Id', 'mine');
      const line = await refusalLine(service, 'mine');
      expect(line).to.include({ method, code, detail: response.body.detail });
      expect(line['reason']).to.equal(reason);
      expectSecret(service, response, sender.token);
    });
  }

  it('leave no line of their own when they succeed', async () => {
    const { service, issuer } = running.now;
    const token = issuer.sign();
    const response = await send(service, { token }).expect(200);
    await until('the log has it', () => service.logs.some(({ msg }) => msg === 'request'));
    expect(service.logs.map(({ msg }) => msg)).to.deep.equal(['request']);
    expectSecret(service, response, token);
  });
});
