import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Barrier } from '../support/github/github-responses.js';
import type { NewUser } from '../support/github/github-accounts.js';
import { randomToken } from '../support/github/github-tokens.js';
import type { TokenKind } from '../support/github/github-tokens.js';
import { expectProblem } from '../support/http.js';

describe('a personal access token that does not open the door', () => {
  const running = authenticateAll();
  let users = 0;

  afterEach(() => {
    running.now.gitHub.faults.clear();
  });

  /** Lists with the token of a user, new to GitHub and an active member unless told otherwise. */
  function listAs(user: Partial<NewUser>) {
    const { service, gitHub } = running.now;
    const login = `mona-${(users += 1)}`;
    const token = gitHub.addUser({ login, memberships: { Acme: 'active' }, ...user });
    return send(service, { token, organisation: 'acme' });
  }

  function expectForbidden(response: Response, detail: string): void {
    expectProblem(response, 403, 'forbidden', detail);
    expect(response.headers).not.to.have.any.keys('www-authenticate', 'retry-after');
  }

  const strange =
    "The token's user is not a member of the organisation, or the token may not tell: a classic " +
    'token needs the scope read:org, a fine-grained one the organisation permission ' +
    '"Members: read" of acme';

  it('is refused when its user is a stranger to the organisation', async () => {
    expectForbidden(await listAs({ memberships: { globex: 'active' } }), strange);
  });

  it('is refused while its user has not accepted the invitation', async () => {
    expectForbidden(
      await listAs({ memberships: { acme: 'pending' } }),
      "The token's user has not yet accepted the invitation to the organisation acme",
    );
  });

  const lacking =
    "The token's user uses a token without the scope read:org (classic) or the organisation " +
    'permission "Members: read", or one that is blocked by, acme';
  const barriers: [barrier: Barrier, kind: TokenKind, detail: string][] = [
    [
      'saml',
      'classic',
      "The token's user must authorise the token for single sign-on (in GitHub's settings of the " +
        'token) of acme',
    ],
    ['no_permission', 'fine_grained', lacking],
    ['no_permission', 'app_user', lacking],
    ['app_blocked', 'oauth', lacking],
    [
      'classic_forbidden',
      'classic',
      "The token's user cannot use a classic personal access token, by the policy of acme",
    ],
    [
      'ip_allow_list',
      'classic',
      "The token's user cannot be asked about, because this service's address is not on the IP " +
        'allow list of acme',
    ],
  ];
  for (const [barrier, kind, detail] of barriers) {
    it(`is refused with words of help behind a barrier: ${barrier} (${kind})`, async () => {
      const response = await listAs({ kind, barriers: { acme: barrier } });
      expectForbidden(response, detail);
      expect(response.text).not.to.include('authorization_request');
    });
  }

  it('is refused when it is a classic one without the scope that GitHub wants', async () => {
    const response = await listAs({ scopes: ['gist'] });
    expectProblem(response, 403, 'forbidden', /read:org/);
  });

  it('is refused with a word on single sign-on also when GitHub hides that behind 404', async () => {
    const url = 'https://github.com/orgs/acme/sso?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgm';
    running.now.gitHub.faults.set(
      {
        kind: 'answer',
        status: 404,
        headers: { 'content-type': 'application/json', 'x-github-sso': `required; url=${url}` },
        body: JSON.stringify({ message: 'Not Found', status: '404' }),
      },
      { matches: (path) => path.includes('/memberships/') },
    );
    expectProblem(await listAs({}), 403, 'forbidden', /single sign-on/);
  });

  for (const prefix of ['ghp_', 'gho_', 'ghu_', 'ghr_', 'github_pat_', '']) {
    it(`is refused with 401 when GitHub does not know it: ${prefix || 'without a prefix'}`, async () => {
      const { service } = running.now;
      const token = prefix + randomToken('classic').slice(4);
      const response = await send(service, { token, organisation: 'acme' });
      const detail = 'GitHub does not know the token: expired or revoked?';
      expectProblem(response, 401, 'unauthenticated', detail);
      expect(response.headers['www-authenticate']).to.equal('Bearer');
    });
  }
});
