import { filterFields } from '../../domain/deployment-store.js';
import type { ListFilter, ListQuery, Page } from '../../domain/deployment-store.js';
import type { Database, Value } from './database.js';
import { deploymentColumns, toDeployment } from './rows.js';

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
export function list(database: Database, query: ListQuery): Page {
  const { sql, values } = listStatement(query);
  const rows = database.prepare(sql).all(...values);
  const more = rows.length > query.limit;
  if (more) rows.pop();
  return { deployments: rows.map(toDeployment), more };
}

/** The statement of a page and its values; asks for one row more, to know whether there is one. */
export function listStatement(query: ListQuery): { sql: string; values: Value[] } {
  const { organisation, filter, after, limit } = query;
  const fields = filterFields.filter((field) => filter[field] !== undefined);
  const conditions = ['organisation = ?', ...fields.map((field) => `${field} = ?`)];
  const values: Value[] = [organisation, ...fields.map((field) => filter[field] ?? null)];
  if (after !== undefined) {
    conditions.push('(created_at, id) < (?, ?)');
    values.push(after.created_at, after.id);
  }
  const sql = `
    SELECT ${deploymentColumns.join(', ')}
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
