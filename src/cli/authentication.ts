import {
  CredentialsUnavailable,
  gitHubActions,
  gitHubToken,
  noCredentials,
} from '../client/client.js';
import type { Credentials } from '../client/client.js';
import type { Fetch } from '../platform/proxied-fetch.js';
import { isInstallationToken } from '../platform/token-formats.js';
import type { Environment } from './environment.js';
import { UsageError } from './failure.js';

/** The ways to authenticate: by itself, or one that is insisted on. */
export const ways = ['auto', 'actions', 'token', 'none'] as const;

/** What there is to authenticate with. */
export interface Means {
  readonly way: string;
  /** Whether the service is on this machine. */
  readonly local: boolean;
  readonly organisation: string | undefined;
  readonly audience: string | undefined;
  /** `DEPLOYMENT_QUEUE_TOKEN` */
  readonly token: string | undefined;
  /** What `login` wrote down for this service. */
  readonly savedToken: string | undefined;
  /** `GITHUB_TOKEN` */
  readonly gitHubToken: string | undefined;
  readonly allowInsecureHttp: boolean;
  readonly environment: Environment;
  readonly fetch: Fetch;
}

/** Credentials, and where they are from. */
export interface Chosen {
  readonly credentials: Credentials;
  readonly source: string;
}

/**
 * The credentials of the way that is insisted on, or of the first one that there is.
 *
 * @throws UsageError there is no such way
 * @throws CredentialsUnavailable there is nothing to authenticate with, and what to do about it
 */
export function chooseCredentials(means: Means): Chosen {
  switch (means.way) {
    case 'auto':
      return automatic(means);
    case 'actions':
      return ofTheJob(means);
    case 'token':
      return personal(means);
    case 'none':
      return none(means);
    default:
      throw new UsageError(`--auth must be one of ${ways.join(', ')}`);
  }
}

function automatic(means: Means): Chosen {
  const { local, organisation, token, savedToken, gitHubToken: usual, environment } = means;
  if (token !== undefined) return personal(means);
  if (environment['ACTIONS_ID_TOKEN_REQUEST_URL']) return ofTheJob(means);
  if (savedToken !== undefined) return personal(means);
  const ofAPerson = usual !== undefined && !isInstallationToken(usual);
  if (ofAPerson && organisation !== undefined) return personal(means);
  if (local) return none(means);
  // In a job this says which permission is missing.
  if (environment['GITHUB_ACTIONS'] === 'true') return ofTheJob(means);
  return personal(means);
}

function none({ organisation }: Means): Chosen {
  return { credentials: noCredentials(organisation), source: 'none' };
}

function ofTheJob(means: Means): Chosen {
  return { credentials: gitHubActions(means), source: 'the OIDC token of the job' };
}

function personal({ token, savedToken, gitHubToken: usual, organisation }: Means): Chosen {
  const [found] = [
    { value: token, source: 'DEPLOYMENT_QUEUE_TOKEN' },
    { value: savedToken, source: 'login' },
    { value: usual, source: 'GITHUB_TOKEN' },
  ].filter(({ value }) => value !== undefined);
  if (found?.value === undefined) {
    throw new CredentialsUnavailable(
      'there is nothing to authenticate with: deployment-queue login asks for it once; or set DEPLOYMENT_QUEUE_TOKEN to a GitHub token, and DEPLOYMENT_QUEUE_ORGANISATION',
    );
  }
  if (isInstallationToken(found.value)) {
    throw new CredentialsUnavailable(
      'an installation token (ghs_), such as the GITHUB_TOKEN of a job, belongs to nobody and is not sent: in GitHub Actions give the job "permissions: id-token: write" and no token, elsewhere use a token of a person',
    );
  }
  if (organisation === undefined) {
    throw new CredentialsUnavailable(
      'a GitHub token needs the organisation that it is used for: set DEPLOYMENT_QUEUE_ORGANISATION, or use --organisation',
    );
  }
  return { credentials: gitHubToken(found.value, organisation), source: found.source };
}
