import type { Link } from './driver.js';
import type { SnowflakeOptions } from './options.js';
import {
  describeForeign,
  describeWriteLock,
  foreignTables,
  readColumns,
  readTables,
  readVersions,
  schemaFilesOf,
  usedTables,
} from './schema.js';
import { text } from './values.js';
import { tryOut } from './try-out.js';

/** What a look at Snowflake came to, in sentences. */
export interface Verification {
  readonly facts: readonly string[];
  /** What is missing, and how to mend it. */
  readonly faults: readonly string[];
}

/**
 * What the service does with each table, as statements that ask for the right and touch no row:
 * rights are checked when a statement is compiled.
 */
export const uses: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  schema_migrations: { SELECT: 'SELECT version FROM schema_migrations WHERE FALSE' },
  deployments: {
    SELECT: 'SELECT id FROM deployments WHERE FALSE',
    INSERT: 'INSERT INTO deployments SELECT * FROM deployments WHERE FALSE',
    UPDATE: 'UPDATE deployments SET notes = notes WHERE FALSE',
    DELETE: 'DELETE FROM deployments WHERE FALSE',
  },
  deployment_events: {
    SELECT: 'SELECT revision FROM deployment_events WHERE FALSE',
    INSERT: 'INSERT INTO deployment_events SELECT * FROM deployment_events WHERE FALSE',
    UPDATE: 'UPDATE deployment_events SET feed_position = feed_position WHERE FALSE',
    DELETE: 'DELETE FROM deployment_events WHERE FALSE',
  },
  feeds: {
    SELECT: 'SELECT position FROM feeds WHERE FALSE',
    INSERT: 'INSERT INTO feeds SELECT * FROM feeds WHERE FALSE',
    UPDATE: 'UPDATE feeds SET position = position WHERE FALSE',
  },
  skipping: {
    SELECT: 'SELECT since FROM skipping WHERE FALSE',
    INSERT: 'INSERT INTO skipping SELECT * FROM skipping WHERE FALSE',
    UPDATE: 'UPDATE skipping SET since = since WHERE FALSE',
    DELETE: 'DELETE FROM skipping WHERE FALSE',
  },
  rolled_back: {
    SELECT: 'SELECT version FROM rolled_back WHERE FALSE',
    INSERT: 'INSERT INTO rolled_back SELECT * FROM rolled_back WHERE FALSE',
    DELETE: 'DELETE FROM rolled_back WHERE FALSE',
  },
  tenant_usage: {
    SELECT: 'SELECT bytes FROM tenant_usage WHERE FALSE',
    INSERT: 'INSERT INTO tenant_usage SELECT * FROM tenant_usage WHERE FALSE',
    UPDATE: 'UPDATE tenant_usage SET bytes = bytes WHERE FALSE',
  },
  remembered_responses: {
    SELECT: 'SELECT fingerprint FROM remembered_responses WHERE FALSE',
    INSERT: 'INSERT INTO remembered_responses SELECT * FROM remembered_responses WHERE FALSE',
    UPDATE: 'UPDATE remembered_responses SET fingerprint = fingerprint WHERE FALSE',
    DELETE: 'DELETE FROM remembered_responses WHERE FALSE',
  },
  tenants: {
    SELECT: 'SELECT login FROM tenants WHERE FALSE',
    INSERT: 'INSERT INTO tenants SELECT * FROM tenants WHERE FALSE',
    UPDATE: 'UPDATE tenants SET login = login WHERE FALSE',
  },
  policy_changes: {
    SELECT: 'SELECT revision FROM policy_changes WHERE FALSE',
    INSERT: 'INSERT INTO policy_changes SELECT * FROM policy_changes WHERE FALSE',
    UPDATE: 'UPDATE policy_changes SET policies = policies WHERE FALSE',
  },
  environments: {
    SELECT: 'SELECT queue_revision FROM environments WHERE FALSE',
    INSERT: 'INSERT INTO environments SELECT * FROM environments WHERE FALSE',
    UPDATE: 'UPDATE environments SET settings = settings WHERE FALSE',
  },
  queue_entries: {
    SELECT: 'SELECT entry FROM queue_entries WHERE FALSE',
    INSERT: 'INSERT INTO queue_entries SELECT * FROM queue_entries WHERE FALSE',
    DELETE: 'DELETE FROM queue_entries WHERE FALSE',
  },
  taxonomies: {
    SELECT: 'SELECT name FROM taxonomies WHERE FALSE',
    INSERT: 'INSERT INTO taxonomies SELECT * FROM taxonomies WHERE FALSE',
  },
  changes: {
    SELECT: 'SELECT abandoned FROM changes WHERE FALSE',
    INSERT: 'INSERT INTO changes SELECT * FROM changes WHERE FALSE',
    DELETE: 'DELETE FROM changes WHERE FALSE',
  },
  write_lock: {
    SELECT: 'SELECT change_id FROM write_lock WHERE FALSE',
    UPDATE: 'UPDATE write_lock SET name = name WHERE FALSE',
  },
};

/**
 * Looks at everything that the service needs, and does what the service does in a transaction that it rolls
 * back: nothing is changed.
 */
export async function verify(link: Link, options: SnowflakeOptions): Promise<Verification> {
  const facts: string[] = [];
  const faults: string[] = [];
  const context = await readContext(link);
  for (const [what, value] of Object.entries(context))
    facts.push(`${what.padEnd(9)} ${value ?? '-'}`);

  if (context.warehouse === null) {
    faults.push(
      `warehouse ${options.warehouse}: GRANT USAGE ON WAREHOUSE ${options.warehouse} ` +
        `TO ROLE ${context.role ?? '…'}, or set SNOWFLAKE_WAREHOUSE`,
    );
  }
  if (context.database === null || context.schema === null) {
    faults.push(
      `${options.database}.${options.schema}: create it, and GRANT USAGE ON DATABASE and ON SCHEMA ` +
        `TO ROLE ${context.role ?? '…'}, or set SNOWFLAKE_DATABASE and SNOWFLAKE_SCHEMA`,
    );
    return { facts, faults };
  }

  const tables = await readTables(link);
  const files = schemaFilesOf(options.tables);
  const present = await readColumns(link);
  const foreign = foreignTables(files, present);
  if (foreign.length > 0) return { facts, faults: [...faults, ...foreign] };
  const applied = await readVersions(link, tables);
  const missing = files.filter(({ version }) => !applied.has(version));
  facts.push(`schema    ${files.length - missing.length} of ${files.length} files applied`);
  if (missing.length > 0) {
    faults.push(`schema files ${missing.map(({ name }) => name).join(', ')}: npm run db:migrate`);
  }

  for (const [table, columns] of usedTables(options.tables)) {
    const rights = uses[table] ?? {};
    const kind = tables.get(table);
    if (kind === undefined) {
      faults.push(`table ${table}: npm run db:migrate, or a grant on it`);
      continue;
    }
    if (kind !== options.tables) {
      faults.push(
        `table ${table} is ${kind}: set SNOWFLAKE_TABLES to ${kind}, or use another schema`,
      );
    }
    const absent = columns.filter((column) => !present.get(table)?.has(column));
    if (absent.length > 0) {
      faults.push(
        missing.length === 0
          ? describeForeign(table, absent)
          : `table ${table} lacks ${absent.join(', ')}: npm run db:migrate`,
      );
      continue;
    }
    const refused = await refusedRights(link, rights);
    if (refused.length === 0)
      facts.push(`table     ${table} (${kind}): ${Object.keys(rights).join(', ')}`);
    else {
      faults.push(
        `rights on ${table}: GRANT ${refused.join(', ')} ON TABLE ${context.database}.` +
          `${context.schema}.${table} TO ROLE ${context.role ?? '…'}`,
      );
    }
  }
  for (const table of await readCollated(link)) {
    faults.push(
      `table ${table} compares texts by a collation: make the tables anew in a schema whose ` +
        "DEFAULT_DDL_COLLATION is ''",
    );
  }
  if (faults.length === 0 && options.tables === 'standard') {
    const unlocked = await describeWriteLock(link);
    if (unlocked !== undefined) faults.push(unlocked);
  }
  if (faults.length === 0) {
    const refused = await tryOut(link, options.tables);
    faults.push(...refused);
    if (refused.length === 0) facts.push('tried     every read, and changes that were rolled back');
  }
  return { facts, faults };
}

/** The tables with a column that has a collation. */
async function readCollated(link: Link): Promise<string[]> {
  const rows = await link.query({
    sql: `
    SELECT DISTINCT table_name AS collated
    FROM information_schema.columns
    WHERE table_schema = CURRENT_SCHEMA() AND collation_name IS NOT NULL`,
    values: [],
  });
  return rows.map((row) => text(row, 'COLLATED').toLowerCase());
}

interface Context {
  readonly user: string | null;
  readonly role: string | null;
  readonly warehouse: string | null;
  readonly database: string | null;
  readonly schema: string | null;
}

async function readContext(link: Link): Promise<Context> {
  const [row] = await link.query({
    sql: `
    SELECT CURRENT_USER() AS user_name, CURRENT_ROLE() AS role_name,
           CURRENT_WAREHOUSE() AS warehouse_name, CURRENT_DATABASE() AS database_name,
           CURRENT_SCHEMA() AS schema_name`,
    values: [],
  });
  const name = (column: string): string | null => {
    const value = row?.[column];
    return typeof value === 'string' ? value : null;
  };
  return {
    user: name('USER_NAME'),
    role: name('ROLE_NAME'),
    warehouse: name('WAREHOUSE_NAME'),
    database: name('DATABASE_NAME'),
    schema: name('SCHEMA_NAME'),
  };
}

async function refusedRights(
  link: Link,
  rights: Readonly<Record<string, string>>,
): Promise<string[]> {
  const refused: string[] = [];
  for (const [right, sql] of Object.entries(rights)) {
    await link.query({ sql, values: [] }).catch(() => refused.push(right));
  }
  return refused;
}
