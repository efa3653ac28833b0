import type { Connect, Link } from './driver.js';
import type { SnowflakeOptions } from './options.js';

/**
 * A user's other roles add their rights to those of the role that works, unless a session does without
 * (https://docs.snowflake.com/en/sql-reference/sql/use-secondary-roles).
 */
const withoutSecondaryRoles = 'USE SECONDARY ROLES NONE';

/**
 * Logs in and sets what the store relies on, whatever account and user have as their defaults.
 *
 * @returns a session in which instants are UTC, reads see what any session has committed, a failed
 *   statement undoes its transaction, and only the role of the settings counts
 */
export async function openSession(connect: Connect, options: SnowflakeOptions): Promise<Link> {
  const link = await connect();
  try {
    await link.query({ sql: withoutSecondaryRoles, values: [] });
    await link.query({ sql: sessionStatement(options), values: [] });
    return link;
  } catch (error) {
    await link.close();
    throw error;
  }
}

/**
 * The parameters of a session (https://docs.snowflake.com/en/sql-reference/parameters), all in one
 * request. No statement runs for longer than the operation that it belongs to, and a lock is waited
 * for during a third of that, which leaves time for another try.
 */
export function sessionStatement({ tables, timeoutMs }: SnowflakeOptions): string {
  const statementSeconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const lockSeconds = Math.max(1, Math.floor(timeoutMs / 3000));
  const parameters = [
    // What an account or a user may have set otherwise, and every statement here takes for granted.
    "TIMEZONE = 'UTC'",
    "TIMESTAMP_INPUT_FORMAT = 'AUTO'",
    'AUTOCOMMIT = TRUE',
    'JS_TREAT_INTEGER_AS_BIGINT = FALSE',
    'TRANSACTION_ABORT_ON_ERROR = TRUE',
    `LOCK_TIMEOUT = ${lockSeconds}`,
    `STATEMENT_TIMEOUT_IN_SECONDS = ${statementSeconds}`,
    `STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = ${statementSeconds}`,
    "QUERY_TAG = 'deployment-queue-api'",
  ];
  if (tables === 'hybrid') {
    // Where there are no hybrid tables, these need not exist either.
    parameters.push('READ_LATEST_WRITES = TRUE', `HYBRID_TABLE_LOCK_TIMEOUT = ${lockSeconds}`);
  }
  return `ALTER SESSION SET ${parameters.join(', ')}`;
}
