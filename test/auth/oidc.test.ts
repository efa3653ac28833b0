import { expect } from 'chai';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Sender } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';
import { epochSeconds } from '../support/oidc/actions-claims.js';
import { until } from '../support/until.js';

describe('the OIDC token of a job', () => {
  const running = authenticateAll();

  /** Lists as a sender. */
  const list = (sender: Sender) => send(running.now.service, sender);

  it('says whose deployment it is, in lower case, and who made it', async () => {
    const { service, issuer } = running.now;
    const token = issuer.sign({
      repository_owner: 'Octo-Org',
      repository: 'Octo-Org/Shop',
      workflow: 'Release to production',
      actor: 'Mona',
    });
    const created = await send(service, { token }, 'post')
      .send(deploymentBody({ name: 'audited' }))
      .expect(201);
    expect(created.body).to.include({
      organisation: 'octo-org',
      created_by_repo: 'Octo-Org/Shop',
      created_by_workflow: 'Release to production',
      created_by_actor: 'Mona',
    });

    const path = `/v1/deployments/${created.body.id as string}`;
    const other = issuer.sign({
      repository_owner: 'OCTO-ORG',
      repository: 'octo-org/ops',
      workflow: 'watch',
      actor: 'hubot',
    });
    await send(service, { token: other }, 'patch', path).send({ status: 'deployed' }).expect(200);
    const events = await send(service, { token }, 'get', `${path}/events`).expect(200);
    const who = (events.body as Record<string, unknown>[]).map(
      ({ to_status, actor, repository, workflow }) => [to_status, actor, repository, workflow],
    );
    expect(who).to.deep.equal([
      ['scheduled', 'Mona', 'Octo-Org/Shop', 'Release to production'],
      ['deployed', 'hubot', 'octo-org/ops', 'watch'],
    ]);
  });

  it('leaves out of the audit what it does not say, or says in another type', async () => {
    const { service, issuer } = running.now;
    const token = issuer.sign({ repository: undefined, workflow: ['deploy'], actor: '' });
    const created = await send(service, { token }, 'post').send(deploymentBody()).expect(201);
    expect(created.body).to.include({
      organisation: 'acme',
      created_by_repo: null,
      created_by_workflow: null,
      created_by_actor: null,
    });
  });

  const accepted: [what: string, claims: (now: number) => Record<string, unknown>][] = [
    ['expired less than a minute ago', (now) => ({ exp: now - 50 })],
    ['is valid in less than a minute', (now) => ({ nbf: now + 50 })],
    ['was issued less than a minute ahead of time', (now) => ({ iat: now + 50 })],
    ['is for other audiences as well', () => ({ aud: ['vault', 'deployment-queue-api'] })],
    ['has no nbf', () => ({ nbf: undefined })],
    ['belongs to a managed user', () => ({ repository_owner: 'mona_acme' })],
    ['belongs to a login of the longest kind', () => ({ repository_owner: 'a'.repeat(39) })],
    ['has a subject of a form not seen yet', () => ({ sub: 'repo:acme@65/shop@74:ref:x' })],
  ];
  for (const [what, claims] of accepted) {
    it(`is accepted when it ${what}`, async () => {
      const token = running.now.issuer.sign(claims(epochSeconds()));
      await list({ token }).expect(200);
    });
  }

  it('is accepted with x5t, as GitHub sends it', async () => {
    const { issuer } = running.now;
    await list({ token: issuer.sign({}, { header: { x5t: 'abc' } }) }).expect(200);
  });

  it('may come after "bearer" in any case and after several spaces', async () => {
    const { service, issuer } = running.now;
    for (const scheme of ['bearer ', 'BEARER ', 'Bearer    ']) {
      await service.api
        .get('/v1/deployments')
        .set('Authorization', scheme + issuer.sign())
        .expect(200);
    }
  });

  for (const organisation of ['acme', 'Acme', 'ACME']) {
    it(`may come with its own organisation as X-Organisation: ${organisation}`, async () => {
      await list({ token: running.now.issuer.sign(), organisation }).expect(200);
    });
  }

  it('is refused with 403 when X-Organisation names another organisation', async () => {
    const { service, issuer } = running.now;
    const sender = { token: issuer.sign({ repository_owner: 'Acme' }), organisation: 'Globex' };
    const detail = 'X-Organisation is globex, but the token is of acme; leave it out';
    expectProblem(await list(sender), 403, 'forbidden', detail);
    const refused = await send(service, sender, 'post').send(deploymentBody({ name: 'nowhere' }));
    expectProblem(refused, 403, 'forbidden', detail);
    for (const repository_owner of ['acme', 'globex']) {
      const token = issuer.sign({ repository_owner });
      const found = await send(service, { token }, 'get', '/v1/deployments?name=nowhere');
      expect(found.body).to.deep.equal([]);
    }
  });

  for (const organisation of ['ac me', 'acme/shop', '../acme', '-acme', 'a'.repeat(40), 'acmé']) {
    it(`is refused with 422 when X-Organisation is malformed: ${organisation}`, async () => {
      const response = await list({ token: running.now.issuer.sign(), organisation });
      expectProblem(response, 422, 'contract-violation', /^X-Organisation must be a GitHub/);
      expect(response.body.errors).to.have.length(1);
      expect(response.body.errors[0].parameter).to.equal('X-Organisation');
    });
  }

  it('names no WWW-Authenticate once it is known', async () => {
    const sender = { token: running.now.issuer.sign(), organisation: 'globex' };
    expect((await list(sender).expect(403)).headers).not.to.have.property('www-authenticate');
  });

  it('never makes the service ask GitHub', async () => {
    const { gitHub, issuer } = running.now;
    await list({ token: issuer.sign() }).expect(200);
    await list({ token: issuer.sign({ exp: 0 }), organisation: 'acme' }).expect(401);
    expect(gitHub.requests).to.deep.equal([]);
  });

  it('is refused once it has expired, though it was accepted before', async () => {
    const { service, issuer } = running.now;
    const exp = epochSeconds() - 55;
    const token = issuer.sign({ exp });
    await send(service, { token }).expect(200);
    await send(service, { token }).expect(200);
    await until('a minute is over', () => epochSeconds() > exp + 60);
    expectProblem(await send(service, { token }), 401, 'unauthenticated');
  });

  it('of one job never stands for that of another', async () => {
    const { service, issuer } = running.now;
    for (const owner of ['acme', 'globex', 'acme', 'globex']) {
      const token = issuer.sign({ repository_owner: owner });
      const created = await send(service, { token }, 'post').send(deploymentBody()).expect(201);
      expect(created.body.organisation).to.equal(owner);
    }
  });
});
