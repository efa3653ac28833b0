import { filterFields, maxPageBytes } from '../../../domain/deployments/reads.js';
import type { ListQuery } from '../../../domain/deployments/reads.js';
import { sizeExpression } from '../../page.js';
import type { Statement, Value } from '../statement.js';
import { places, toTimestamp } from '../values.js';
import { columnOf, storedColumns } from './rows.js';

/**
 * The statement of a page; asks for one row more, to know whether there is one, and for none once there is
 * more than a page holds.
 */
export function listStatement(
  organisation: string,
  { filter, after, limit }: ListQuery,
): Statement {
  const conditions = ['organisation = ?'];
  const values: Value[] = [organisation];
  for (const field of filterFields) {
    const wanted = filter[field];
    if (wanted === undefined) continue;
    const several = typeof wanted === 'string' ? [wanted] : wanted;
    conditions.push(
      `${columnOf(field)} ${several.length === 1 ? '= ?' : `IN ${places(several.length)}`}`,
    );
    values.push(...several);
  }
  if (after !== undefined) {
    // (created_at, id) < (?, ?), written so that an index on created_at can start where it says.
    conditions.push('created_at <= ?::TIMESTAMP_NTZ(3)');
    conditions.push('(created_at < ?::TIMESTAMP_NTZ(3) OR id < ?)');
    const at = toTimestamp(after.created_at);
    values.push(at, at, after.id);
  }
  const columns = storedColumns.join(', ');
  const sql = `
    SELECT ${columns}
    FROM (
      SELECT ${columns}, ${sizeExpression} AS bytes
      FROM deployments
      WHERE ${conditions.join(' AND ')}
      ORDER BY created_at DESC, id DESC
      LIMIT ?
    ) AS page
    QUALIFY SUM(bytes) OVER (
      ORDER BY created_at DESC, id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) - bytes <= ${maxPageBytes}
    ORDER BY created_at DESC, id DESC`;
  return { sql, values: [...values, limit + 1] };
}
