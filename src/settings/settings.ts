import { existsSync, readFileSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { logLevels } from '../platform/logging.js';
import type { LogLevel } from '../platform/logging.js';
import { proxiesOf } from '../platform/proxied-fetch.js';
import type { Proxies } from '../platform/proxied-fetch.js';
import type { SignInOptions } from '../auth/session/options.js';
import type { PostgresOptions } from '../store/postgres/options.js';
import type { SnowflakeOptions } from '../store/snowflake/options.js';
import type { TracingOptions } from '../tracing/tracing.js';
import {
  authenticationContradictions,
  authenticationFields,
  gitHubContradictions,
  toAuthenticationSettings,
} from './authentication.js';
import type { AuthenticationSettings } from './authentication.js';
import { httpContradictions, httpFields, toHttpSettings } from './http.js';
import type { HttpSettings } from './http.js';
import { metricsFields, toMetricsSettings } from './metrics.js';
import type { MetricsSettings } from './metrics.js';
import { lowerCaseProxies, proxyFields, withProxies } from './proxies.js';
import { postgresFields, toPostgresOptions } from './postgres.js';
import { retentionFields, toRetentionSettings } from './retention.js';
import type { RetentionSettings } from './retention.js';
import { retiredFaults } from './retired.js';
import { similarNames } from './similar-names.js';
import { signInContradictions, signInFields, toSignInOptions } from './sign-in.js';
import { snowflakeFields, toSnowflakeOptions } from './snowflake.js';
import { toTracingOptions, tracingContradictions, tracingFields } from './tracing.js';

/** What the service is told by its environment, read once at the start. */
export interface Settings {
  readonly store: StoreSettings;
  readonly auth: AuthenticationSettings;
  /** How people sign in on the pages of this service; `undefined` while no app is named, and without authentication. */
  readonly signIn: SignInOptions | undefined;
  readonly http: HttpSettings;
  readonly retention: RetentionSettings;
  readonly metrics: MetricsSettings;
  /** `undefined` while no collector is named: then nothing of OpenTelemetry is loaded. */
  readonly tracing: TracingOptions | undefined;
  /** Through which GitHub is reached; `undefined` for none. */
  readonly proxies: Proxies | undefined;
  readonly logLevel: LogLevel;
}

/** Which store, and where its data is. */
export type StoreSettings =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly options: PostgresOptions }
  | { readonly kind: 'snowflake'; readonly options: SnowflakeOptions };

/** Settings that are wrong or missing: all of them, each by name. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The settings are not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

const storeFields = {
  STORE: z
    .enum(['sqlite', 'postgres', 'snowflake'], 'must be sqlite, postgres or snowflake')
    .optional(),
  SQLITE_PATH: z.string().default('data/deployments.db'),
};

const fields = {
  ...storeFields,
  ...authenticationFields,
  ...signInFields,
  ...httpFields,
  ...retentionFields,
  ...metricsFields,
  ...tracingFields,
  ...proxyFields,
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
};

/** The names of all variables that are read. */
export const settingNames: readonly string[] = Object.keys({
  ...fields,
  ...postgresFields,
  ...snowflakeFields,
});

type StoreFields = { [Name in keyof typeof storeFields]: z.output<(typeof storeFields)[Name]> };
type Fields = { [Name in keyof typeof fields]: z.output<(typeof fields)[Name]> };

/**
 * Reads the settings of this process: from its environment, and from `.env` in its working folder what is
 * not set there.
 *
 * @throws InvalidSettings
 */
export function loadSettings(): Settings {
  loadFile();
  return readSettings(process.env);
}

/**
 * Reads where the data is, as `loadSettings` does, and nothing of how it is served: commands on the store
 * need no more.
 *
 * @throws InvalidSettings
 */
export function loadStoreSettings(): StoreSettings {
  loadFile();
  const faults: string[] = [];
  const store = readStore(parse(storeFields, process.env, faults), process.env, faults);
  if (faults.length > 0 || store === undefined) throw new InvalidSettings(faults);
  return store;
}

/** What others than the service read from `.env`, or from an environment that it is loaded into. */
const readByOthers = /^(NODE_|COMPOSE_|DOCKER_|GRAFANA_|OTEL_|TZ$|(https?|no|all)_proxy$)/i;

/**
 * Says of each variable of this process that is nearly a setting which one that is, and which names in `.env`, which is
 * there for settings, are none at all.
 */
export function settingHints(): string[] {
  const similar = similarNames(Object.keys(process.env), [...settingNames, ...lowerCaseProxies]);
  const strange = namesInFile().filter(
    (name) =>
      !settingNames.includes(name) &&
      !readByOthers.test(name) &&
      !similar.some(({ variable }) => variable === name),
  );
  return [
    ...similar.map(
      ({ variable, setting }) => `${variable} is not a setting; did you mean ${setting}?`,
    ),
    ...strange.map((name) => `${name} in .env is not a setting`),
  ];
}

const file = '.env';

function loadFile(): void {
  if (existsSync(file)) loadEnvFile(file);
}

function namesInFile(): string[] {
  return existsSync(file) ? Object.keys(parseEnv(readFileSync(file, 'utf8'))) : [];
}

/**
 * Reads the settings.
 *
 * @param environment variables by name; an empty one counts as not set
 * @throws InvalidSettings with every fault, none of which repeats a value that may be a secret
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const faults: string[] = [];
  const known = parse(fields, withProxies(environment), faults);
  faults.push(...contradictions(known), ...retiredFaults(environment));
  const store = readStore(known, environment, faults);
  if (faults.length > 0 || store === undefined) throw new InvalidSettings(faults);
  return toSettings(known as Fields, store);
}

/** The values that are fine on their own; the others are faults, by name. */
function parse<F extends Readonly<Record<string, z.ZodType>>>(
  fields: F,
  environment: Readonly<Record<string, string | undefined>>,
  faults: string[],
): Partial<{ [Name in keyof F]: z.output<F[Name]> }> {
  const values: Partial<Record<string, unknown>> = {};
  for (const [name, schema] of Object.entries(fields)) {
    const parsed = schema.safeParse(environment[name] === '' ? undefined : environment[name]);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(...parsed.error.issues.map(({ message }) => `${name} ${message}`));
  }
  return values as Partial<{ [Name in keyof F]: z.output<F[Name]> }>;
}

/** What is asked for; where nothing is, Snowflake where an account is configured, and PostgreSQL where a URL is. */
function readStore(
  { STORE, SQLITE_PATH }: Partial<StoreFields>,
  environment: Readonly<Record<string, string | undefined>>,
  faults: string[],
): StoreSettings | undefined {
  if (STORE === undefined && environment['STORE']) return undefined;
  const kind = STORE ?? configuredKind(environment);
  if (kind === 'postgres') {
    const options = toPostgresOptions(parse(postgresFields, environment, faults));
    return options && { kind, options };
  }
  if (kind === 'sqlite') return SQLITE_PATH === undefined ? undefined : { kind, path: SQLITE_PATH };
  const options = toSnowflakeOptions(parse(snowflakeFields, environment, faults), faults);
  return options && { kind, options };
}

function configuredKind(
  environment: Readonly<Record<string, string | undefined>>,
): StoreSettings['kind'] {
  if (environment['SNOWFLAKE_ACCOUNT']) return 'snowflake';
  return environment['DATABASE_URL'] ? 'postgres' : 'sqlite';
}

/** Faults of settings that are fine on their own. */
function contradictions(values: Partial<Fields>): string[] {
  const { AUTH_ENABLED, DEMO } = values;
  const open = AUTH_ENABLED === false && DEMO === false;
  return [
    ...authenticationContradictions(values),
    ...gitHubContradictions(values),
    ...signInContradictions(values),
    ...httpContradictions(values, open),
    ...tracingContradictions(values),
  ];
}

function toSettings(values: Fields, store: StoreSettings): Settings {
  const { HTTPS_PROXY, HTTP_PROXY, NO_PROXY } = values;
  const auth = toAuthenticationSettings(values);
  return {
    store,
    auth,
    signIn: auth.enabled ? toSignInOptions(values, auth.gitHub.serverUrl) : undefined,
    http: toHttpSettings(values, values.AUTH_ENABLED),
    retention: toRetentionSettings(values),
    metrics: toMetricsSettings(values, store.kind),
    tracing: toTracingOptions(values),
    proxies: proxiesOf({ HTTPS_PROXY, HTTP_PROXY, NO_PROXY }),
    logLevel: values.LOG_LEVEL,
  };
}
