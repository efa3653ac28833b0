import type { Reader } from '../reader.js';
import { oneOf, textOrNull } from '../values.js';
import { providers } from './rows.js';

/** How many of a component's newest deployments are looked at for where it is. */
const maxLookedAt = 500;

/** Where else a component has been registered lately for an environment. */
export const whereabouts: Reader<'whereabouts'> = (organisation, { name, environment, limit }) => ({
  statement: {
    sql: `
    SELECT provider, cloud_account_id, region, cell
    FROM (
      SELECT environment, provider, cloud_account_id, region, cell, created_at, id
      FROM deployments
      WHERE organisation = ? AND name = ?
      ORDER BY created_at DESC, id DESC
      LIMIT ${maxLookedAt}
    ) AS latest
    WHERE environment = ?
    GROUP BY provider, cloud_account_id, region, cell
    ORDER BY MAX(created_at) DESC, MAX(id) DESC
    LIMIT ?`,
    values: [organisation, name, environment, limit],
  },
  parse: (rows) =>
    rows.map((row) => ({
      provider: oneOf(providers, row, 'PROVIDER'),
      cloud_account_id: textOrNull(row, 'CLOUD_ACCOUNT_ID'),
      region: textOrNull(row, 'REGION'),
      cell: textOrNull(row, 'CELL'),
    })),
});
