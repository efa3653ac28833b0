import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import type { NewUser } from '../support/github/github-accounts.js';
import { randomToken } from '../support/github/github-tokens.js';
import type { TokenKind } from '../support/github/github-tokens.js';
import { expectProblem } from '../support/http.js';

const mona: NewUser = { login: 'Mona', memberships: { Acme: 'active' } };

describe('a personal access token', () => {
  const running = authenticateEach();

  /** Lists with the token of a user, new to GitHub. */
  function listAs(user: NewUser, organisation = 'acme') {
    const { service, gitHub } = running.now;
    return send(service, { token: gitHub.addUser(user), organisation });
  }

  const kinds: [kind: TokenKind, called: string][] = [
    ['classic', 'classic'],
    ['fine_grained', 'fine-grained'],
    ['oauth', "of an OAuth app's user"],
    ['app_user', "of a GitHub App's user"],
  ];
  for (const [kind, called] of kinds) {
    it(`lets an active member in, and names the member as actor (${called})`, async () => {
      const { service, gitHub } = running.now;
      const token = gitHub.addUser({ ...mona, kind });
      const sender = { token, organisation: 'acme' };
      const created = await send(service, sender, 'post').send(deploymentBody()).expect(201);
      const audit = { created_by_actor: 'Mona', created_by_repo: null, created_by_workflow: null };
      expect(created.body).to.include({ organisation: 'acme', ...audit });

      const path = `/v1/deployments/${created.body.id as string}/events`;
      const events = await send(service, sender, 'get', path).expect(200);
      expect(events.body[0]).to.include({ actor: 'Mona', repository: null, workflow: null });
      expect(gitHub.requests.every((request) => request.carries(token))).to.equal(true);
    });
  }

  it('may be of a form that GitHub has yet to invent, or had long ago', async () => {
    for (const token of ['ghz_1-2.3~4', '0123456789abcdef'.repeat(2), 'x'.repeat(600)]) {
      await listAs({ ...mona, token }).expect(200);
    }
  });

  it('is asked about once for each organisation, whatever the case of its name', async () => {
    const { service, gitHub } = running.now;
    const memberships = { Acme: 'active', Globex: 'active' } as const;
    const token = gitHub.addUser({ login: 'mona', memberships });
    for (const organisation of ['acme', 'Acme', 'ACME', 'globex', 'GLOBEX']) {
      const sender = { token, organisation };
      const created = await send(service, sender, 'post').send(deploymentBody()).expect(201);
      expect(created.body.organisation).to.equal(organisation.toLowerCase());
    }
    expect(gitHub.counts).to.deep.equal({ user: 2, membership: 2 });
  });

  it('goes to GitHub with a version, a user agent and nothing but itself', async () => {
    const { gitHub } = running.now;
    await listAs(mona, 'ACME').expect(200);
    expect(gitHub.requests.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'GET /user',
      'GET /user/memberships/orgs/acme',
    ]);
    for (const { headers, scheme } of gitHub.requests) {
      expect(scheme).to.equal('Bearer');
      expect(headers).to.include({
        'x-github-api-version': '2022-11-28',
        accept: 'application/vnd.github+json',
        'user-agent': 'deployment-queue-api',
      });
      expect(headers).not.to.have.any.keys('cookie', 'x-organisation', 'x-request-id');
    }
  });

  it('is never taken to the issuer', async () => {
    const { issuer } = running.now;
    await listAs(mona).expect(200);
    await listAs({ ...mona, token: `ghp_${issuer.sign()}` }).expect(200);
    expect(issuer.fetches).to.equal(0);
  });

  it('needs X-Organisation', async () => {
    const { service, gitHub } = running.now;
    const response = await send(service, { token: gitHub.addUser(mona) });
    const detail =
      'A personal access token needs the header X-Organisation, with the GitHub organisation';
    expectProblem(response, 400, 'organisation-required', detail);
    expect(gitHub.requests).to.deep.equal([]);
  });

  it("is refused with 401 that points to OIDC when it is an installation's, by its form", async () => {
    const { gitHub } = running.now;
    const response = await listAs({ login: 'bot', kind: 'installation' });
    expectProblem(response, 401, 'unauthenticated', /id-token: write" and send its OIDC token$/);
    expect(gitHub.requests).to.deep.equal([]);
  });

  it("is refused with 401 that points to OIDC when it is an installation's, in disguise", async () => {
    const { gitHub } = running.now;
    const token = `v1.${randomToken('classic').slice(4)}`.replace('.', '-');
    const response = await listAs({ login: 'bot', kind: 'installation', token });
    const detail =
      "The token is an installation's and does not say who you are; in GitHub Actions, send the " +
      "job's OIDC token";
    expectProblem(response, 401, 'unauthenticated', detail);
    expect(response.headers['www-authenticate']).to.equal('Bearer');
    expect(gitHub.counts).to.deep.equal({ user: 1, membership: 0 });
  });
});
