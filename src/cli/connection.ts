import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { createClient } from '../client/client.js';
import type { Credentials, DeploymentQueueClient } from '../client/client.js';
import { isLoopbackUrl } from '../platform/loopback-url.js';
import { proxiedFetch, proxiesOf } from '../platform/proxied-fetch.js';
import type { Fetch } from '../platform/proxied-fetch.js';
import { durationOf } from './arguments.js';
import { chooseCredentials, ways } from './authentication.js';
import { readConfig } from './config.js';
import { variable } from './environment.js';
import type { Environment } from './environment.js';
import { UsageError } from './failure.js';
import { printable } from './printable.js';
import type { Session } from './session.js';

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
  for (const [flags, description] of [
    ['--json', 'print what the API answered, as JSON'],
    ['--wide', 'show everything whole, however narrow the terminal'],
  ] as const) {
    command.addOption(new Option(flags, description).helpGroup('Output options:'));
  }
}

/** Which service is meant, and how it is reached. */
export interface Connection {
  readonly url: string;
  readonly organisation: string | undefined;
  /** Where the credentials are from. */
  readonly source: string;
  readonly client: DeploymentQueueClient;
}

/**
 * A client for what the flags, the environment and the config file say, in this order.
 *
 * @throws UsageError
 * @throws CredentialsUnavailable there is nothing to authenticate with, and what to do about it
 */
export function connect(command: Command, session: Session): DeploymentQueueClient {
  return connection(command, session).client;
}

/** As `connect`, and what it came to. */
export function connection(command: Command, session: Session): Connection {
  const { environment } = session;
  const flags = flagsOf(command);
  const named = (name: string) => variable(environment, name);
  const { url, organisation, savedToken } = serviceOf(command, session);
  if (url === undefined) {
    throw new UsageError(
      'where is the service? Set DEPLOYMENT_QUEUE_URL, use --url, or log in with deployment-queue login',
    );
  }
  const insecure = named('DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP') ?? 'false';
  if (!/^(true|false)$/.test(insecure)) {
    throw new UsageError('DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP must be true or false');
  }
  const allowInsecureHttp = flags.allowInsecureHttp ?? insecure === 'true';
  const fetch = fetchOf(environment);
  const { credentials, source } = chooseCredentials({
    way: flags.auth ?? named('DEPLOYMENT_QUEUE_AUTH') ?? 'auto',
    local: isLoopbackUrl(url),
    organisation,
    audience: flags.audience ?? named('DEPLOYMENT_QUEUE_AUDIENCE'),
    token: named('DEPLOYMENT_QUEUE_TOKEN'),
    savedToken,
    gitHubToken: named('GITHUB_TOKEN'),
    allowInsecureHttp,
    environment,
    fetch,
  });
  const retryTimeout = flags.retryTimeout ?? named('DEPLOYMENT_QUEUE_RETRY_TIMEOUT');
  try {
    const client = createClient({
      url: addressOf(url),
      credentials: masking(credentials, (secret) => {
        session.mask(secret);
      }),
      retry: {
        ...(retryTimeout !== undefined && { timeoutMs: durationOf(retryTimeout) }),
        onRetry: ({ message }, waitMs) => {
          const seconds = Math.max(0.1, waitMs / 1000).toFixed(1);
          session.note(`deployment-queue: ${printable(message)}; trying again in ${seconds} s\n`);
        },
      },
      allowInsecureHttp,
      fetch,
    });
    return { url: addressOf(url), organisation, source, client };
  } catch (error) {
    if (error instanceof InvalidArgumentError) {
      throw new UsageError(`--retry-timeout: ${error.message}`, { cause: error });
    }
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message.replace(/^url/, 'the URL'), { cause: error });
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

/** The service that is meant. What was written down for another one does not count. */
export function serviceOf(
  command: Command,
  { environment }: Session,
): {
  readonly url: URL | undefined;
  readonly organisation: string | undefined;
  readonly savedToken: string | undefined;
} {
  const flags = flagsOf(command);
  const config = readConfig(environment);
  const text = flags.url ?? variable(environment, 'DEPLOYMENT_QUEUE_URL') ?? config.url;
  const url = text === undefined ? undefined : urlOf(text);
  const isSaved = config.url !== undefined && url?.href === urlOf(config.url).href;
  const saved = isSaved ? config : {};
  return {
    url,
    organisation:
      flags.organisation ??
      variable(environment, 'DEPLOYMENT_QUEUE_ORGANISATION') ??
      saved.organisation,
    savedToken: saved.token,
  };
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

interface Flags {
  readonly url?: string;
  readonly organisation?: string;
  readonly auth?: string;
  readonly audience?: string;
  readonly retryTimeout?: string;
  readonly allowInsecureHttp?: true;
}

/** Options may stand before the command's name as well. */
function flagsOf(command: Command): Flags {
  const before = command.parent === null ? {} : flagsOf(command.parent);
  return { ...before, ...command.opts<Flags>() };
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('the URL must be an http or https URL, such as https://queue.example.com');
  }
  return url;
}

function addressOf({ href }: URL): string {
  return href.replace(/\/$/, '');
}
