import type { Link } from './driver.js';
import type { Statement } from './statement.js';
import type { TableKind } from './options.js';
import { flag } from './values.js';
import { asTransaction } from './write.js';

/**
 * Finds out what became of a change whose COMMIT got no answer, and sees to it that it stays that
 * way: writes the row that the change writes last, unless it is there. Should a copy of the change
 * still be under way, only one of the two rows can be written: if ours is, the change fails.
 *
 * @returns whether the change was stored; when not, it never will be
 */
export async function settle(link: Link, changeId: string, tables: TableKind): Promise<boolean> {
  if (tables === 'hybrid') await link.query(abandon(changeId));
  else await link.batch(asTransaction(changeId, [abandon(changeId)], tables));
  return lookUp(link, changeId);
}

/** Whether a change that is recorded was stored rather than given up. */
async function lookUp(link: Link, changeId: string): Promise<boolean> {
  const [row] = await link.query({
    sql: 'SELECT abandoned FROM changes WHERE change_id = ?',
    values: [changeId],
  });
  return row !== undefined && !flag(row, 'ABANDONED');
}

/** The row of a change that is given up, unless the change was stored. */
export function abandon(changeId: string): Statement {
  return {
    sql: `INSERT INTO changes (change_id, made_at, abandoned)
    SELECT ?, SYSDATE()::TIMESTAMP_NTZ(3), TRUE
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (SELECT 1 FROM changes WHERE change_id = ?)`,
    values: [changeId, changeId],
  };
}
