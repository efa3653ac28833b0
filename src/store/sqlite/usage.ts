import type { Usage } from '../../domain/usage/usage.js';
import type { Database } from './database.js';
import type { Source } from './source.js';

/** How much the tenant has stored. */
export function readUsage({ organisation, database }: Source): Usage {
  const row = database.prepare(usage).get(organisation);
  return {
    deployments: Number(row?.['deployments'] ?? 0),
    bytes: Number(row?.['bytes'] ?? 0),
  };
}

const usage = 'SELECT deployments, bytes FROM tenant_usage WHERE organisation = ?';

/** Adds what a change has added; inside its transaction. */
export function addUsage(
  database: Database,
  organisation: string,
  { deployments, bytes }: Usage,
): void {
  if (deployments === 0 && bytes === 0) return;
  database.prepare(add).run(organisation, deployments, bytes);
}

const add = `
  INSERT INTO tenant_usage (organisation, deployments, bytes) VALUES (?, ?, ?)
  ON CONFLICT (organisation) DO UPDATE
  SET deployments = deployments + excluded.deployments, bytes = bytes + excluded.bytes`;
