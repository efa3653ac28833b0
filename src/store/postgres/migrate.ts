import { readFileSync } from 'node:fs';
import { packageFile } from '../../platform/package-file.js';
import { StartupError } from '../../platform/startup-error.js';
import { schemaFiles } from '../schema-files.js';
import type { SchemaFile } from '../schema-files.js';
import type { Link } from './driver.js';
import { plain } from './statement.js';

/** Where the schema files are. */
export const schemaFolder = packageFile('sql/postgres');

/** Whoever changes the schema has this lock; `deployment queue` in hexadecimal digits, cut to a bigint. */
const lock = plain('SELECT pg_advisory_xact_lock(7234298746118829428)');

/**
 * Applies the numbered schema files that a database does not have yet, each once, all of them in one transaction: of
 * several processes that start at once one does it, and the others wait and find nothing left to do. The lock ends
 * with the transaction, so a pooler may be in between.
 *
 * @returns the names of what was applied
 * @throws StartupError when the database was written by a newer version of the service
 */
export async function migrate(link: Link, folder = schemaFolder): Promise<string[]> {
  const files = schemaFiles(folder);
  await link.query(plain('BEGIN'));
  try {
    // However long the others take.
    await link.query(plain('SET LOCAL statement_timeout = 0'));
    await link.query(lock);
    await link.query(plain(migrationsTable));
    const missing = missingOf(await appliedVersions(link), files);
    for (const { version, name, path } of missing) {
      await link.query(plain(readFileSync(path, 'utf8')));
      await link.query({
        sql: 'INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, now())',
        values: [version, name],
      });
    }
    await link.query(plain('COMMIT'));
    return missing.map(({ name }) => name);
  } catch (error) {
    await link.query(plain('ROLLBACK')).catch(() => undefined);
    throw error;
  }
}

const migrationsTable = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz(3) NOT NULL
  )`;

/**
 * Looks whether a database has the schema that this version of the service needs.
 *
 * @throws StartupError when it has an older or a newer one
 */
export async function requireSchema(link: Link, folder = schemaFolder): Promise<void> {
  const files = schemaFiles(folder);
  const rows = await link.query(plain("SELECT to_regclass('schema_migrations') AS found"));
  const applied = rows[0]?.['found'] === null ? new Set<number>() : await appliedVersions(link);
  const missing = missingOf(applied, files);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  throw new StartupError(
    `The database lacks what ${names} would bring; run npm run db:migrate (docs/POSTGRESQL.md)`,
  );
}

async function appliedVersions(link: Link): Promise<Set<number>> {
  const rows = await link.query(plain('SELECT version FROM schema_migrations'));
  return new Set(rows.map((row) => Number(row['version'])));
}

function missingOf(applied: ReadonlySet<number>, files: readonly SchemaFile[]): SchemaFile[] {
  const newest = Math.max(...files.map(({ version }) => version));
  const newer = [...applied].filter((version) => version > newest);
  if (newer.length > 0) {
    throw new StartupError(
      `The database has schema version ${Math.max(...newer)}, which this version of the service does not ` +
        `know (it knows ${newest}); run a newer one`,
    );
  }
  return files.filter(({ version }) => !applied.has(version));
}
