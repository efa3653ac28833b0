import type { PostgresOptions } from '../../src/store/postgres/options.js';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import { silent } from '../snowflake/support/silent.js';
import { describeStore } from '../store/suite.js';
import { runStatement } from './shared.js';

/** All that a store holds, but for which schema files were applied. */
const tables = [
  'changes',
  'deployment_events',
  'skipping',
  'deployments',
  'environments',
  'feeds',
  'idempotency_keys',
  'policy_changes',
  'queue_entries',
  'rolled_back',
  'taxonomies',
  'tenant_usage',
  'tenants',
];

/**
 * Holds a PostgreSQL to the suite of all stores.
 *
 * @param newDatabase makes an empty database on it; returns how a store is opened there
 */
export function describePostgresStore(
  name: string,
  newDatabase: () => Promise<PostgresOptions>,
): void {
  let options: PostgresOptions | undefined;
  describeStore(name, async () => {
    const those = (options ??= await newDatabase());
    const store = await openPostgresStore(those, silent);
    await emptyDatabase(those.listenUrl);
    return {
      store,
      reopen: () => openPostgresStore(those, silent),
      dispose: () => store.close(),
    };
  });
}

/** Removes all that is stored; the schema stays. */
export async function emptyDatabase(url: string): Promise<void> {
  await runStatement(url, tables.map((table) => `DELETE FROM ${table}`).join('; '));
}
