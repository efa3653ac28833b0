import type { Quota, Usage } from '../../domain/usage/usage.js';
import type { Statement } from './statement.js';
import type { TableKind } from './options.js';
import type { Reader } from './reader.js';
import { whole } from './values.js';

/** How much the tenant has stored: the sum of a few rows. */
export const usage: Reader<'usage'> = (organisation) => ({
  statement: {
    sql: `
    SELECT COALESCE(SUM(deployments), 0)::NUMBER(18, 0) AS deployments,
           COALESCE(SUM(bytes), 0)::NUMBER(18, 0) AS bytes
    FROM tenant_usage
    WHERE organisation = ?`,
    values: [organisation],
  },
  parse: ([row]) =>
    row === undefined
      ? { deployments: 0, bytes: 0 }
      : { deployments: whole(row, 'DEPLOYMENTS'), bytes: whole(row, 'BYTES') },
});

/** In how many rows the usage of a tenant is counted where rows are locked. */
const hybridParts = Array.from({ length: 16 }, (_, part) => part);

/** Which of them a change adds to, by a digit of its random id. */
const partOf = (changeId: string, tables: TableKind): number =>
  tables === 'hybrid' ? parseInt(changeId.slice(0, 1), 16) : 0;

/**
 * Takes the lock of the row that a change will add to: what it adds to is read by a later statement, which sees
 * what was committed before it began.
 */
export function lockUsage(changeId: string, organisation: string): Statement {
  return {
    sql: 'UPDATE tenant_usage SET change_id = ? WHERE organisation = ? AND part = ?',
    values: [changeId, organisation, partOf(changeId, 'hybrid')],
  };
}

/**
 * Takes all rows of a tenant, which are there from then on: whatever adds to its usage, such as each start, is stored
 * before, or finds what this change has left.
 */
export function takeAllUsage(changeId: string, organisation: string): Statement[] {
  const parts = hybridParts.map((part) => `SELECT ${part} AS part`).join(' UNION ALL ');
  return [
    {
      sql: `
    INSERT INTO tenant_usage (organisation, part, deployments, bytes, change_id)
    SELECT ?, counted.part, 0, 0, ?
    FROM (${parts}) AS counted
    WHERE counted.part NOT IN (SELECT part FROM tenant_usage WHERE organisation = ?)`,
      values: [organisation, changeId, organisation],
    },
    {
      sql: 'UPDATE tenant_usage SET change_id = ? WHERE organisation = ?',
      values: [changeId, organisation],
    },
  ];
}

/** Adds what a change has added, to the row that it has locked, or as the first row of its part. */
export function addUsage(
  changeId: string,
  organisation: string,
  { deployments, bytes }: Usage,
  tables: TableKind,
): Statement[] {
  const part = partOf(changeId, tables);
  return [
    {
      sql: `
    UPDATE tenant_usage
    SET deployments = deployments + ?, bytes = bytes + ?, change_id = ?
    WHERE organisation = ? AND part = ?`,
      values: [deployments, bytes, changeId, organisation, part],
    },
    {
      sql: `
    INSERT INTO tenant_usage (organisation, part, deployments, bytes, change_id)
    SELECT ?, ?, ?, ?, ?
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (SELECT 1 FROM tenant_usage WHERE organisation = ? AND part = ?)`,
      values: [organisation, part, deployments, bytes, changeId, organisation, part],
    },
  ];
}

/** What holds while a tenant has not more than its quota. */
export function requireWithin(organisation: string, quota: Quota): Statement[] {
  return (['deployments', 'bytes'] as const).flatMap((unit) =>
    quota[unit] === 0
      ? []
      : [
          {
            sql: `(SELECT SUM(${unit}) FROM tenant_usage WHERE organisation = ?) <= ?`,
            values: [organisation, quota[unit]],
          },
        ],
  );
}
