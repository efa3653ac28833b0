import { expect } from 'chai';
import type { Response } from 'supertest';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { refusalLine } from '../support/auth-log.js';
import { refusal } from '../support/github/github-faults.js';
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

  const singleSignOn =
    'acme wants single sign-on, and the token is not authorised for it: choose "Configure SSO" in ' +
    "GitHub's settings of the token; the token of an app is made anew after signing in to it";
  const lacking =
    'The GitHub App that the token is of lacks the organisation permission "Members: read", or is not ' +
    'installed in acme: an owner of it can change both';
  const lifetime = (days: number) =>
    `acme, or its enterprise, takes no token with a lifetime of more than ${days} days: shorten it in ` +
    "GitHub's settings of the token, or make a new one";
  const apps =
    'acme restricts OAuth apps, and has not approved the one that the token is of: an owner of it can, ' +
    'or use a personal access token';
  const addresses =
    "acme has an IP allow list on which this service's address is not: an owner of it can add it";
  const noClassic =
    'acme, or its enterprise, forbids classic personal access tokens: use a fine-grained one';
  const noFineGrained =
    'acme, or its enterprise, forbids fine-grained personal access tokens: use a classic one, or ask an ' +
    'owner of it';
  const permission =
    'The token lacks the organisation permission "Members: read" of acme: make it with acme as its ' +
    'resource owner and this permission; an owner may have to approve it';
  const suspended = "GitHub has suspended the token's account: turn to the support of GitHub";
  const scope = "The token lacks the scope read:org: add it in GitHub's settings of the token";

  const barriers: [barrier: Barrier, kind: TokenKind, detail: string][] = [
    ['saml', 'classic', singleSignOn],
    ['saml', 'oauth', singleSignOn],
    ['no_permission', 'fine_grained', permission],
    ['no_permission', 'app_user', lacking],
    ['app_blocked', 'oauth', apps],
    ['classic_forbidden', 'classic', noClassic],
    ['fine_grained_forbidden', 'fine_grained', noFineGrained],
    ['token_lifetime', 'fine_grained', lifetime(366)],
    ['ip_allow_list', 'classic', addresses],
  ];
  for (const [barrier, kind, detail] of barriers) {
    it(`is refused with words of help behind a barrier: ${barrier} (${kind})`, async () => {
      const response = await listAs({ kind, barriers: { acme: barrier } });
      expectForbidden(response, detail);
      expect(response.text).not.to.match(/authorization_request|https?:|12885303/);
    });
  }

  const said: [words: string, detail: string][] = [
    ['Sorry. Your account was suspended.', suspended],
    ['Sorry. Your account was suspended', suspended],
    ['Your account is suspended. Please visit https://support.github.com', suspended],
    [
      "The 'Wayne Enterprises' enterprise forbids access via a fine-grained personal access tokens if the " +
        "token's lifetime is greater than 90 days. Please adjust your token's lifetime at the following " +
        'URL: https://github.com/settings/personal-access-tokens/4277325',
      lifetime(90),
    ],
    [
      "`acme` forbids access via a personal access token (classic) if the token's lifetime is greater " +
        'than 30 days.',
      lifetime(30),
    ],
    [
      'Resource protected by organization SAML enforcement. You must grant your Personal Access token ' +
        'access to an organization within this enterprise.',
      singleSignOn,
    ],
    ['`acme` forbids access via a personal access tokens (classic).', noClassic],
    ['You need at least read:org scope or user scope to get your organization membership.', scope],
    [
      'Although you appear to have the correct authorization credentials, the `acme` organization has an ' +
        'IP allow list enabled, and 203.0.113.7 is not permitted to access this resource.',
      addresses,
    ],
  ];
  const operations = {
    'GET /user': '/user',
    'the membership': '/user/memberships/orgs/acme',
  };
  for (const [operation, path] of Object.entries(operations)) {
    for (const [words, detail] of said) {
      it(`is refused in words of our own when ${operation} gets "${words.slice(0, 60)}"`, async () => {
        running.now.gitHub.faults.set(refusal(words), { matches: (asked) => asked === path });
        const response = await listAs({});
        expectForbidden(response, detail);
        expect(response.text).not.to.match(/https?:|4277325|Wayne|203\.0\.113/);
      });
    }
  }

  const unknown =
    "GitHub refuses to tell whether the token's user is a member of acme, for a reason that is new to " +
    'this service: "gh api /user/memberships/orgs/acme" with the same token shows it';

  it('is refused without the words of GitHub that are new, of which the log has the plain ones', async () => {
    const { service, gitHub } = running.now;
    const token = randomToken('classic');
    const words =
      `The enterprise \`wayne-enterprises\` (id 90210471) and its owner @bruce block ${token} until you ` +
      `read https://example.com/rules?user=583231 from 203.0.113.7, ${'and so on, '.repeat(10_000)}`;
    gitHub.faults.set(refusal(words), { matches: (path) => path.includes('/memberships/') });
    const response = await listAs({});
    expectForbidden(response, unknown);
    const line = await refusalLine(service, String(response.headers['x-request-id']));
    expect(line['reason']).to.match(
      /^GitHub: The enterprise … \(id … and its owner … block … until you read … from … and so on, and so/,
    );
    expect(line['reason']).to.have.length.below(302);
    for (const secret of ['wayne', '90210471', 'bruce', token, 'example.com', '203.0']) {
      expect(JSON.stringify([response.body, service.logs]).includes(secret), secret).to.equal(
        false,
      );
    }
  });

  it('is refused when it is a classic one without the scope that GitHub wants', async () => {
    const response = await listAs({ scopes: ['gist'] });
    expectProblem(response, 403, 'forbidden', /read:org/);
  });

  it('is refused with a word on single sign-on also when GitHub hides that behind 404', async () => {
    const url = 'https://github.com/orgs/acme/sso?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgm';
    for (const sso of [
      `required; url=${url}`,
      'partial-results; organizations=21955855,20582480',
    ]) {
      running.now.gitHub.faults.set(
        {
          kind: 'answer',
          status: 404,
          headers: { 'content-type': 'application/json', 'x-github-sso': sso },
          body: JSON.stringify({ message: 'Not Found', status: '404' }),
        },
        { times: 1, matches: (path) => path.includes('/memberships/') },
      );
      const response = await listAs({});
      expectForbidden(response, singleSignOn);
      expect(response.text).not.to.match(/authorization_request|21955855/);
    }
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
