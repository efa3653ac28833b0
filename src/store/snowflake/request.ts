import type { Statement } from './statement.js';

/**
 * How many bytes the text and the values of a request may have: below the megabyte that Snowflake advises for all of
 * its statements together (https://docs.snowflake.com/en/user-guide/query-size-limits).
 */
const maxRequestBytes = 900_000;
/** What a value takes beside itself: its place, its number and its type. */
const bytesOfBind = 40;

/**
 * Several statements as the requests that carry them, each with its values: one request, or as few as their size
 * allows.
 */
export function requestsOf(statements: readonly Statement[]): Statement[][] {
  const requests: Statement[][] = [];
  let room = 0;
  for (const statement of statements.map(withLiterals)) {
    const size = sizeOf(statement);
    const request = requests.at(-1);
    if (request === undefined || size > room) {
      requests.push([statement]);
      room = maxRequestBytes - size;
    } else {
      request.push(statement);
      room -= size;
    }
  }
  return requests;
}

/**
 * A statement with NULL, TRUE and FALSE in its text: among several statements Snowflake refuses NULL as a bound value
 * ("Bind variable ? not set", https://github.com/snowflakedb/drivers/pull/1235), and its drivers bind only numbers
 * and texts there. A text of the store's has no `?` but those of its values.
 */
function withLiterals({ sql, values }: Statement): Statement {
  let place = 0;
  const text = sql.replaceAll('?', () => {
    const value = values[place];
    place += 1;
    return value === null || typeof value === 'boolean' ? String(value).toUpperCase() : '?';
  });
  return {
    sql: text,
    values: values.filter((value) => value !== null && typeof value !== 'boolean'),
  };
}

function sizeOf({ sql, values }: Statement): number {
  return values.reduce<number>(
    (sum, value) => sum + bytesOfBind + Buffer.byteLength(String(value)),
    Buffer.byteLength(sql),
  );
}
