import type {
  IdempotencyChanges,
  IdempotencyReads,
  RememberedResponse,
} from '../../domain/idempotency/idempotency.js';
import { parseRemembered } from '../remembered-deployment.js';
import type { Database } from './database.js';
import type { Source } from './source.js';

/** The first response under a key, expired or not; the later of one's own and everybody's. */
export function readRememberedResponse(
  { organisation, database }: Source,
  { owner, key }: IdempotencyReads['rememberedResponse']['of'],
): RememberedResponse | undefined {
  const row = database.prepare(byKey).get(organisation, key, owner);
  return (
    row && {
      fingerprint: String(row['fingerprint']),
      rememberedAt: String(row['remembered_at']),
      deployment: parseRemembered(String(row['deployment'])),
    }
  );
}

const byKey = `
  SELECT fingerprint, remembered_at, deployment
  FROM idempotency_keys
  WHERE organisation = ? AND key = ? AND owner IN (?, '*')
  ORDER BY remembered_at DESC
  LIMIT 1`;

/** Remembers a first response, in the place of one that has expired. */
export function writeResponse(
  database: Database,
  { owner, key, fingerprint, at, deployment }: IdempotencyChanges['response'],
): void {
  database
    .prepare(
      `INSERT OR REPLACE INTO idempotency_keys
         (organisation, owner, key, fingerprint, remembered_at, deployment)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .run(deployment.organisation, owner, key, fingerprint, at, JSON.stringify(deployment));
}

/** How many are removed in one transaction, so that nobody waits for it. */
const removedAtOnce = 500;

/** Removes responses that were remembered before an instant; whether there may be more. */
export function removeExpired(database: Database, before: string): boolean {
  return database.prepare(removeOldest).run(before, removedAtOnce) === removedAtOnce;
}

const removeOldest = `
  DELETE FROM idempotency_keys
  WHERE (organisation, key, owner) IN (
    SELECT organisation, key, owner FROM idempotency_keys
    WHERE remembered_at < ? ORDER BY remembered_at LIMIT ? + 0
  )`;
