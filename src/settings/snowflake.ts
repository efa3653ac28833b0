import { z } from 'zod';
import { tableKinds } from '../store/snowflake/options.js';
import type { SnowflakeOptions } from '../store/snowflake/options.js';
import { flag, isTrustedUrl, wholeNumber } from './fields.js';
import { readLogin, snowflakeLoginFields } from './snowflake-login.js';

const name = (fallback: string) => z.string().default(fallback);

const whole = (fallback: number, min: number, max: number, unit: string) =>
  wholeNumber(fallback, min, max, `a number of ${unit}`);

/** The settings of the Snowflake store, by name; they count only where that store is chosen. */
export const snowflakeFields = {
  SNOWFLAKE_ACCOUNT: z
    .string('must be set')
    .regex(
      /^[\w-]+(\.[\w-]+)*$/,
      'must be an account identifier such as myorg-myaccount, not a URL',
    ),
  SNOWFLAKE_USER: z.string().optional(),
  ...snowflakeLoginFields,
  SNOWFLAKE_WAREHOUSE: name('COMPUTE_WH'),
  SNOWFLAKE_DATABASE: name('DEPLOYMENTS_DB'),
  SNOWFLAKE_SCHEMA: name('PUBLIC'),
  SNOWFLAKE_ROLE: z.string().optional(),
  SNOWFLAKE_ACCESS_URL: z
    .string()
    .refine(isTrustedUrl, 'must be an https URL; http is for a loopback address only')
    .optional(),
  SNOWFLAKE_TABLES: z.enum(tableKinds, `must be one of ${tableKinds.join(', ')}`).default('hybrid'),
  SNOWFLAKE_POOL_SIZE: whole(8, 1, 100, 'sessions'),
  SNOWFLAKE_POOL_WAIT_MS: whole(5_000, 10, 600_000, 'milliseconds'),
  SNOWFLAKE_POOL_QUEUE: whole(200, 1, 100_000, 'requests'),
  SNOWFLAKE_TIMEOUT_MS: whole(15_000, 1_000, 600_000, 'milliseconds'),
  SNOWFLAKE_TELEMETRY: flag(false),
};

type Fields = { [Name in keyof typeof snowflakeFields]: z.output<(typeof snowflakeFields)[Name]> };

/**
 * Puts the settings together, and reads the private key where there is one.
 *
 * @param values those that are fine on their own
 * @param faults takes what is wrong with them together, by name
 */
export function toSnowflakeOptions(
  values: Partial<Fields>,
  faults: string[],
): SnowflakeOptions | undefined {
  const { SNOWFLAKE_USER: user, SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER: provider } = values;
  if (user === undefined && provider === undefined) faults.push('SNOWFLAKE_USER must be set');
  const login = readLogin(values, faults);
  if (login === undefined || !isComplete(values)) return undefined;
  return {
    account: values.SNOWFLAKE_ACCOUNT,
    accessUrl: values.SNOWFLAKE_ACCESS_URL,
    user,
    login,
    role: values.SNOWFLAKE_ROLE,
    warehouse: values.SNOWFLAKE_WAREHOUSE,
    database: values.SNOWFLAKE_DATABASE,
    schema: values.SNOWFLAKE_SCHEMA,
    tables: values.SNOWFLAKE_TABLES,
    poolSize: values.SNOWFLAKE_POOL_SIZE,
    poolWaitMs: values.SNOWFLAKE_POOL_WAIT_MS,
    poolQueue: values.SNOWFLAKE_POOL_QUEUE,
    timeoutMs: values.SNOWFLAKE_TIMEOUT_MS,
    telemetry: values.SNOWFLAKE_TELEMETRY,
  };
}

function isComplete(values: Partial<Fields>): values is Fields {
  return Object.keys(snowflakeFields).every((name) => name in values);
}
