import { readFileSync } from 'node:fs';
import type { DeploymentStatus } from '../../../src/domain/deployments/deployment.js';
import { taxonomyKey } from '../../../src/domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../../src/domain/deployments/taxonomy.js';
import type { Link } from '../../../src/store/snowflake/driver.js';
import type { Value } from '../../../src/store/snowflake/statement.js';
import { statementOf } from '../../../src/store/snowflake/migrate.js';
import type { TableKind } from '../../../src/store/snowflake/options.js';
import { schemaFilesOf } from '../../../src/store/snowflake/schema.js';
import { toTimestamp } from '../../../src/store/snowflake/values.js';
import { idOf, instantOf } from '../../support/stored.js';

/** How many of the schema files the release 0.1 has. */
export const filesBefore = { hybrid: 5, standard: 6 } as const satisfies Record<TableKind, number>;

/** What the release 0.1 defines otherwise than its files do by now. */
const writeLock =
  "CREATE TABLE IF NOT EXISTS write_lock AS SELECT 'changes' AS name, '' AS change_id";
const indexes = [
  'deployments_by_status ON deployments (organisation, status, created_at, id)',
  'deployments_by_name ON deployments (organisation, name, created_at, id)',
  'deployments_by_version ON deployments (taxonomy_key, version, created_at, id)',
];

/** Makes the schema that the release 0.1 leaves. */
export async function migrateBefore(link: Link, tables: TableKind): Promise<void> {
  for (const { version, name, path } of schemaFilesOf(tables).slice(0, filesBefore[tables])) {
    const sql = name.endsWith('_write_lock.sql')
      ? writeLock
      : statementOf(readFileSync(path, 'utf8'));
    await link.query({ sql, values: [] });
    await insert(link, 'schema_migrations', {
      version,
      name,
      applied_at: toTimestamp(instantOf(0)),
    });
  }
  if (tables === 'standard') return;
  for (const index of indexes) await link.query({ sql: `CREATE INDEX ${index}`, values: [] });
}

/** What a deployment of 0.1 was, in the order of its changes: to which status, at the instant of which number. */
export type Past = readonly (readonly [status: DeploymentStatus | 'notes', at: number])[];

/**
 * Adds a deployment as 0.1 wrote it, with its events: a change of notes alone had none.
 *
 * @param number of its id
 * @param fields columns that differ
 */
export async function addDeployment(
  link: Link,
  number: number,
  past: Past,
  fields: Partial<Taxonomy> & Readonly<Record<string, Value>> = {},
): Promise<void> {
  const [first] = past;
  const last = past.at(-1);
  if (first === undefined || last === undefined) throw new Error('It has no past');
  const status = past.findLast(([each]) => each !== 'notes')?.[0] ?? 'scheduled';
  const row = {
    id: idOf(number),
    created_at: toTimestamp(instantOf(first[1])),
    updated_at: toTimestamp(instantOf(last[1])),
    organisation: 'acme',
    name: 'checkout',
    version: String(number),
    environment: 'Production',
    cloud_account_id: null,
    region: null,
    cell: null,
    type: 'k8s',
    auto: true,
    status,
    trigger_kind: 'auto',
    revision: past.length,
    ever_deployed: past.some(([each]) => each === 'deployed'),
    change_id: `change ${number}`,
    ...fields,
  };
  const provider = 'gcp';
  const key = taxonomyKey({ ...row, provider });
  await insert(link, 'deployments', { ...row, provider, taxonomy_key: key });
  let from: DeploymentStatus | null = null;
  for (const [nth, [to, at]] of past.entries()) {
    if (to === 'notes') continue;
    await insert(link, 'deployment_events', {
      deployment_id: idOf(number),
      revision: nth + 1,
      occurred_at: toTimestamp(instantOf(at)),
      from_status: from,
      to_status: to,
      cause: to === 'skipped' ? 'auto_skip' : 'request',
      actor: 'octocat',
    });
    from = to;
  }
}

/** Adds a row. */
export async function insert(
  link: Link,
  table: string,
  row: Readonly<Record<string, Value>>,
): Promise<void> {
  const names = Object.keys(row);
  const places = names.map(() => '?').join(', ');
  await link.query({
    sql: `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`,
    values: Object.values(row),
  });
}
