import type { SnowflakeLogin, WorkloadIdentity } from './options.js';
import { readToken } from './token-file.js';

/**
 * What the driver is told of a login; tokens are read from their files for each.
 *
 * https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-authenticate
 */
export function loginOptions(login: SnowflakeLogin) {
  switch (login.kind) {
    case 'password':
      return { password: login.password };
    case 'key-pair':
      return { authenticator: 'SNOWFLAKE_JWT', privateKey: login.privateKey };
    case 'programmatic-access-token':
      return {
        authenticator: 'PROGRAMMATIC_ACCESS_TOKEN',
        token: readToken('SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH', login.path),
      };
    case 'oauth-client-credentials':
      return {
        authenticator: 'OAUTH_CLIENT_CREDENTIALS',
        oauthClientId: login.clientId,
        oauthClientSecret: login.clientSecret,
        oauthTokenRequestUrl: login.tokenUrl,
        ...(login.scope !== undefined && { oauthScope: login.scope }),
        // The settings let http lead to a loopback address only.
        oauthHttpAllowed: login.tokenUrl.startsWith('http:'),
      };
    case 'workload-identity':
      return { authenticator: 'WORKLOAD_IDENTITY', ...workloadIdentityOptions(login.identity) };
  }
}

function workloadIdentityOptions(identity: WorkloadIdentity) {
  const workloadIdentityProvider = identity.provider;
  switch (identity.provider) {
    case 'OIDC':
      return {
        workloadIdentityProvider,
        token: readToken('SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH', identity.path),
      };
    case 'AZURE':
      return {
        workloadIdentityProvider,
        ...(identity.clientId !== undefined && {
          workloadIdentityAzureClientId: identity.clientId,
        }),
        ...(identity.resource !== undefined && {
          workloadIdentityAzureEntraIdResource: identity.resource,
        }),
      };
    default:
      return {
        workloadIdentityProvider,
        ...(identity.impersonationPath.length > 0 && {
          workloadIdentityImpersonationPath: [...identity.impersonationPath],
        }),
      };
  }
}
