import type { DeploymentStatus } from '../../../domain/deployments/deployment.js';
import { filterFields, maxPageBytes } from '../../../domain/deployments/reads.js';
import type { ListFilter, ListQuery } from '../../../domain/deployments/reads.js';
import { sizeExpression } from '../../page.js';
import { uuid } from '../statement.js';
import type { Statement, Value } from '../statement.js';
import { selectedColumnsOf, storedColumns } from './rows.js';

/** A list of one status, or of all: several are merged of the lists of each, which an index has in their order. */
export type OneQuery = Omit<ListQuery, 'filter'> & {
  readonly filter: Omit<ListFilter, 'status'> & { readonly status?: DeploymentStatus };
};

/** The lists that a list is made of. */
export function partsOf(query: ListQuery): OneQuery[] {
  const { status, ...filter } = query.filter;
  if (status === undefined) return [{ ...query, filter }];
  return status.map((each) => ({ ...query, filter: { ...filter, status: each } }));
}

/**
 * The statement of a page; asks for one row more, to know whether there is one, and for none once there is more than
 * a page holds.
 */
export function listStatement(organisation: string, { filter, after, limit }: OneQuery): Statement {
  const values: Value[] = [organisation];
  const place = (value: Value): string => `$${values.push(value)}`;
  const conditions = ['organisation = $1'];
  for (const field of filterFields) {
    const wanted = filter[field];
    if (wanted !== undefined) conditions.push(`${field} = ${place(wanted)}`);
  }
  if (after !== undefined) {
    conditions.push(
      `(created_at, id) < (${place(after.created_at)}::timestamptz, ${place(uuid(after.id))}::uuid)`,
    );
  }
  const sql = `
    SELECT ${selectedColumnsOf('page')}
    FROM (
      SELECT ${selectedColumnsOf('found')}, sum(bytes) OVER (ORDER BY created_at DESC, id DESC) - bytes AS bytes_before
      FROM (
        SELECT ${storedColumns}, ${sizeExpression} AS bytes
        FROM deployments
        WHERE ${conditions.join(' AND ')}
        ORDER BY created_at DESC, id DESC
        LIMIT ${place(limit + 1)}
      ) AS found
    ) AS page
    WHERE bytes_before <= ${maxPageBytes}
    ORDER BY created_at DESC, id DESC`;
  return { sql, values, planned: 'each time' };
}
