import { epochSeconds } from '../../test/support/oidc/actions-claims.js';
import { startGitHubApi } from '../../test/support/github/github-api.js';
import { startOidcIssuer } from '../../test/support/oidc/oidc-issuer.js';
import { tenant } from './seed.js';

/** The two that the service trusts, on this machine, and the tokens they vouch for. */
export interface Parties {
  /** Settings that make the service trust them. */
  readonly environment: Record<string, string>;
  /** A new OIDC token of the tenant, valid for most of an hour. */
  sign(): string;
  /** A personal access token of a member of the tenant. */
  readonly pat: string;
  stop(): Promise<void>;
}

export async function startParties(): Promise<Parties> {
  const [issuer, gitHub] = await Promise.all([startOidcIssuer(), startGitHubApi()]);
  return {
    environment: { GITHUB_OIDC_ISSUER: issuer.url, GITHUB_API_URL: gitHub.url },
    sign: () => issuer.sign({ repository_owner: tenant, exp: epochSeconds() + 3_500 }),
    pat: gitHub.addUser({ login: 'octocat', memberships: { [tenant]: 'active' } }),
    async stop() {
      await Promise.all([issuer.stop(), gitHub.stop()]);
    },
  };
}
