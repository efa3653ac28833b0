import { expect } from 'chai';
import { errorOf } from '../support/error-of.js';
import { callGitHub } from '../support/github/call-github.js';
import { startGitHubApi, type GitHubApi } from '../support/github/github-api.js';
import { checkGitHubResponse, GitHubContractViolation } from '../support/github/github-contract.js';
import {
  PREFIXES,
  randomStatelessInstallationToken,
  randomToken,
} from '../support/github/github-tokens.js';

describe("the local double of GitHub's API, held against GitHub's own description,", () => {
  let api: GitHubApi;
  const call = (path: string, token: string) => callGitHub(api, path, token);

  beforeEach(async () => {
    api = await startGitHubApi();
  });

  afterEach(() => api.stop());

  it('answers 500 in place of a user that GitHub could not have sent, and fails when it is stopped', async () => {
    const token = api.addUser({ login: 'octocat', profile: { login: 42 } });
    expect((await call('/user', token)).status).to.equal(500);
    expect(api.violations).to.have.lengthOf(1);
    expect(await errorOf(api.stop()))
      .to.be.instanceOf(GitHubContractViolation)
      .with.property('message')
      .that.matches(/GET \/user 200: .*\/login must be string/);
  });

  it('finds what is missing, of the wrong type or not one of the allowed values', async () => {
    const token = api.addUser({ login: 'octocat', memberships: { acme: 'active' } });
    const { body } = await call('/user/memberships/orgs/acme', token);
    const check = (changes: Record<string, unknown>) => () => {
      checkGitHubResponse('/user/memberships/orgs/{org}', 200, { ...body, ...changes });
    };
    expect(check({})).not.to.throw();
    expect(check({ user: null }), 'nullable').not.to.throw();
    expect(check({ state: 'expelled' })).to.throw(GitHubContractViolation, /state/);
    expect(check({ organization: {} })).to.throw(GitHubContractViolation, /required/);
    expect(check({ organization_url: 'not a URI' })).to.throw(
      GitHubContractViolation,
      /organization_url/,
    );
    expect(() => {
      checkGitHubResponse('/user', 404, { message: 404 });
    }).to.throw(GitHubContractViolation);
    expect(() => {
      checkGitHubResponse('/user', 204, {});
    }).to.throw(GitHubContractViolation);
  });

  it('makes up tokens in the form of each kind', () => {
    expect(randomToken('classic')).to.match(/^ghp_[A-Za-z0-9]{36}$/);
    expect(randomToken('fine_grained')).to.match(/^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}$/);
    expect(randomStatelessInstallationToken())
      .to.match(/^ghs_[A-Za-z0-9._-]{400,}$/)
      .and.satisfy((token: string) => token.split('.').length === 3);
    expect(Object.keys(PREFIXES)).to.have.lengthOf(5);
  });
});
