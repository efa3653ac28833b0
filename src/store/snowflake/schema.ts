import { readFileSync } from 'node:fs';
import { packageFile } from '../../platform/package-file.js';
import { StartupError } from '../../platform/startup-error.js';
import { schemaFiles } from '../schema-files.js';
import { taxonomyParts } from '../taxonomy-rows.js';
import type { SchemaFile } from '../schema-files.js';
import { newColumns, newEventColumns } from './deployments/rows.js';
import type { Link } from './driver.js';
import type { TableKind } from './options.js';
import { text, whole } from './values.js';

/** The schema is not what this version of the service needs; the message names the command. */
export class SchemaNotReady extends StartupError {
  override readonly name: string = 'SchemaNotReady';
}

/** The tables that are there, by lower-case name, and what kind each is. */
export type Tables = ReadonlyMap<string, TableKind>;

/** The columns of the tables that are there, by the lower-case name of their table. */
export type Columns = ReadonlyMap<string, ReadonlySet<string>>;

/** The columns that the service reads and writes. */
const usedColumns: Readonly<Record<string, readonly string[]>> = {
  schema_migrations: ['version', 'name', 'applied_at'],
  deployments: newColumns,
  deployment_events: newEventColumns,
  feeds: ['organisation', 'position', 'change_id'],
  skipping: ['deployment_id', 'taxonomy_key', 'since'],
  rolled_back: ['deployment_id', 'taxonomy_key', 'version', 'deployed_at'],
  tenant_usage: ['organisation', 'part', 'deployments', 'bytes', 'change_id'],
  remembered_responses: [
    'organisation',
    'idempotency_key',
    'owner',
    'fingerprint',
    'remembered_at',
    'deployment',
    'change_id',
  ],
  tenants: ['owner_id', 'organisation', 'login', 'first_seen_at'],
  policy_changes: [
    'organisation',
    'revision',
    'name',
    'occurred_at',
    'event',
    'policies',
    'change_id',
  ],
  environments: [
    'organisation',
    'environment',
    'queue_revision',
    'settings_revision',
    'settings',
    'due_at',
    'change_id',
  ],
  queue_entries: ['organisation', 'environment', 'kind', 'id', 'entry'],
  taxonomies: ['taxonomy_key', 'organisation', ...taxonomyParts],
  changes: ['change_id', 'made_at', 'abandoned'],
  write_lock: ['name', 'change_id'],
};

/** The tables of a kind that the service uses, with the columns that it reads and writes. */
export function usedTables(kind: TableKind): [table: string, columns: readonly string[]][] {
  return Object.entries(usedColumns).filter(
    ([table]) => kind === 'standard' || table !== 'write_lock',
  );
}

/** The schema files of a kind of tables, each of one statement, so that it is applied whole or not at all. */
export function schemaFilesOf(tables: TableKind): SchemaFile[] {
  return schemaFiles(packageFile(tables === 'hybrid' ? 'sql/snowflake' : 'sql/snowflake/standard'));
}

/** The tables of the session's schema that the service knows. */
export async function readTables(link: Link): Promise<Tables> {
  const rows = await link.query({
    sql: `
    SELECT table_name AS table_name, is_hybrid AS is_hybrid
    FROM information_schema.tables
    WHERE table_schema = CURRENT_SCHEMA()`,
    values: [],
  });
  return new Map(
    rows.map((row) => [
      text(row, 'TABLE_NAME').toLowerCase(),
      row['IS_HYBRID'] === 'YES' ? 'hybrid' : 'standard',
    ]),
  );
}

/** The columns of those tables, all in lower case. */
export async function readColumns(link: Link): Promise<Columns> {
  const rows = await link.query({
    sql: `
    SELECT table_name AS table_name, column_name AS column_name
    FROM information_schema.columns
    WHERE table_schema = CURRENT_SCHEMA()`,
    values: [],
  });
  const columns = new Map<string, Set<string>>();
  for (const row of rows) {
    const table = text(row, 'TABLE_NAME').toLowerCase();
    const known = columns.get(table) ?? new Set();
    columns.set(table, known.add(text(row, 'COLUMN_NAME').toLowerCase()));
  }
  return columns;
}

/** The versions that have been applied; none when there is no table of them. */
export async function readVersions(link: Link, tables: Tables): Promise<ReadonlySet<number>> {
  if (!tables.has('schema_migrations')) return new Set();
  const rows = await link.query({
    sql: 'SELECT DISTINCT version AS version FROM schema_migrations',
    values: [],
  });
  return new Set(rows.map((row) => whole(row, 'VERSION')));
}

/**
 * Says which tables have the name of one of this service's and are not: the earlier service had a table
 * `deployments` of its own.
 *
 * @param files those that have been applied, or may have been: what they have made has at least the columns of
 *   theirs that are still in use
 */
export function foreignTables(files: readonly SchemaFile[], present: Columns): string[] {
  return files.flatMap(({ path }) => {
    const sql = readFileSync(path, 'utf8');
    const table = /^CREATE (?:HYBRID )?TABLE IF NOT EXISTS (\w+)/m.exec(sql)?.[1] ?? '';
    const used = usedColumns[table];
    const declared = [...sql.matchAll(/^ {2}(\w+) +[A-Z]/gm)].map(([, name = '']) => name);
    const wanted = declared.filter((name) => used?.includes(name) ?? true);
    const columns = present.get(table);
    const absent = wanted.filter((name) => columns?.has(name) === false);
    return absent.length === 0 ? [] : [describeForeign(table, absent)];
  });
}

/** Says of a table that it is not this service's, why, and what to do. */
export function describeForeign(table: string, absent: readonly string[]): string {
  return (
    `The table ${table} of this schema is not this service's: it lacks ${absent.join(', ')}. ` +
    'Set SNOWFLAKE_SCHEMA to another schema; docs/COMING_FROM_THE_PYTHON_SERVICE.md says how to bring over ' +
    'what is in the tables of the earlier service'
  );
}

/**
 * Checks that the schema is there, this service's, and of the kind that the settings name. A newer schema is fine:
 * the command runs before the new version of the service, and the old one has to live on until then.
 *
 * @throws SchemaNotReady
 */
export async function requireSchema(link: Link, kind: TableKind): Promise<void> {
  const tables = await readTables(link);
  const applied = await readVersions(link, tables);
  const missing = schemaFilesOf(kind).filter(({ version }) => !applied.has(version));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new SchemaNotReady(
      `The Snowflake schema is not up to date (missing: ${names}); run npm run db:migrate, ` +
        'and npm run db:verify to see the rest',
    );
  }
  const other = tables.get('deployments');
  if (other !== kind) {
    throw new SchemaNotReady(
      `The Snowflake tables are ${other ?? 'missing'}, and SNOWFLAKE_TABLES says ${kind}: ` +
        'set it to what they are, or migrate into another schema',
    );
  }
  const present = await readColumns(link);
  for (const [table, columns] of usedTables(kind)) {
    const there = present.get(table);
    if (there === undefined) {
      throw new SchemaNotReady(
        `The table ${table} is missing, or the role has no right on it; run npm run db:verify`,
      );
    }
    const absent = columns.filter((column) => !there.has(column));
    if (absent.length > 0) throw new SchemaNotReady(describeForeign(table, absent));
  }
  const unlocked = kind === 'standard' ? await describeWriteLock(link) : undefined;
  if (unlocked !== undefined) throw new SchemaNotReady(unlocked);
}

/** Says what is wrong with the row that each change locks, where keys are not enforced; `undefined` when nothing is. */
export async function describeWriteLock(link: Link): Promise<string | undefined> {
  const rows = await link.query({
    sql: 'SELECT COUNT(*)::NUMBER(18, 0) AS locks FROM write_lock',
    values: [],
  });
  const count = whole(rows[0] ?? {}, 'LOCKS');
  if (count === 1) return undefined;
  return (
    `The table write_lock has ${count} rows, and changes exclude each other by exactly one: ` +
    "DELETE FROM write_lock, then INSERT INTO write_lock (name, change_id) VALUES ('changes', '')"
  );
}
