import { loadDriver, withConnection } from '../postgres/driver.js';
import type { Link } from '../postgres/driver.js';
import { migrate } from '../postgres/migrate.js';
import type { PostgresOptions } from '../postgres/options.js';
import { plain } from '../postgres/statement.js';
import { verify } from '../postgres/verify.js';
import type { OpenFile } from '../sqlite/database.js';
import { CopyRefused, lastFence, openSource, sourceRows } from './source.js';
import { copiedTables } from './tables.js';
import type { CopiedTable } from './tables.js';
import {
  beginCopy,
  columnsOf,
  continueFences,
  insertRows,
  setReferences,
  targetRows,
} from './target.js';
import type { Column } from './target.js';

/** So many rows are in memory at once; one has some fifty kilobytes at the most. */
const rowsAtOnce = 500;

/**
 * Copies all that a SQLite file holds into an empty database on PostgreSQL, and compares every row afterwards. It is
 * one transaction: whatever happens, either all of it is there or nothing, and it can be tried again.
 *
 * @param path of a file that no service uses, nor can use meanwhile
 * @param say is told how many rows of each table are there, once they are
 * @throws CopyRefused, BackupRefused, StartupError, or an error of either database
 */
export async function copyToPostgres(
  path: string,
  options: PostgresOptions,
  say: (line: string) => void,
): Promise<void> {
  const source = openSource(path);
  try {
    await withConnection(await loadDriver(options), options.url, async (link) => {
      if (options.migrate === 'start') await migrate(link);
      const { faults } = await verify(link, options);
      if (faults.length > 0) throw new CopyRefused(faults.join('\n'));
      try {
        await beginCopy(link);
        for (const table of copiedTables) {
          say(`${table.name}: ${await copyTable(source, link, table)} rows`);
        }
        await continueFences(link, lastFence(source));
        await link.query(plain('COMMIT'));
      } catch (error) {
        await link.query(plain('ROLLBACK')).catch(() => undefined);
        throw error;
      }
      // So that the first reads are planned by what is there.
      await link.query(plain(`ANALYZE ${copiedTables.map(({ name }) => name).join(', ')}`));
    });
  } finally {
    source.close();
  }
}

/** Copies a table and compares it; how many rows it has. */
async function copyTable(source: OpenFile, link: Link, table: CopiedTable): Promise<number> {
  const columns = await columnsOf(link, table.name);
  const names = columns.map(({ name }) => name);
  const { references } = table;
  for (const rows of sourceRows(source, table, names, rowsAtOnce)) {
    await insertRows(link, table, columns, rows);
  }
  if (references !== undefined) {
    for (const rows of sourceRows(source, table, [...table.key, ...references], rowsAtOnce)) {
      const referring = rows.filter((row) => references.some((column) => row[column] !== null));
      if (referring.length > 0) await setReferences(link, table, columns, referring);
    }
  }
  return compareTable(source, link, table, columns);
}

/** @throws Error when a row is missing, too much, or differs */
async function compareTable(
  source: OpenFile,
  link: Link,
  table: CopiedTable,
  columns: readonly Column[],
): Promise<number> {
  const names = columns.map(({ name }) => name);
  const copies = targetRows(link, table, names, rowsAtOnce);
  let count = 0;
  for (const rows of sourceRows(source, table, names, rowsAtOnce)) {
    for (const row of rows) {
      const next = await copies.next();
      const copy = next.done === true ? undefined : next.value;
      const differing = names.find((name) => copy === undefined || copy[name] !== row[name]);
      if (differing !== undefined) throw differs(table, count, differing);
      count += 1;
    }
  }
  if ((await copies.next()).done !== true) throw differs(table, count, table.key.join(', '));
  return count;
}

function differs({ name }: CopiedTable, nth: number, column: string): Error {
  return new CopyRefused(
    `Row ${nth + 1} of ${name} was not copied as it is, it differs in ${column}: nothing was kept`,
  );
}
