import { readFileSync } from 'node:fs';
import { statementOf } from '../../../src/store/snowflake/migrate.js';
import type { TableKind } from '../../../src/store/snowflake/options.js';
import { schemaFilesOf } from '../../../src/store/snowflake/schema.js';

/** The statement of a schema file. */
export const read = (path: string): string => statementOf(readFileSync(path, 'utf8'));

export const withoutComments = (sql: string): string => sql.replaceAll(/--.*$/gm, '');

/** The tables of both kinds. */
export const tables = [
  'schema_migrations',
  'deployments',
  'deployment_events',
  'feeds',
  'changes',
  'rolled_back',
  'skipping',
  'remembered_responses',
  'tenant_usage',
  'tenants',
  'policy_changes',
  'environments',
  'queue_entries',
  'taxonomies',
];

/** The columns of a table as all files together define them, each with its type. */
export function columnsOf(kind: TableKind, table: string): string[] {
  const columns: string[] = [];
  for (const { path } of schemaFilesOf(kind)) {
    const sql = withoutComments(read(path)).trim().replaceAll(/ +/g, ' ');
    const [head = '', ...lines] = sql.split('\n');
    if (head.split(' ').find((word) => tables.includes(word)) !== table) continue;
    const dropped = / DROP COLUMN IF EXISTS (\w+)/.exec(head)?.[1];
    if (dropped !== undefined) {
      columns.splice(
        columns.findIndex((column) => column.startsWith(`${dropped} `)),
        1,
      );
    }
    if (!/^(CREATE|ALTER)/.test(head)) continue;
    const defined = lines.map((line) => line.trim().replaceAll(/^IF NOT EXISTS |,$/g, ''));
    columns.push(...defined.filter((line) => /^[a-z_]+ [A-Z]/.test(line)));
  }
  return columns;
}
