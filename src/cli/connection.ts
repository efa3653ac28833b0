import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import {
  createClient,
  CredentialsUnavailable,
  gitHubActions,
  gitHubToken,
  noCredentials,
} from '../client/client.js';
import type { Credentials, DeploymentQueueClient } from '../client/client.js';
import { isLoopbackUrl } from '../platform/loopback.js';
import { proxiedFetch, proxiesOf } from '../platform/proxied-fetch.js';
import type { Fetch } from '../platform/proxied-fetch.js';
import { isInstallationToken } from '../platform/token-formats.js';
import { durationOf } from './arguments.js';
import { UsageError } from './failure.js';

/** Variables by name; an empty one counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where tokens are. */
export const tokenVariables = [
  'DEPLOYMENT_QUEUE_TOKEN',
  'GITHUB_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
] as const;

const ways = ['auto', 'actions', 'token', 'none'] as const;

const connectionOptions = [
  ['--url <url>', 'where the service is, without /v1', 'DEPLOYMENT_QUEUE_URL'],
  ['--organisation <login>', 'your GitHub organisation', 'DEPLOYMENT_QUEUE_ORGANISATION'],
  ['--auth <way>', `how to authenticate: ${ways.join(', ')}`, 'DEPLOYMENT_QUEUE_AUTH'],
  ['--audience <audience>', 'the audience of the OIDC token', 'DEPLOYMENT_QUEUE_AUDIENCE'],
  [
    '--retry-timeout <duration>',
    'how long to try again, such as 10s',
    'DEPLOYMENT_QUEUE_RETRY_TIMEOUT',
  ],
  [
    '--allow-insecure-http',
    'send requests, and the token with them, over plain http to another machine',
    'DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP',
  ],
] as const;

/** What every command is told about the service; flags win over the environment. */
export function addConnectionOptions(command: Command): void {
  for (const [flags, description, variable] of connectionOptions) {
    command.addOption(
      new Option(flags, `${description} [${variable}]`).helpGroup('Service options:'),
    );
  }
  command.addOption(
    new Option('--json', 'print what the API answered, as JSON').helpGroup('Output options:'),
  );
}

/** Where the settings come from, for the help. */
export const connectionHelp = `
Environment:
  DEPLOYMENT_QUEUE_URL           as --url, which wins; so with the others
  DEPLOYMENT_QUEUE_ORGANISATION  as --organisation; not needed with an OIDC token
  DEPLOYMENT_QUEUE_AUTH          as --auth
  DEPLOYMENT_QUEUE_AUDIENCE      as --audience; deployment-queue-api unless set
  DEPLOYMENT_QUEUE_RETRY_TIMEOUT      as --retry-timeout: how long to try again while the service is
                                 out of reach; 1m unless set
  DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP  as --allow-insecure-http; true or false
  DEPLOYMENT_QUEUE_TOKEN         a GitHub token of a person, or else
  GITHUB_TOKEN                   one that is used where no OIDC token can be had
  HTTPS_PROXY, HTTP_PROXY        proxies, and in NO_PROXY the hosts that need none
  NODE_EXTRA_CA_CERTS            a file with certificates of authorities of your own

Authentication (--auth auto, unless set): DEPLOYMENT_QUEUE_TOKEN if it is set; in a
GitHub Actions job with "permissions: id-token: write" the OIDC token of the job;
GITHUB_TOKEN with an organisation; none for a service on this machine. The GITHUB_TOKEN
that Actions makes for each job (ghs_...) belongs to nobody and is never sent.
"actions", "token" and "none" insist on one of these ways. There is no option for the
token, since other users of a machine can read command lines.`;

/**
 * A client for what the flags and the environment say.
 *
 * @param session.mask told of each token before it is sent
 * @throws UsageError
 * @throws CredentialsUnavailable there is nothing to authenticate with, and what to do about it
 */
export function connect(
  command: Command,
  session: { readonly environment: Environment; readonly mask: (secret: string) => void },
): DeploymentQueueClient {
  const { environment, mask } = session;
  const flags = flagsOf(command);
  const variable = (name: string) => (environment[name] === '' ? undefined : environment[name]);
  const baseUrl = flags.url ?? variable('DEPLOYMENT_QUEUE_URL');
  if (baseUrl === undefined) {
    throw new UsageError('where is the service? Set DEPLOYMENT_QUEUE_URL, or use --url');
  }
  const url = urlOf(baseUrl);
  const insecure = variable('DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP') ?? 'false';
  if (!/^(true|false)$/.test(insecure)) {
    throw new UsageError('DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP must be true or false');
  }
  const allowInsecureHttp = flags.allowInsecureHttp ?? insecure === 'true';
  const fetch = fetchOf(environment);
  const credentials = credentialsFor({
    way: flags.auth ?? variable('DEPLOYMENT_QUEUE_AUTH') ?? 'auto',
    local: isLoopbackUrl(url),
    organisation: flags.organisation ?? variable('DEPLOYMENT_QUEUE_ORGANISATION'),
    audience: flags.audience ?? variable('DEPLOYMENT_QUEUE_AUDIENCE'),
    token: variable('DEPLOYMENT_QUEUE_TOKEN'),
    gitHubToken: variable('GITHUB_TOKEN'),
    allowInsecureHttp,
    environment,
    fetch,
  });
  const retryTimeout = flags.retryTimeout ?? variable('DEPLOYMENT_QUEUE_RETRY_TIMEOUT');
  try {
    const retry = retryTimeout === undefined ? {} : { timeoutMs: durationOf(retryTimeout) };
    const masked = masking(credentials, mask);
    return createClient({ baseUrl, credentials: masked, retry, allowInsecureHttp, fetch });
  } catch (error) {
    if (error instanceof InvalidArgumentError) {
      throw new UsageError(`--retry-timeout: ${error.message}`, { cause: error });
    }
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message.replace('baseUrl', 'the URL'), { cause: error });
  }
}

function fetchOf(environment: Environment): Fetch {
  try {
    return proxiedFetch(proxiesOf(environment));
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** The same credentials, whose tokens are told to `mask` before they are sent. */
function masking(credentials: Credentials, mask: (secret: string) => void): Credentials {
  return {
    ...credentials,
    async headers(signal) {
      const headers = await credentials.headers(signal);
      mask(headers['Authorization']?.replace(/^Bearer /, '') ?? '');
      return headers;
    },
  };
}

/** Options may stand before the command's name as well. */
function flagsOf(command: Command): Flags {
  const before = command.parent === null ? {} : flagsOf(command.parent);
  return { ...before, ...command.opts<Flags>() };
}

function urlOf(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('the URL must be an http or https URL, such as https://queue.example.com');
  }
  return url;
}

interface Flags {
  readonly url?: string;
  readonly organisation?: string;
  readonly auth?: string;
  readonly audience?: string;
  readonly retryTimeout?: string;
  readonly allowInsecureHttp?: true;
}

interface ConnectionSettings {
  readonly way: string;
  /** Whether the service is on this machine. */
  readonly local: boolean;
  readonly organisation: string | undefined;
  readonly audience: string | undefined;
  readonly token: string | undefined;
  readonly gitHubToken: string | undefined;
  readonly allowInsecureHttp: boolean;
  readonly environment: Environment;
  readonly fetch: Fetch;
}

function credentialsFor(settings: ConnectionSettings): Credentials {
  const { way } = settings;
  switch (way) {
    case 'auto':
      return automatic(settings);
    case 'actions':
      return gitHubActions(settings);
    case 'token':
      return personal(settings.token ?? settings.gitHubToken, settings.organisation);
    case 'none':
      return noCredentials(settings.organisation);
    default:
      throw new UsageError(`--auth must be one of ${ways.join(', ')}`);
  }
}

function automatic(settings: ConnectionSettings): Credentials {
  const { local, organisation, token, gitHubToken: usual, environment } = settings;
  if (token !== undefined) return personal(token, organisation);
  if (environment['ACTIONS_ID_TOKEN_REQUEST_URL']) return gitHubActions(settings);
  const ofAPerson = usual !== undefined && !isInstallationToken(usual);
  if (ofAPerson && organisation !== undefined) return personal(usual, organisation);
  if (local) return noCredentials(organisation);
  // In a job this says which permission is missing.
  if (environment['GITHUB_ACTIONS'] === 'true') return gitHubActions(settings);
  return personal(usual, organisation);
}

function personal(token: string | undefined, organisation: string | undefined): Credentials {
  if (token === undefined) {
    throw new CredentialsUnavailable(
      'there is nothing to authenticate with: set DEPLOYMENT_QUEUE_TOKEN to a GitHub token (gh auth token prints one), and DEPLOYMENT_QUEUE_ORGANISATION',
    );
  }
  if (isInstallationToken(token)) {
    throw new CredentialsUnavailable(
      'an installation token (ghs_), such as the GITHUB_TOKEN of a job, belongs to nobody and is not sent: in GitHub Actions give the job "permissions: id-token: write" and no token, elsewhere use a token of a person',
    );
  }
  if (organisation === undefined) {
    throw new CredentialsUnavailable(
      'a GitHub token needs the organisation that it is used for: set DEPLOYMENT_QUEUE_ORGANISATION, or use --organisation',
    );
  }
  return gitHubToken(token, organisation);
}
