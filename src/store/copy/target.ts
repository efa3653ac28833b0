import type { Link } from '../postgres/driver.js';
import { plain, rowsOf } from '../postgres/statement.js';
import type { Row } from '../postgres/statement.js';
import type { Value } from '../sqlite/database.js';
import { CopyRefused } from './source.js';
import { copiedTables } from './tables.js';
import type { CopiedTable } from './tables.js';

/** A column as the database has it. */
export interface Column {
  readonly name: string;
  /** Such as `timestamp with time zone`. */
  readonly type: string;
}

/** How long to wait for whoever writes, in milliseconds. */
const lockMs = 10_000;

/**
 * Begins the transaction of a copy: nobody else writes until its end.
 *
 * @throws CopyRefused when a table has rows; an error 55P03 when somebody writes for long
 */
export async function beginCopy(link: Link): Promise<void> {
  const names = copiedTables.map(({ name }) => name);
  await link.query(plain('BEGIN ISOLATION LEVEL READ COMMITTED'));
  // However long it takes.
  await link.query(plain('SET LOCAL statement_timeout = 0'));
  await link.query(plain('SET LOCAL idle_in_transaction_session_timeout = 0'));
  await link.query(plain(`SET LOCAL lock_timeout = ${lockMs}`));
  await link.query(plain(`LOCK TABLE ${names.join(', ')} IN EXCLUSIVE MODE`));
  const looks = names.map((name) => `SELECT '${name}' AS name WHERE EXISTS (SELECT FROM ${name})`);
  const used = await link.query(plain(looks.join(' UNION ALL ')));
  if (used.length === 0) return;
  throw new CopyRefused(
    `The database is not empty, there are rows in ${used.map(({ name }) => String(name)).join(', ')}: ` +
      'a copy is made into an empty one',
  );
}

/** The columns of a table, but for those that the database fills by itself. */
export async function columnsOf(link: Link, table: string): Promise<Column[]> {
  const rows = await link.query({
    sql: `
      SELECT attname AS name, format_type(atttypid, NULL) AS type
      FROM pg_attribute
      WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
      ORDER BY attnum`,
    values: [table],
  });
  // The columns are the fields.
  return rows as unknown as Column[];
}

/** Values as SQLite has them, which are texts and numbers, become what the column holds. */
function converted({ name, type }: Column): string {
  return type === 'text[]'
    ? `ARRAY(SELECT json_array_elements_text(source.${name}::json))`
    : `source.${name}::${type}`;
}

const recordOf = (columns: readonly Column[]): string =>
  `json_to_recordset($1) AS source (${columns.map(({ name }) => `${name} text`).join(', ')})`;

/** Adds rows, without what refers to others of the table. */
export async function insertRows(
  link: Link,
  { name, references = [] }: CopiedTable,
  columns: readonly Column[],
  rows: readonly object[],
): Promise<void> {
  const own = columns.filter((column) => !references.includes(column.name));
  await link.query({
    sql: `
      INSERT INTO ${name} (${own.map((column) => column.name).join(', ')})
      SELECT ${own.map(converted).join(', ')} FROM ${recordOf(own)}`,
    values: [rowsOf(rows)],
  });
}

/** Sets what refers to other rows of a table, once all are there. */
export async function setReferences(
  link: Link,
  { name, key, references = [] }: CopiedTable,
  columns: readonly Column[],
  rows: readonly object[],
): Promise<void> {
  const named = columns.filter((column) => references.includes(column.name));
  const keys = columns.filter((column) => key.includes(column.name));
  await link.query({
    sql: `
      UPDATE ${name}
      SET ${named.map((column) => `${column.name} = ${converted(column)}`).join(', ')}
      FROM ${recordOf([...keys, ...named])}
      WHERE ${keys.map((column) => `${name}.${column.name} = ${converted(column)}`).join(' AND ')}`,
    values: [rowsOf(rows)],
  });
}

/** The rows of a table in the order of its key, with the values that SQLite has for them, so many at a time. */
export async function* targetRows(
  link: Link,
  { name, key }: CopiedTable,
  columns: readonly string[],
  atOnce: number,
): AsyncGenerator<Record<string, Value>, void> {
  await link.query(
    plain(`
      DECLARE copied NO SCROLL CURSOR FOR
      SELECT ${columns.join(', ')} FROM ${name} ORDER BY ${key.join(', ')}`),
  );
  for (;;) {
    const rows = await link.query(plain(`FETCH ${atOnce} FROM copied`));
    if (rows.length === 0) break;
    for (const row of rows) yield asInSource(row);
  }
  await link.query(plain('CLOSE copied'));
}

function asInSource(row: Row): Record<string, Value> {
  const entries = Object.entries(row).map(([name, value]): [string, Value] => {
    if (typeof value === 'boolean') return [name, Number(value)];
    if (Array.isArray(value)) return [name, JSON.stringify(value)];
    // The driver gives all else as SQLite has it.
    return [name, value as Value];
  });
  return Object.fromEntries(entries);
}

/** Goes on with fences where the source has stopped. A sequence is no part of the transaction, and never goes back. */
export async function continueFences(link: Link, last: number): Promise<void> {
  await link.query({
    sql: `SELECT setval('fences', greatest(last_value, $1)) FROM fences WHERE $1::bigint > 0`,
    values: [last],
  });
}
