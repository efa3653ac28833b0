import { request as httpRequest } from 'node:http';
import { expect } from 'chai';
import { callGitHub } from '../support/github/call-github.js';
import { startGitHubApi, type GitHubApi } from '../support/github/github-api.js';
import type { Barrier } from '../support/github/github-responses.js';
import {
  randomStatelessInstallationToken,
  randomToken,
  type TokenKind,
} from '../support/github/github-tokens.js';

describe("the local double of GitHub's API", () => {
  let api: GitHubApi;

  beforeEach(async () => {
    api = await startGitHubApi();
  });

  afterEach(() => api.stop());

  describe('GET /user', () => {
    for (const kind of ['classic', 'fine_grained', 'oauth', 'app_user'] as const) {
      it(`tells who the owner of a token is (${kind})`, async () => {
        const token = api.addUser({ login: 'Octocat', kind });
        const answer = await call('/user', token);
        expect(answer.status).to.equal(200);
        expect(answer.body).to.include({ login: 'Octocat', type: 'User' });
      });
    }

    it('shows private members only to a token with the user scope', async () => {
      const [poor, rich] = [
        api.addUser({ login: 'octocat' }),
        api.addUser({ login: 'octocat', scopes: ['user'] }),
      ];
      expect((await call('/user', poor)).body).not.to.have.property('two_factor_authentication');
      expect((await call('/user', rich)).body).to.have.property('two_factor_authentication', true);
    });

    it('refuses an installation token, which is nobody', async () => {
      for (const token of [randomToken('installation'), randomStatelessInstallationToken()]) {
        api.addUser({ login: 'github-actions', kind: 'installation', token });
        const answer = await call('/user', token);
        expect(answer.status).to.equal(403);
        expect(answer.body).to.include({
          message: 'Resource not accessible by integration',
          status: '403',
        });
      }
    });

    it('answers 401 without a token, with an unknown and with a revoked one', async () => {
      const token = api.addUser({ login: 'octocat' });
      api.revoke(token);
      expect((await call('/user')).body).to.include({
        message: 'Requires authentication',
        status: '401',
      });
      for (const bad of [token, randomToken('classic')]) {
        const answer = await call('/user', bad);
        expect(answer.status).to.equal(401);
        expect(answer.body).to.include({
          message: 'Bad credentials',
          documentation_url: 'https://docs.github.com/rest',
        });
      }
      expect((await call('/user', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln')).body).to.include({
        message: 'A JSON web token could not be decoded',
      });
    });

    it('takes a token after "token" as well as after "Bearer", and after nothing else', async () => {
      const token = api.addUser({ login: 'octocat' });
      for (const scheme of ['Bearer', 'bearer', 'token'])
        expect((await call('/user', token, {}, scheme)).status, scheme).to.equal(200);
      expect((await call('/user', token, {}, 'Basic')).status).to.equal(401);
    });
  });

  describe('GET /user/memberships/orgs/{org}', () => {
    it('tells an active from a pending member, whatever the case of the name', async () => {
      const token = api.addUser({
        login: 'octocat',
        memberships: { Acme: 'active', globex: 'pending' },
      });
      const active = await call('/user/memberships/orgs/aCME', token);
      expect(active.body).to.have.nested.include({
        state: 'active',
        'organization.login': 'Acme',
        'user.login': 'octocat',
      });
      expect((await call('/user/memberships/orgs/Globex', token)).body).to.include({
        state: 'pending',
      });
    });

    it('answers 404 to whoever is not affiliated, and once a membership has ended', async () => {
      const token = api.addUser({ login: 'octocat', memberships: { acme: 'active' } });
      expect((await call('/user/memberships/orgs/initech', token)).status).to.equal(404);
      api.setMembership('octocat', 'acme', null);
      const answer = await call('/user/memberships/orgs/acme', token);
      expect(answer.status).to.equal(404);
      expect(answer.body).to.include({ message: 'Not Found', status: '404' });
    });

    it('answers 403 when an organisation wants SAML and says where to authorise the token', async () => {
      const token = api.addUser({
        login: 'octocat',
        memberships: { acme: 'active' },
        barriers: { ACME: 'saml' },
      });
      const answer = await call('/user/memberships/orgs/acme', token);
      expect(answer.status).to.equal(403);
      expect(answer.body['message']).to.match(/SAML enforcement/);
      expect(answer.headers.get('x-github-sso')).to.match(
        /^required; url=https:\/\/github\.com\/orgs\/acme\/sso/,
      );
    });

    const refusals: [TokenKind, Exclude<Barrier, 'saml'>, RegExp][] = [
      ['fine_grained', 'no_permission', /^Resource not accessible by personal access token$/],
      ['app_user', 'no_permission', /^Resource not accessible by integration$/],
      ['oauth', 'app_blocked', /OAuth App access restrictions/],
      ['classic', 'classic_forbidden', /forbids access via a personal access token \(classic\)/],
      [
        'fine_grained',
        'fine_grained_forbidden',
        /forbids access via a fine-grained personal access token/,
      ],
      ['fine_grained', 'token_lifetime', /lifetime is greater than 366 days/],
      ['classic', 'ip_allow_list', /IP allow list/],
    ];

    for (const [kind, barrier, message] of refusals) {
      it(`answers 403 to a member's token that is kept away (${kind}, ${barrier})`, async () => {
        const token = api.addUser({
          login: 'octocat',
          kind,
          memberships: { acme: 'active' },
          barriers: { acme: barrier },
        });
        const answer = await call('/user/memberships/orgs/acme', token);
        expect(answer.status).to.equal(403);
        expect(answer.body['message']).to.match(message);
        expect((await call('/user', token)).status, 'GET /user').to.equal(200);
      });
    }

    it('wants one of five scopes of a classic token and names them', async () => {
      const token = api.addUser({
        login: 'octocat',
        memberships: { acme: 'active' },
        scopes: ['gist'],
      });
      const answer = await call('/user/memberships/orgs/acme', token);
      expect(answer.status).to.equal(403);
      expect(answer.headers.get('x-oauth-scopes')).to.equal('gist');
      expect(answer.headers.get('x-accepted-oauth-scopes')).to.equal(
        'admin:org, read:org, repo, user, write:org',
      );
    });

    it('refuses an installation token', async () => {
      const token = api.addUser({ login: 'github-actions', kind: 'installation' });
      expect((await call('/user/memberships/orgs/acme', token)).status).to.equal(403);
    });
  });

  it('answers 404 to every other path and method', async () => {
    const token = api.addUser({ login: 'octocat' });
    for (const path of [
      '/users/octocat',
      '/user/',
      '/user/orgs',
      '/user/memberships/orgs/acme/',
      '/user/memberships/orgs/a/b',
    ]) {
      expect((await call(path, token)).status, path).to.equal(404);
    }
    expect((await fetch(`${api.url}/user`, { method: 'DELETE' })).status).to.equal(404);
  });

  it('lists the memberships that a token may tell of', async () => {
    const memberships = { acme: 'active', globex: 'active', initech: 'pending' } as const;
    const list = async (token: string, query = '') => {
      const response = await fetch(`${api.url}/user/memberships/orgs${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const body = (await response.json()) as { organization: { login: string } }[];
      return response.status === 200
        ? body.map(({ organization }) => organization.login)
        : response.status;
    };
    const user = { login: 'lister', memberships };
    const token = api.addUser({ ...user, barriers: { globex: 'app_blocked' } });
    expect(await list(token)).to.deep.equal(['acme', 'initech']);
    expect(await list(token, '?state=active')).to.deep.equal(['acme']);
    expect(await list(api.addUser({ ...user, scopes: [] }))).to.equal(403);
  });

  it('lives under a base path if asked to, like GitHub Enterprise Server', async () => {
    const enterprise = await startGitHubApi({ basePath: '/api/v3' });
    const token = enterprise.addUser({ login: 'octocat' });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${enterprise.url}/user`, { headers })).status).to.equal(200);
    expect((await fetch(enterprise.url.replace('/api/v3', '/user'), { headers })).status).to.equal(
      404,
    );
    await enterprise.stop();
  });

  it('answers 400 to an API version that does not exist', async () => {
    const token = api.addUser({ login: 'octocat' });
    expect((await call('/user', token, { 'x-github-api-version': '2022-11-28' })).status).to.equal(
      200,
    );
    const answer = await call('/user', token, { 'x-github-api-version': '2020-01-01' });
    expect(answer.status).to.equal(400);
    expect(answer.body['message']).to.match(/2020-01-01/);
  });

  it('answers 403 in HTML to a request without a User-Agent', async () => {
    const status = await new Promise((resolve, reject) => {
      httpRequest(`${api.url}/user`, (response) => {
        resolve([response.statusCode, response.headers['content-type']]);
      })
        .on('error', reject)
        .end();
    });
    expect(status).to.deep.equal([403, 'text/html']);
  });

  it('counts requests by person and refuses those beyond the limit', async () => {
    const small = await startGitHubApi({ rateLimit: 2 });
    const [one, other] = [
      small.addUser({ login: 'octocat' }),
      small.addUser({ login: 'OCTOCAT', kind: 'app_user' }),
    ];
    const get = (token: string) =>
      fetch(`${small.url}/user`, { headers: { authorization: `Bearer ${token}` } });
    expect((await get(one)).headers.get('x-ratelimit-remaining')).to.equal('1');
    expect((await get(other)).headers.get('x-ratelimit-remaining')).to.equal('0');
    const refused = await get(one);
    expect(refused.status).to.equal(403);
    expect(await refused.json())
      .to.have.property('message')
      .that.matches(/^API rate limit exceeded for user ID/);
    expect(Number(refused.headers.get('x-ratelimit-reset'))).to.be.closeTo(
      Date.now() / 1000 + 3600,
      5,
    );
    await small.stop();
  });

  it('sends the rate limit with every answer, that of strangers with a 401', async () => {
    const token = api.addUser({ login: 'octocat' });
    expect((await call('/user', token)).headers.get('x-ratelimit-limit')).to.equal('5000');
    expect((await call('/user', 'nonsense')).headers.get('x-ratelimit-limit')).to.equal('60');
  });

  it('records requests without the token, yet knows which one was sent', async () => {
    const token = api.addUser({ login: 'octocat' });
    await call('/user/memberships/orgs/acme?x=1', token, { 'x-github-api-version': '2022-11-28' });
    const [request] = api.requests;
    expect(request).to.include({
      method: 'GET',
      path: '/user/memberships/orgs/acme?x=1',
      scheme: 'Bearer',
    });
    expect(request?.headers).to.include({ 'x-github-api-version': '2022-11-28' });
    expect(JSON.stringify(api.requests)).not.to.contain(token);
    expect(request?.carries(token)).to.equal(true);
    expect(request?.carries(randomToken('classic'))).to.equal(false);
    expect(api.counts).to.deep.equal({ user: 0, membership: 1 });
  });

  const call = (path: string, token?: string, headers?: Record<string, string>, scheme?: string) =>
    callGitHub(api, path, token, headers, scheme);
});
