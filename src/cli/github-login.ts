import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createOAuthDeviceAuth } from '@octokit/auth-oauth-device';
import { request } from '@octokit/request';
import { CredentialsUnavailable } from '../client/client.js';
import { variable } from './environment.js';
import type { Environment } from './environment.js';
import { messageOf } from './failure.js';

/** Where people log in to GitHub. */
export function gitHubUrl(environment: Environment): string {
  return (variable(environment, 'GITHUB_SERVER_URL') ?? 'https://github.com').replace(/\/$/, '');
}

/**
 * A token by the device flow: the person types a code into a page of GitHub's.
 *
 * See https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow.
 *
 * @param clientId of the OAuth app
 * @param tell told what to type, and where
 * @throws CredentialsUnavailable it was not granted
 */
export async function deviceFlow(
  clientId: string,
  environment: Environment,
  tell: (code: string, page: string) => void,
): Promise<string> {
  const auth = createOAuthDeviceAuth({
    clientType: 'oauth-app',
    clientId,
    // What the service asks GitHub for, the membership, needs no more.
    scopes: ['read:org'],
    request: request.defaults({ baseUrl: gitHubUrl(environment) }),
    onVerification: ({ user_code, verification_uri }) => {
      tell(user_code, verification_uri);
    },
  });
  try {
    const { token } = await auth({ type: 'oauth' });
    return token;
  } catch (error) {
    throw new CredentialsUnavailable(`GitHub gave no token: ${messageOf(error)}`, { cause: error });
  }
}

/** The token of GitHub's own command line, `gh`, where it is installed and logged in. */
export async function tokenOfGh(environment: Environment): Promise<string | undefined> {
  const { hostname } = new URL(gitHubUrl(environment));
  try {
    const { stdout } = await promisify(execFile)('gh', ['auth', 'token', '--hostname', hostname], {
      env: { ...environment },
    });
    const token = stdout.trim();
    return token === '' ? undefined : token;
  } catch {
    return undefined;
  }
}
