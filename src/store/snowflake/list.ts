import { filterFields } from '../store.js';
import type { ListQuery, Page } from '../store.js';
import type { Row, Statement, Value } from './driver.js';
import { deploymentColumns, toDeployment, toTimestamp } from './rows.js';

/** The statement of a page; asks for one row more, to know whether there is one. */
export function listStatement({ organisation, filter, after, limit }: ListQuery): Statement {
  const conditions = ['organisation = ?'];
  const values: Value[] = [organisation];
  for (const field of filterFields) {
    const wanted = filter[field];
    if (wanted === undefined) continue;
    conditions.push(`${field === 'trigger' ? 'trigger_kind' : field} = ?`);
    values.push(wanted);
  }
  if (after !== undefined) {
    // (created_at, id) < (?, ?), written so that an index on created_at can start where it says.
    conditions.push('created_at <= ?::TIMESTAMP_NTZ(3)');
    conditions.push('(created_at < ?::TIMESTAMP_NTZ(3) OR id < ?)');
    const at = toTimestamp(after.created_at);
    values.push(at, at, after.id);
  }
  const sql = `
    SELECT ${deploymentColumns.join(', ')}
    FROM deployments
    WHERE ${conditions.join(' AND ')}
    ORDER BY created_at DESC, id DESC
    LIMIT ?`;
  return { sql, values: [...values, limit + 1] };
}

/** The page that the rows of its statement make. */
export function toPage(rows: readonly Row[], limit: number): Page {
  return { deployments: rows.slice(0, limit).map(toDeployment), more: rows.length > limit };
}
