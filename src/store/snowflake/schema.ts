import { packageFile } from '../../platform/package-file.js';
import { StartupError } from '../../platform/startup-error.js';
import { schemaFiles } from '../schema-files.js';
import type { SchemaFile } from '../schema-files.js';
import type { Link } from './driver.js';
import type { TableKind } from './options.js';
import { text, whole } from './values.js';

/** The schema is not what this version of the service needs; the message names the command. */
export class SchemaNotReady extends StartupError {
  override readonly name: string = 'SchemaNotReady';
}

/** The tables that are there, by lower-case name, and what kind each is. */
export type Tables = ReadonlyMap<string, TableKind>;

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
export async function readColumns(link: Link): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
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
 * Checks that the schema is there and of the kind that the settings name. A newer schema is fine:
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
}
