import type { Link } from '../driver.js';
import type { Row, Statement } from '../statement.js';
import { describe, outcomeOf } from './bench.js';
import type { Section } from './bench.js';

/** What has a plan. */
const explained = /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE|MERGE)\b/i;

/**
 * How Snowflake carries the service's statements out, and so whether they use indexes.
 *
 * https://docs.snowflake.com/en/sql-reference/sql/explain
 */
export async function explainStatements(
  link: Link,
  statements: readonly { readonly operation: string; readonly statement: Statement }[],
): Promise<Section> {
  const lines = ['## Plans', ''];
  for (const { operation, statement } of statements) {
    if (!explained.test(statement.sql)) continue;
    const plan = await outcomeOf(
      link.query({ sql: `EXPLAIN USING TEXT ${statement.sql.trim()}`, values: statement.values }),
    );
    lines.push(`### Of "${operation}"`, '', '```sql', trimmed(statement.sql), '```', '');
    lines.push('```', 'result' in plan ? textOf(plan.result) : describe(plan), '```', '');
  }
  return lines;
}

function textOf(rows: readonly Row[]): string {
  return rows
    .flatMap((row) => Object.values(row))
    .map(String)
    .join('\n')
    .trimEnd();
}

/** A statement without the indentation that it has in the source. */
function trimmed(sql: string): string {
  const lines = sql.split('\n').filter((line) => line.trim() !== '');
  const indents = lines.slice(1).map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return lines.map((line, index) => (index === 0 ? line.trim() : line.slice(indent))).join('\n');
}
