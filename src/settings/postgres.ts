import { z } from 'zod';
import { migrateTimes } from '../store/postgres/options.js';
import type { PostgresOptions } from '../store/postgres/options.js';
import { wholeNumber } from './fields.js';

const whole = (fallback: number, min: number, max: number, unit: string) =>
  wholeNumber(fallback, min, max, `a number of ${unit}`);

const urlFault =
  'must be a URL such as postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full';
const sslFault = 'has an sslmode that is not one of disable, require, verify-full, no-verify';

/** What stands in a connection URL; messages never repeat it, since a password does. */
const connectionUrl = z
  .string('must be set')
  .refine(isPostgresUrl, urlFault)
  .refine((value) => !isPostgresUrl(value) || hasKnownSslMode(value), sslFault);

/** The settings of the PostgreSQL store, by name; they count only where that store is chosen. */
export const postgresFields = {
  DATABASE_URL: connectionUrl,
  DATABASE_LISTEN_URL: connectionUrl.optional(),
  POSTGRES_MIGRATE: z
    .enum(migrateTimes, `must be one of ${migrateTimes.join(', ')}`)
    .default('start'),
  POSTGRES_POOL_SIZE: whole(10, 1, 1_000, 'connections'),
  POSTGRES_POOL_WAIT_MS: whole(5_000, 10, 600_000, 'milliseconds'),
  POSTGRES_POOL_QUEUE: whole(200, 1, 100_000, 'requests'),
  POSTGRES_TIMEOUT_MS: whole(15_000, 1_000, 600_000, 'milliseconds'),
};

type Fields = { [Name in keyof typeof postgresFields]: z.output<(typeof postgresFields)[Name]> };

/** Puts the settings together; `undefined` when one of them is not fine. */
export function toPostgresOptions(values: Partial<Fields>): PostgresOptions | undefined {
  if (!isComplete(values)) return undefined;
  return {
    url: values.DATABASE_URL,
    listenUrl: values.DATABASE_LISTEN_URL ?? values.DATABASE_URL,
    migrate: values.POSTGRES_MIGRATE,
    poolSize: values.POSTGRES_POOL_SIZE,
    poolWaitMs: values.POSTGRES_POOL_WAIT_MS,
    poolQueue: values.POSTGRES_POOL_QUEUE,
    timeoutMs: values.POSTGRES_TIMEOUT_MS,
  };
}

function isComplete(values: Partial<Fields>): values is Fields {
  return Object.keys(postgresFields).every((name) => name in values);
}

function isPostgresUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, pathname } = new URL(value);
  return /^postgres(ql)?:$/.test(protocol) && pathname.length > 1;
}

/** `prefer` and `allow` fall back to what everybody on the way can read; `verify-ca` would be more than it says. */
function hasKnownSslMode(value: string): boolean {
  const mode = new URL(value).searchParams.get('sslmode');
  return mode === null || ['disable', 'require', 'verify-full', 'no-verify'].includes(mode);
}
