import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { Row, Value } from '../database.js';
import { stampColumnOf } from '../row-cache.js';
import type { Source } from '../source.js';
import { storedColumnsOf, toStored } from './rows.js';

/** A statement that finds deployments, and perhaps something besides of each: with their stamps, and with their rows. */
export interface Finding {
  readonly stamps: string;
  readonly rows: string;
}

/** One deployment that was found, and the row with what was asked for besides. */
export interface Found {
  readonly stored: StoredDeployment;
  readonly row: Row;
}

/**
 * Makes the two forms of a statement.
 *
 * @param statement given the columns to select of each deployment
 * @param table what the deployments are called there
 * @example
 * const newest = finding((columns) => `SELECT ${columns} FROM deployments ORDER BY created_at DESC LIMIT 1`);
 */
export function finding(statement: (columns: string) => string, table = 'deployments'): Finding {
  return {
    stamps: statement(`${stampColumnOf(table)} AS stamp`),
    rows: statement(storedColumnsOf(table)),
  };
}

/** Finds deployments: from the cache where it has all of them, and else whole, all of one state of the data. */
export function find(
  source: Source,
  { stamps, rows }: Finding,
  values: readonly Value[],
): Iterable<Found> {
  source.cache.refresh();
  const found: Found[] = [];
  for (const row of source.database.prepare(stamps).iterate(...values)) {
    const stored = source.cache.get(String(row['stamp']));
    if (stored === undefined) return readRows(source, rows, values);
    found.push({ stored, row });
  }
  return found;
}

/** Finds deployments of which nothing else is asked for. */
export function findStored(
  source: Source,
  statement: Finding,
  values: readonly Value[],
): StoredDeployment[] {
  return Array.from(find(source, statement, values), ({ stored }) => stored);
}

/** Rows one by one, so that whoever has enough of them need not read the rest. */
function* readRows(source: Source, sql: string, values: readonly Value[]): Iterable<Found> {
  for (const row of source.database.prepare(sql).iterate(...values)) {
    yield { stored: source.cache.put(toStored(row)), row };
  }
}
