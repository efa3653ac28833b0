import type { StoredDeployment } from '../../domain/deployments/deployment.js';
import { filterFields } from '../store.js';
import type { ListFilter, ListQuery, Page } from '../store.js';
import type { Database, Value } from './database.js';
import { stampColumn } from './row-cache.js';
import type { RowCache } from './row-cache.js';
import { storedColumns, toStored } from './rows.js';

type FilterField = (typeof filterFields)[number];

/** Filters by how much they narrow, the most first; a queue's waiting rows come before all. */
const mostSelectiveFirst: readonly FilterField[] = [
  'name',
  'cell',
  'cloud_account_id',
  'region',
  'status',
  'trigger',
  'environment',
  'provider',
];

/** One page of deployments, newest first, read along an index from where the page starts. */
export function list(database: Database, memory: RowCache, query: ListQuery): Page {
  memory.refresh();
  const rows = remembered(database, memory, query) ?? read(database, memory, query);
  const more = rows.length > query.limit;
  if (more) rows.pop();
  return { deployments: rows.map(({ deployment }) => deployment), more };
}

/** The rows of a page when all of them are remembered. */
function remembered(
  database: Database,
  memory: RowCache,
  query: ListQuery,
): StoredDeployment[] | undefined {
  const { sql, values } = listStatement(query, `${stampColumn} AS stamp`);
  const found: StoredDeployment[] = [];
  for (const { stamp } of database.prepare(sql).all(...values)) {
    const row = memory.find(String(stamp));
    if (row === undefined) return undefined;
    found.push(row);
  }
  return found;
}

/** The rows of a page, whole, in one statement: a page never mixes two states of the data. */
function read(database: Database, memory: RowCache, query: ListQuery): StoredDeployment[] {
  const { sql, values } = listStatement(query, storedColumns);
  return database
    .prepare(sql)
    .all(...values)
    .map((row) => memory.keep(toStored(row)));
}

/** The statement of a page and its values; asks for one row more, to know whether there is one. */
export function listStatement(query: ListQuery, columns: string): { sql: string; values: Value[] } {
  const { organisation, filter, after, limit } = query;
  const fields = filterFields.filter((field) => filter[field] !== undefined);
  const conditions = ['organisation = ?', ...fields.map((field) => `${field} = ?`)];
  const values: Value[] = [organisation, ...fields.map((field) => filter[field] ?? null)];
  if (after !== undefined) {
    conditions.push('(created_at, id) < (?, ?)');
    values.push(after.created_at, after.id);
  }
  const sql = `
    SELECT ${columns}
    FROM deployments INDEXED BY ${chooseIndex(filter)}
    WHERE ${conditions.join(' AND ')}
    ORDER BY created_at DESC, id DESC
    LIMIT ?`;
  return { sql, values: [...values, limit + 1] };
}

/**
 * The index to walk along. SQLite would choose by averages; what matters here is that few rows wait
 * while many are done.
 */
function chooseIndex(filter: ListFilter): string {
  if (filter.status === 'scheduled' || filter.status === 'in_progress')
    return 'deployments_by_status';
  const field = mostSelectiveFirst.find((candidate) => filter[candidate] !== undefined);
  return `deployments_by_${field ?? 'age'}`;
}
