import { randomBytes } from 'node:crypto';
import { loadDriver } from '../../../src/store/snowflake/driver.js';
import type { Link } from '../../../src/store/snowflake/driver.js';
import { migrate } from '../../../src/store/snowflake/migrate.js';
import type { SnowflakeOptions, TableKind } from '../../../src/store/snowflake/options.js';
import { readTables } from '../../../src/store/snowflake/schema.js';
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
    // As long as an operation may take: on a busy machine, fifty at once wait for their turn.
    poolWaitMs: 15_000,
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

/** The tables that are not empty in a new schema. */
const filled = new Set(['schema_migrations', 'write_lock']);

/** The schemas that tests have done with, empty again, by server and kind of table. */
const free = new Map<string, SnowflakeOptions[]>();

function freeOf(url: string | undefined, tables: TableKind): SnowflakeOptions[] {
  const key = `${url ?? ''} ${tables}`;
  const schemas = free.get(key) ?? [];
  free.set(key, schemas);
  return schemas;
}

/**
 * A schema with empty tables for a test that changes rows alone: one that another has given back, or else a new one,
 * which takes a hundred times as long.
 */
export async function borrowSchema(
  server: Pick<SnowflakeServer, 'url'>,
  tables: TableKind = 'hybrid',
): Promise<SnowflakeOptions> {
  return freeOf(server.url, tables).pop() ?? (await newSchema(server, tables));
}

/** Empties a schema that was borrowed, once nobody uses it any more. */
export async function giveBackSchema(options: SnowflakeOptions): Promise<void> {
  await withLink(options, async (link) => {
    const tables = [...(await readTables(link)).keys()].filter((table) => !filled.has(table));
    // Events refer to their deployment, so that one goes last.
    tables.sort((one, other) => Number(one === 'deployments') - Number(other === 'deployments'));
    await link.batch(tables.map((table) => ({ sql: `DELETE FROM ${table}`, values: [] })));
  });
  freeOf(options.accessUrl, options.tables).push(options);
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
