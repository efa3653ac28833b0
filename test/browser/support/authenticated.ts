import { startGitHubApi } from '../../support/github/github-api.js';
import type { GitHubApi } from '../../support/github/github-api.js';
import { startOidcIssuer } from '../../support/oidc/oidc-issuer.js';
import type { OidcIssuer } from '../../support/oidc/oidc-issuer.js';
import type { Processes } from '../../support/process.js';

/** A service with authentication on, in a process of its own, and the two parties that it trusts. */
export interface AuthenticatedProcess {
  readonly apiUrl: string;
  readonly issuer: OidcIssuer;
  readonly gitHub: GitHubApi;
  /** Stops the two; the process ends with the others. */
  stop(): Promise<unknown>;
}

/** Starts the compiled service for the organisation `acme`. */
export async function startAuthenticated(processes: Processes): Promise<AuthenticatedProcess> {
  const [issuer, gitHub] = await Promise.all([startOidcIssuer(), startGitHubApi()]);
  const { apiUrl } = await processes.start(
    {
      AUTH_ENABLED: 'true',
      ALLOWED_ORGANISATIONS: 'acme',
      GITHUB_OIDC_ISSUER: issuer.url,
      GITHUB_API_URL: gitHub.url,
      SQLITE_PATH: `${processes.folder}/authenticated.db`,
    },
    'dist/main.js',
  );
  return { apiUrl, issuer, gitHub, stop: () => Promise.all([issuer.stop(), gitHub.stop()]) };
}
