import type { Link } from './driver.js';
import type { TableKind } from './options.js';

/**
 * Warns where what one session stored may be missed for a moment by another: standard tables are read as of
 * what the session knows, unless the account says otherwise. Hybrid tables have a parameter of the session.
 *
 * https://docs.snowflake.com/en/sql-reference/transactions#read-consistency-across-sessions
 *
 * @returns `undefined` when there is nothing to warn of
 */
export async function warnOfReads(link: Link, tables: TableKind): Promise<string | undefined> {
  if (tables === 'hybrid') return undefined;
  const parameter = 'READ_CONSISTENCY_MODE';
  const remedy = `ALTER ACCOUNT SET ${parameter} = 'GLOBAL', as ACCOUNTADMIN`;
  let mode: unknown;
  try {
    const [row] = await link.query({
      sql: `SHOW PARAMETERS LIKE '${parameter}' IN ACCOUNT`,
      values: [],
    });
    mode = row?.['value'];
  } catch {
    mode = undefined;
  }
  if (typeof mode !== 'string') {
    return `${parameter} cannot be read: SHOW PARAMETERS LIKE '${parameter}' IN ACCOUNT; unless GLOBAL, ${remedy}`;
  }
  if (mode.toUpperCase() === 'GLOBAL') return undefined;
  return (
    `${parameter} is ${mode}: a session may miss for a moment what another has just stored, so that callers may ` +
    `see an older state, and two changes under one Idempotency-Key may both be stored: ${remedy}`
  );
}
