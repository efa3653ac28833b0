import type { IncomingMessage } from 'node:http';
import { listenOnLoopback } from '../../support/loopback-server.js';
import type { LoopbackServer } from '../../support/loopback-server.js';

/** What the cloud's SDKs read of the environment, and the driver of hosts that may be told an identity. */
const variables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_REGION',
  'AZURE_TOKEN_CREDENTIALS',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'GCE_METADATA_HOST',
  'METADATA_SERVER_DETECTION',
  'SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES',
] as const;
type Variable = (typeof variables)[number];

/**
 * What a workload has around it: the metadata service of Azure and of Google, and an OAuth server, which issue the
 * tokens that a test has made.
 */
export class Platform {
  /** What the OAuth server was sent, in order. */
  readonly grants: URLSearchParams[] = [];
  /** What each issues, by its name. */
  readonly tokens = { azure: '', google: '', oauth: '' };
  /** The status by which the OAuth server refuses, instead of a token. */
  refusal: number | undefined;
  #server: LoopbackServer | undefined;
  #before: Readonly<Partial<Record<Variable, string>>> = {};

  get oauthUrl(): string {
    return `${this.#url}/oauth/token`;
  }

  get #url(): string {
    if (this.#server === undefined) throw new Error('The platform has not been started');
    return this.#server.url;
  }

  async start(): Promise<void> {
    this.#before = Object.fromEntries(
      variables.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    this.#server = await listenOnLoopback(async (request, response) => {
      const url = new URL(request.url ?? '', 'http://127.0.0.1');
      const answer = (body: object | string, status = 200): void => {
        const json = typeof body === 'object';
        response.writeHead(status, {
          'Content-Type': json ? 'application/json' : 'text/plain',
          'Metadata-Flavor': 'Google',
        });
        response.end(json ? JSON.stringify(body) : body);
      };
      if (url.pathname === '/msi' && request.headers['x-identity-header'] === 'header') {
        const expires = Math.floor(Date.now() / 1000) + 3_600;
        const resource = url.searchParams.get('resource');
        answer({
          access_token: this.tokens.azure,
          expires_on: expires,
          resource,
          token_type: 'Bearer',
        });
      } else if (url.pathname.endsWith('/service-accounts/default/identity')) {
        answer(
          url.searchParams.get('audience') === 'snowflakecomputing.com' ? this.tokens.google : '',
        );
      } else if (url.pathname.startsWith('/computeMetadata/')) {
        answer('');
      } else if (url.pathname === '/oauth/token') {
        this.grants.push(new URLSearchParams(await bodyOf(request)));
        if (this.refusal !== undefined) answer({ error: 'invalid_client' }, this.refusal);
        else answer({ access_token: this.tokens.oauth, token_type: 'Bearer', expires_in: 600 });
      } else answer({}, 404);
    });
    this.#set({
      IDENTITY_ENDPOINT: `${this.#url}/msi`,
      IDENTITY_HEADER: 'header',
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      GCE_METADATA_HOST: new URL(this.#url).host,
      METADATA_SERVER_DETECTION: 'assume-present',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES: '127.0.0.1',
    });
  }

  /** The secret by which the workload signs for AWS. */
  set awsSecret(secret: string) {
    this.#set({ AWS_SECRET_ACCESS_KEY: secret });
  }

  async stop(): Promise<void> {
    for (const name of variables) {
      const value = this.#before[name];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await this.#server?.stop();
  }

  #set(values: Partial<Record<Variable, string>>): void {
    Object.assign(process.env, values);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
