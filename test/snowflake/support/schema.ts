import { randomBytes } from 'node:crypto';
import { loadDriver } from '../../../src/store/snowflake/driver.js';
import type { Link } from '../../../src/store/snowflake/driver.js';
import { migrate } from '../../../src/store/snowflake/migrate.js';
import type { SnowflakeOptions, TableKind } from '../../../src/store/snowflake/options.js';
import { openSession } from '../../../src/store/snowflake/session.js';
import { password, user } from './server.js';
import type { SnowflakeServer } from './server.js';

/** How to reach a server, with what differs. */
export function optionsFor(
  { url }: Pick<SnowflakeServer, 'url'>,
  differing: Partial<SnowflakeOptions> = {},
): SnowflakeOptions {
  return {
    account: 'TEST',
    accessUrl: url,
    user,
    login: { kind: 'password', password },
    role: 'DEPLOYER',
    warehouse: 'COMPUTE_WH',
    database: 'DEPLOYMENTS_DB',
    schema: 'PUBLIC',
    tables: 'hybrid',
    poolSize: 8,
    poolWaitMs: 5_000,
    poolQueue: 200,
    timeoutMs: 15_000,
    telemetry: false,
    ...differing,
  };
}

/** A session of one's own, for a test to look at what is there. */
export async function withLink<T>(
  options: SnowflakeOptions,
  use: (link: Link) => Promise<T>,
): Promise<T> {
  const link = await openSession(await loadDriver(options), options);
  try {
    return await use(link);
  } finally {
    await link.close();
  }
}

/** A new schema without tables, and how to reach it. */
export async function emptySchema(
  server: Pick<SnowflakeServer, 'url'>,
  tables: TableKind = 'hybrid',
  differing: Partial<SnowflakeOptions> = {},
): Promise<SnowflakeOptions> {
  const schema = `S${randomBytes(6).toString('hex').toUpperCase()}`;
  await withLink(optionsFor(server), (link) =>
    link.query({ sql: `CREATE SCHEMA ${schema}`, values: [] }),
  );
  return optionsFor(server, { schema, tables, ...differing });
}

/** The same with the tables in it. */
export async function newSchema(
  server: Pick<SnowflakeServer, 'url'>,
  tables: TableKind = 'hybrid',
  differing: Partial<SnowflakeOptions> = {},
): Promise<SnowflakeOptions> {
  const options = await emptySchema(server, tables, differing);
  await withLink(options, (link) => migrate(link, tables));
  return options;
}

/** The same as settings of a service. */
export function environmentFor(options: SnowflakeOptions): Record<string, string> {
  return {
    STORE: 'snowflake',
    SNOWFLAKE_ACCOUNT: options.account,
    SNOWFLAKE_ACCESS_URL: options.accessUrl ?? '',
    SNOWFLAKE_USER: options.user ?? '',
    SNOWFLAKE_PASSWORD: password,
    SNOWFLAKE_ROLE: options.role ?? '',
    SNOWFLAKE_WAREHOUSE: options.warehouse,
    SNOWFLAKE_DATABASE: options.database,
    SNOWFLAKE_SCHEMA: options.schema,
    SNOWFLAKE_TABLES: options.tables,
    SNOWFLAKE_POOL_SIZE: String(options.poolSize),
    SNOWFLAKE_POOL_WAIT_MS: String(options.poolWaitMs),
    SNOWFLAKE_TIMEOUT_MS: String(options.timeoutMs),
  };
}
