import { randomBytes } from 'node:crypto';
import { planFaults, playFault } from '../faults.js';
import type { FaultPlan } from '../faults.js';
import { listenOnLoopback } from '../loopback-server.js';
import type { Claims } from './actions-claims.js';
import type { OidcIssuer } from './oidc-issuer.js';

/** The address at which a job of GitHub Actions asks for its OIDC token. */
export interface ActionsTokens {
  /** What Actions sets for a job with `permissions: id-token: write`. */
  readonly environment: Readonly<Record<string, string>>;
  /** The tokens given so far. */
  readonly given: readonly string[];
  /** Claims of the tokens given from now on, on top of a job's. */
  claims: Claims;
  readonly faults: FaultPlan;
  stop(): Promise<void>;
}

/**
 * Starts a double of the endpoint behind `ACTIONS_ID_TOKEN_REQUEST_URL`: it wants the job's request
 * token, and answers `{"count": …, "value": …}` with a token for the audience asked for. See
 * https://docs.github.com/en/actions/reference/security/oidc.
 *
 * @param issuer whose tokens it gives
 */
export async function startActionsTokens(issuer: OidcIssuer): Promise<ActionsTokens> {
  const requestToken = randomBytes(24).toString('base64url');
  const faults = planFaults();
  const given: string[] = [];
  const server = await listenOnLoopback(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const fault = faults.take(url.pathname);
    if (fault !== undefined && (await playFault(fault, request, response))) return;
    const permitted = request.headers.authorization === `Bearer ${requestToken}`;
    if (!permitted || url.searchParams.get('api-version') !== '2.0') {
      response.writeHead(permitted ? 400 : 401).end();
      return;
    }
    // Without an audience, Actions names the owner of the repository.
    const audience = url.searchParams.get('audience') ?? 'https://github.com/acme';
    const value = issuer.sign({ aud: audience, ...tokens.claims });
    given.push(value);
    response
      .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
      .end(JSON.stringify({ count: value.length, value }));
  });
  const tokens: ActionsTokens = {
    environment: {
      GITHUB_ACTIONS: 'true',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/idtoken/run/job?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    },
    given,
    claims: {},
    faults,
    stop: () => server.stop(),
  };
  return tokens;
}
