import type { Row } from './statement.js';

/**
 * An instant as a TIMESTAMP_NTZ takes it.
 *
 * @param instant RFC 3339 in UTC with milliseconds
 */
export function toTimestamp(instant: string): string {
  return instant.replace('T', ' ').replace('Z', '');
}

/** `(?, ?)`: places for some values. */
export function places(count: number): string {
  return `(${Array<string>(count).fill('?').join(', ')})`;
}

/** `(?, ?), (?, ?)`: places for the values of some rows. */
export function rowsOfPlaces(rows: number, columns: number): string {
  return Array<string>(rows).fill(places(columns)).join(', ');
}

/** An instant as the domain writes it; the driver gives a Date whose UTC fields are the column's. */
export function instant(row: Row, column: string): string {
  const value = row[column];
  if (value instanceof Date) return value.toISOString();
  throw unexpected(column);
}

/** A text that is never NULL. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw unexpected(column);
}

/** A text, or NULL. */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** A BOOLEAN that is never NULL. */
export function flag(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value === 'boolean') return value;
  throw unexpected(column);
}

/** A number without a fraction. */
export function whole(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw unexpected(column);
}

/** One of the values that the service writes there. */
export function oneOf<T extends string>(values: readonly T[], row: Row, column: string): T {
  const found = values.find((value) => value === row[column]);
  if (found !== undefined) return found;
  throw unexpected(column);
}

/** A list of such values, as JSON. */
export function listOf<T extends string>(values: readonly T[], row: Row, column: string): T[] {
  let items: unknown;
  try {
    items = JSON.parse(text(row, column));
  } catch {
    throw unexpected(column);
  }
  if (!Array.isArray(items)) throw unexpected(column);
  return items.map((item: unknown) => oneOf(values, { [column]: item }, column));
}

/**
 * An instant as a text in the form of the contract, where it stands in a column of texts.
 *
 * @param expression of a TIMESTAMP_NTZ(3)
 */
export function instantText(expression: string): string {
  return `TO_VARCHAR(${expression}, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"')`;
}

/** The value is not shown: it may be anything, and the message reaches a log. */
function unexpected(column: string): Error {
  return new Error(`Snowflake gave a value in ${column} that the service never writes there`);
}
