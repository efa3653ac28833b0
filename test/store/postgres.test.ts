import { openPostgresStore } from '../../src/store/postgres/store.js';
import { newDatabase, optionsFor, runStatement } from '../postgres/shared.js';
import { silent } from '../snowflake/support/silent.js';
import { describeStore } from './suite.js';

/** All that a store holds, but for which schema files were applied. */
const tables = [
  'changes',
  'deployment_events',
  'skipping',
  'deployments',
  'environments',
  'idempotency_keys',
  'policy_changes',
  'queue_entries',
  'rolled_back',
  'taxonomies',
  'tenant_usage',
  'tenants',
];

let url: string | undefined;

describeStore('PostgreSQL', async () => {
  url ??= await newDatabase();
  const options = optionsFor(url);
  const store = await openPostgresStore(options, silent);
  await runStatement(url, tables.map((table) => `DELETE FROM ${table}`).join('; '));
  return {
    store,
    reopen: () => openPostgresStore(options, silent),
    dispose: () => store.close(),
  };
});
