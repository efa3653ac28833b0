import { expect } from 'chai';
import { requireSound } from '../../src/domain/policies/faults.js';
import type { PolicyPut } from '../../src/domain/policies/policy.js';
import { serverOf } from '../../src/settings/authentication.js';
import type { AuthenticationSettings } from '../../src/settings/authentication.js';
import { invalidSettings, settingsWith } from '../support/settings.js';

describe('settings of authentication', () => {
  const { auth } = settingsWith();
  const { oidc, gitHub } = auth;

  const taken: [name: string, value: string, settings: AuthenticationSettings][] = [
    [
      'ALLOWED_ORGANISATIONS',
      'Acme, globex,initech',
      { ...auth, allowedOrganisations: new Set(['acme', 'globex', 'initech']) },
    ],
    [
      'ALLOWED_ORGANISATIONS',
      'Acme~65,globex',
      { ...auth, allowedOrganisations: new Set(['acme~65', 'globex']) },
    ],
    ['GITHUB_OIDC_AUDIENCE', 'queue', { ...auth, oidc: { ...oidc, audience: 'queue' } }],
    // It was off, and asked for nothing.
    ['OIDC_ALLOWED_ENVIRONMENTS_CLAIM', 'false', auth],
    ['JWKS_CACHE_TTL', '60', { ...auth, oidc: { ...oidc, keyLifetimeSeconds: 60 } }],
    [
      'GITHUB_API_VERSION',
      '2026-03-10',
      { ...auth, gitHub: { ...gitHub, apiVersion: '2026-03-10' } },
    ],
    [
      'ORG_MEMBERSHIP_CACHE_TTL',
      '1',
      { ...auth, gitHub: { ...gitHub, membershipLifetimeSeconds: 1 } },
    ],
    ['AUTH_FAILURES_PER_MINUTE', '0', { ...auth, failuresPerMinute: 0 }],
    ['LOG_REFUSALS_PER_SECOND', '5', { ...auth, refusalLinesPerSecond: 5 }],
  ];
  for (const [name, value, settings] of taken) {
    it(`take ${name}=${value}`, () => {
      expect(settingsWith({ [name]: value }).auth).to.deep.equal(settings);
    });
  }

  const url = 'must be an https URL without query (http is for a loopback address)';
  const logins =
    "must be GitHub organisations' logins, or login~id, separated by commas, or * alone for all";
  const login = "must be a GitHub organisation's login";
  const seconds = 'must be a number of seconds, 1 to 86400';
  const wrong: [name: string, value: string, fault: string][] = [
    ['ALLOWED_ORGANISATIONS', 'acme,,globex', logins],
    ['ALLOWED_ORGANISATIONS', 'acme;globex', logins],
    ['ALLOWED_ORGANISATIONS', 'acme,*', logins],
    ['ALLOWED_ORGANISATIONS', '**', logins],
    ['ALLOWED_ORGANISATIONS', 'acme*', logins],
    ['ALLOWED_ORGANISATIONS', '\u212aelvin', logins],
    ['ALLOWED_ORGANISATIONS', '\uff21cme', logins],
    ['ALLOWED_ORGANISATIONS', '\u0130nitech', logins],
    ['ALLOWED_ORGANISATIONS', 'acme~', logins],
    ['ALLOWED_ORGANISATIONS', 'acme~0', logins],
    ['ALLOWED_ORGANISATIONS', 'acme~x', logins],
    ['ALLOWED_ORGANISATIONS', '~65', logins],
    ['DEV_ORGANISATION', '\u212aelvin', login],
    ['DEV_ORGANISATION', 'acme~65', login],
    ['GITHUB_OIDC_ISSUER', 'token.actions.githubusercontent.com', url],
    ['GITHUB_OIDC_ISSUER', 'http://issuer.example', url],
    ['GITHUB_API_URL', 'http://api.github.com', url],
    ['GITHUB_API_URL', 'http://127.0.0.1.example', url],
    ['GITHUB_API_URL', 'https://user:secret@api.github.com', url],
    ['GITHUB_API_URL', 'https://api.github.com?a=b', url],
    ['GITHUB_API_URL', 'ftp://api.github.com', url],
    ['GITHUB_API_VERSION', 'latest', "must be a version of GitHub's API, such as 2022-11-28"],
    ['JWKS_CACHE_TTL', '0', seconds],
    ['JWKS_CACHE_TTL', '86401', seconds],
    ['ORG_MEMBERSHIP_CACHE_TTL', '5m', seconds],
    ['AUTH_FAILURES_PER_MINUTE', '-1', 'must be a number of refused tokens, 0 to 100000'],
    ['LOG_REFUSALS_PER_SECOND', 'all', 'must be a number of lines, 0 to 1000000'],
  ];
  for (const [name, value, fault] of wrong) {
    it(`refuse ${name}=${value}`, () => {
      expect(invalidSettings({ [name]: value }).faults).to.deep.equal([`${name} ${fault}`]);
    });
  }

  const missing =
    'ALLOWED_ORGANISATIONS must be set while AUTH_ENABLED is true: the logins of those who may call, ' +
    'such as acme,globex, or * for every organisation of GitHub';
  for (const environment of [{}, { AUTH_ENABLED: 'true' }, { LOG_LEVEL: 'info' }]) {
    it(`do not let everybody in unless they say so: ${JSON.stringify(environment)}`, () => {
      const unsaid = { ...environment, ALLOWED_ORGANISATIONS: '' };
      expect(invalidSettings(unsaid).faults).to.deep.equal([missing]);
    });
  }

  it('tell who may call beside all other faults', () => {
    const { faults } = invalidSettings({ ALLOWED_ORGANISATIONS: '', API_PORT: 'x', DEMO: 'true' });
    expect(faults).to.have.length(3).and.include(missing);
  });

  it('need nobody named while authentication is off, and take it', () => {
    for (const names of ['', 'acme', '*']) {
      const environment = { AUTH_ENABLED: 'false', ALLOWED_ORGANISATIONS: names };
      expect(settingsWith(environment).auth.enabled).to.equal(false);
    }
  });

  it('take * for everybody', () => {
    for (const everybody of ['*', ' * ']) {
      const { auth: open } = settingsWith({ ALLOWED_ORGANISATIONS: everybody });
      expect(open).to.include({ enabled: true, allowedOrganisations: undefined });
    }
  });

  const gitHubs: [what: string, issuer: string, api: string][] = [
    ['github.com', 'https://token.actions.githubusercontent.com', 'https://api.github.com'],
    ['Server', 'https://github.example/_services/token', 'https://github.example/api/v3'],
    ['ghe.com', 'https://token.actions.acme.ghe.com', 'https://api.acme.ghe.com'],
    ['an enterprise', 'https://token.actions.githubusercontent.com/acme', 'https://api.github.com'],
    ['this machine', 'http://127.0.0.1:8080', 'http://[::1]:8080/api/v3'],
  ];
  for (const [what, issuer, api] of gitHubs) {
    it(`take issuer and API of one GitHub, with a slash at the end or without: ${what}`, () => {
      for (const slash of ['', '/']) {
        const environment = { GITHUB_OIDC_ISSUER: issuer + slash, GITHUB_API_URL: api + slash };
        expect(settingsWith(environment).auth).to.deep.equal({
          ...auth,
          oidc: { ...oidc, issuer },
          gitHub: { ...gitHub, apiUrl: api, serverUrl: serverOf(api) },
        });
      }
    });
  }

  for (const [api, server] of [
    ['https://api.github.com', 'https://github.com'],
    ['https://api.octocorp.ghe.com', 'https://octocorp.ghe.com'],
    ['https://github.example.com/api/v3', 'https://github.example.com'],
  ] as const) {
    it(`know the pages of ${api}`, () => {
      expect(serverOf(api)).to.equal(server);
    });
  }

  const { issuer: gitHubIssuer } = oidc;
  const { apiUrl: gitHubApi } = gitHub;
  for (const [what, issuer, api] of gitHubs) {
    if (issuer === gitHubIssuer || api === gitHubApi) continue;
    it(`refuse one of them alone, and name both: ${what}`, () => {
      const why = 'must be of one GitHub, since its ids say whose data it is';
      expect(
        invalidSettings({ GITHUB_OIDC_ISSUER: issuer, GITHUB_API_URL: '' }).faults,
      ).to.deep.equal([
        `GITHUB_API_URL must be set as well: GITHUB_OIDC_ISSUER (${issuer}) and ` +
          `GITHUB_API_URL (not set, ${gitHubApi}) ${why}`,
      ]);
      expect(invalidSettings({ GITHUB_API_URL: api }).faults).to.deep.equal([
        `GITHUB_OIDC_ISSUER must be set as well: GITHUB_OIDC_ISSUER (not set, ${gitHubIssuer}) and ` +
          `GITHUB_API_URL (${api}) ${why}`,
      ]);
    });
  }

  it('refuse an issuer of an enterprise alone, too, and take what is as it would be anyway', () => {
    expect(invalidSettings({ GITHUB_OIDC_ISSUER: `${gitHubIssuer}/acme` }).faults).to.have.length(
      1,
    );
    expect(settingsWith({ GITHUB_OIDC_ISSUER: gitHubIssuer }).auth).to.deep.equal(auth);
    expect(settingsWith({ GITHUB_API_URL: `${gitHubApi}/` }).auth).to.deep.equal(auth);
  });

  it('name every fault at once', () => {
    const environment = Object.fromEntries(wrong.map(([name, value]) => [name, value]));
    const names = invalidSettings(environment).faults.map((fault) => fault.split(' ', 1).join());
    expect(names).to.have.members(Object.keys(environment));
  });

  it('refuse OIDC_ALLOWED_ENVIRONMENTS_CLAIM=true with the policy that replaces it', () => {
    const [fault = '', ...others] = invalidSettings({
      OIDC_ALLOWED_ENVIRONMENTS_CLAIM: 'true',
    }).faults;

    expect(others).to.deep.equal([]);
    const [, name, body = ''] = /PUT \/v1\/policies\/(\S+) (\{.*\})$/.exec(fault) ?? [];
    expect(name).to.equal('production');
    expect(() => {
      requireSound(JSON.parse(body) as PolicyPut);
    }).not.to.throw();
  });
});
