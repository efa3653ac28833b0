import { randomInt } from 'node:crypto';
import type { Quota, Usage } from '../../domain/usage/usage.js';
import type { Reader } from './reader.js';
import type { Statement } from './statement.js';

/** In how many rows a tenant's usage is counted, so that changes rarely wait for each other. */
const parts = 16;

/** How much the tenant has stored. */
export const usage: Reader<'usage'> = ({ organisation }) => ({
  statement: {
    sql: `
      SELECT coalesce(sum(deployments), 0)::bigint AS deployments, coalesce(sum(bytes), 0)::bigint AS bytes
      FROM tenant_usage
      WHERE organisation = $1`,
    values: [organisation],
  },
  parse: ([row]) => ({
    deployments: Number(row?.['deployments'] ?? 0),
    bytes: Number(row?.['bytes'] ?? 0),
  }),
});

/** Adds what a change has added. */
export function addUsage(organisation: string, { deployments, bytes }: Usage): Statement {
  return {
    sql: `
      INSERT INTO tenant_usage (organisation, part, deployments, bytes)
      VALUES ($1, $2, $3, $4)
      ON CONFLICT (organisation, part) DO UPDATE
      SET deployments = tenant_usage.deployments + excluded.deployments,
          bytes = tenant_usage.bytes + excluded.bytes`,
    values: [organisation, randomInt(parts), deployments, bytes],
  };
}

/**
 * The tenant must have no more than its quota, with what the change has added. Changes that are stored in the same
 * moment do not see each other, so as many as there are of them may go beyond it together.
 */
export function requireWithin(organisation: string, quota: Quota): Statement {
  return {
    sql: `
      SELECT require_rows(count(*), 0)
      FROM (
        SELECT sum(deployments) AS deployments, sum(bytes) AS bytes
        FROM tenant_usage
        WHERE organisation = $1
      ) AS present
      WHERE $2::bigint > 0 AND deployments > $2 OR $3::bigint > 0 AND bytes > $3`,
    values: [organisation, quota.deployments, quota.bytes],
  };
}
