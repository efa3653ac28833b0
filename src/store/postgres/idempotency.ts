import { expiredBefore } from '../../domain/idempotency/idempotency.js';
import type { IdempotencyChanges } from '../../domain/idempotency/idempotency.js';
import { parseRemembered } from '../remembered-deployment.js';
import type { Reader } from './reader.js';
import type { Statement } from './statement.js';

/** The first response under a key, expired or not; the later of one's own and everybody's, which a copy may bring. */
export const rememberedResponse: Reader<'rememberedResponse'> = (
  { organisation },
  { owner, key },
) => ({
  statement: {
    sql: `
      SELECT fingerprint, remembered_at, deployment
      FROM idempotency_keys
      WHERE organisation = $1 AND key = $2 AND owner IN ($3, '*')
      ORDER BY remembered_at DESC
      LIMIT 1`,
    values: [organisation, key, owner],
  },
  parse: ([row]) =>
    row && {
      fingerprint: String(row['fingerprint']),
      rememberedAt: String(row['remembered_at']),
      deployment: parseRemembered(String(row['deployment'])),
    },
});

/** Remembers a first response: takes a key that is free, or whose response has expired. */
export function remember({
  owner,
  key,
  fingerprint,
  at,
  deployment,
}: IdempotencyChanges['response']): Statement {
  return {
    sql: `
      WITH taken AS (
        INSERT INTO idempotency_keys (organisation, key, owner, fingerprint, remembered_at, deployment)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (organisation, key, owner) DO UPDATE
        SET fingerprint = excluded.fingerprint,
            remembered_at = excluded.remembered_at,
            deployment = excluded.deployment
        WHERE idempotency_keys.remembered_at < $7
        RETURNING 1
      )
      SELECT require_rows(count(*), 1) FROM taken`,
    values: [
      deployment.organisation,
      key,
      owner,
      fingerprint,
      at,
      JSON.stringify(deployment),
      expiredBefore(at),
    ],
  };
}
