import { z } from 'zod';
import { identityProviders } from '../store/snowflake/options.js';
import type { SnowflakeLogin, WorkloadIdentity } from '../store/snowflake/options.js';
import { readToken } from '../store/snowflake/token-file.js';
import { isTrustedUrl } from './fields.js';
import { readPrivateKey } from './private-key.js';

/** How the service logs in to Snowflake: one way, and what belongs to it. */
export const snowflakeLoginFields = {
  SNOWFLAKE_PASSWORD: z.string().optional(),
  SNOWFLAKE_PRIVATE_KEY_PATH: z.string().optional(),
  SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: z.string().optional(),
  SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH: z.string().optional(),
  SNOWFLAKE_OAUTH_CLIENT_ID: z.string().optional(),
  SNOWFLAKE_OAUTH_CLIENT_SECRET: z.string().optional(),
  SNOWFLAKE_OAUTH_TOKEN_URL: z
    .string()
    .refine(isTrustedUrl, 'must be an https URL; http is for a loopback address only')
    .optional(),
  SNOWFLAKE_OAUTH_SCOPE: z.string().optional(),
  SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: z
    .enum(identityProviders, `must be one of ${identityProviders.join(', ')}`)
    .optional(),
  SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH: z.string().optional(),
  SNOWFLAKE_WORKLOAD_IDENTITY_IMPERSONATION_PATH: z.string().optional(),
  SNOWFLAKE_WORKLOAD_IDENTITY_AZURE_CLIENT_ID: z.string().optional(),
  SNOWFLAKE_WORKLOAD_IDENTITY_AZURE_RESOURCE: z.string().optional(),
};

type Name = keyof typeof snowflakeLoginFields;
type Fields = { [Each in Name]: z.output<(typeof snowflakeLoginFields)[Each]> };
type Values = Partial<Fields>;

/** The ways to log in, by the setting that chooses each, the one to be preferred first. */
const ways = [
  'SNOWFLAKE_PRIVATE_KEY_PATH',
  'SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER',
  'SNOWFLAKE_OAUTH_CLIENT_ID',
  'SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH',
  'SNOWFLAKE_PASSWORD',
] as const satisfies readonly Name[];

/** What belongs to one way alone, and how that is chosen. */
const parts: readonly (readonly [Name, (values: Values) => boolean, string])[] = [
  ['SNOWFLAKE_OAUTH_CLIENT_SECRET', isOauth, 'SNOWFLAKE_OAUTH_CLIENT_ID'],
  ['SNOWFLAKE_OAUTH_TOKEN_URL', isOauth, 'SNOWFLAKE_OAUTH_CLIENT_ID'],
  ['SNOWFLAKE_OAUTH_SCOPE', isOauth, 'SNOWFLAKE_OAUTH_CLIENT_ID'],
  ['SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH', isOf('OIDC'), provider('OIDC')],
  ['SNOWFLAKE_WORKLOAD_IDENTITY_IMPERSONATION_PATH', isOf('AWS', 'GCP'), provider('AWS or GCP')],
  ['SNOWFLAKE_WORKLOAD_IDENTITY_AZURE_CLIENT_ID', isOf('AZURE'), provider('AZURE')],
  ['SNOWFLAKE_WORKLOAD_IDENTITY_AZURE_RESOURCE', isOf('AZURE'), provider('AZURE')],
];

function isOauth(values: Values): boolean {
  return values.SNOWFLAKE_OAUTH_CLIENT_ID !== undefined;
}

function isOf(...providers: readonly WorkloadIdentity['provider'][]): (values: Values) => boolean {
  return ({ SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: chosen }) =>
    chosen !== undefined && providers.includes(chosen);
}

function provider(which: string): string {
  return `SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER=${which}`;
}

/**
 * Reads how to log in, with the private key; tokens, which may be replaced at any time, are only looked for.
 *
 * @param values those that are fine on their own
 * @param faults takes what is wrong with them together, by name
 */
export function readLogin(values: Values, faults: string[]): SnowflakeLogin | undefined {
  // What is wrong with a value on its own has been told.
  if (!Object.keys(snowflakeLoginFields).every((name) => name in values)) return undefined;
  const [way, other] = ways.filter((name) => values[name] !== undefined);
  const before = faults.length;
  if (other !== undefined) {
    faults.push(`${other} must not be set beside ${way}: choose one`);
    return undefined;
  }
  for (const [name, belongs, owner] of parts) {
    if (values[name] !== undefined && !belongs(values))
      faults.push(`${name} is for ${owner} alone`);
  }
  const login = way === undefined ? undefined : read(way, values, faults);
  if (way === undefined) {
    const [first, ...rest] = ways;
    const last = rest.pop() ?? '';
    faults.push(`${first} must be set, or else ${rest.join(', ')} or ${last}`);
  }
  return faults.length > before ? undefined : login;
}

function read(
  way: (typeof ways)[number],
  values: Values,
  faults: string[],
): SnowflakeLogin | undefined {
  const text = (name: Name): string => {
    const value = values[name];
    if (value === undefined) faults.push(`${name} must be set with ${way}`);
    return value ?? '';
  };
  const token = (name: Name): string => {
    const path = text(name);
    try {
      if (path !== '') readToken(name, path);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
    return path;
  };
  switch (way) {
    case 'SNOWFLAKE_PASSWORD':
      return { kind: 'password', password: text(way) };
    case 'SNOWFLAKE_PRIVATE_KEY_PATH': {
      const key = readPrivateKey(text(way), values.SNOWFLAKE_PRIVATE_KEY_PASSPHRASE);
      if ('pem' in key) return { kind: 'key-pair', privateKey: key.pem };
      faults.push(key.fault);
      return undefined;
    }
    case 'SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH':
      return { kind: 'programmatic-access-token', path: token(way) };
    case 'SNOWFLAKE_OAUTH_CLIENT_ID':
      return {
        kind: 'oauth-client-credentials',
        clientId: text(way),
        clientSecret: text('SNOWFLAKE_OAUTH_CLIENT_SECRET'),
        tokenUrl: text('SNOWFLAKE_OAUTH_TOKEN_URL'),
        scope: values.SNOWFLAKE_OAUTH_SCOPE,
      };
    case 'SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER':
      return { kind: 'workload-identity', identity: readIdentity(values, token) };
  }
}

function readIdentity(values: Values, token: (name: Name) => string): WorkloadIdentity {
  switch (values.SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER) {
    case 'AZURE':
      return {
        provider: 'AZURE',
        clientId: values.SNOWFLAKE_WORKLOAD_IDENTITY_AZURE_CLIENT_ID,
        resource: values.SNOWFLAKE_WORKLOAD_IDENTITY_AZURE_RESOURCE,
      };
    case 'AWS':
    case 'GCP': {
      const path = values.SNOWFLAKE_WORKLOAD_IDENTITY_IMPERSONATION_PATH ?? '';
      return {
        provider: values.SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER,
        impersonationPath: path
          .split(',')
          .map((each) => each.trim())
          .filter((each) => each !== ''),
      };
    }
    default:
      return { provider: 'OIDC', path: token('SNOWFLAKE_WORKLOAD_IDENTITY_TOKEN_PATH') };
  }
}
