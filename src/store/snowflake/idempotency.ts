import { expiredBefore } from '../../domain/idempotency/idempotency.js';
import type {
  IdempotencyChanges,
  RememberedResponse,
} from '../../domain/idempotency/idempotency.js';
import { parseRemembered } from '../remembered-deployment.js';
import { columnsWith } from './deployments/rows.js';
import type { Row, Statement } from './statement.js';
import type { Reader } from './reader.js';
import { instant, text, toTimestamp } from './values.js';

/**
 * Whose those responses are whose owner is not known: from before keys had owners. They answer every caller
 * of their organisation, as they did then.
 */
export const everybody = '*';

/** The first response under a key, expired or not; the later of one's own and everybody's. */
export const rememberedResponse: Reader<'rememberedResponse'> = (organisation, { owner, key }) => ({
  part: {
    sql: `
    SELECT ${columnsWith({ created_at: 'known.remembered_at' })},
           known.fingerprint || ' ' || known.deployment AS extra
    FROM remembered_responses AS known
    WHERE known.organisation = ? AND known.idempotency_key = ? AND known.owner IN (?, ?)
    ORDER BY known.remembered_at DESC
    LIMIT 1`,
    values: [organisation, key, owner, everybody],
  },
  parse: ([row]) => row && toResponse(row),
});

/** What stands for a change in a row that is only locked yet. */
export const locked = 'locked';

/** A fingerprint has no space in it. */
function toResponse(row: Row): RememberedResponse {
  const [fingerprint = '', ...deployment] = text(row, 'EXTRA').split(' ');
  return {
    fingerprint,
    rememberedAt: instant(row, 'CREATED_AT'),
    deployment: parseRemembered(deployment.join(' ')),
  };
}

/**
 * Takes a key whose response has expired, or that is free; leaves another's as it is. Its row is locked first, so that
 * the statement which looks whether it has expired sees what another change has made of it: see `takeReadings`.
 */
export function remember(
  changeId: string,
  { owner, key, fingerprint, at, deployment }: IdempotencyChanges['response'],
): Statement[] {
  const { organisation } = deployment;
  const response = [fingerprint, toTimestamp(at), JSON.stringify(deployment), changeId];
  return [
    {
      sql: `
    UPDATE remembered_responses
    SET change_id = ?
    WHERE organisation = ? AND idempotency_key = ? AND owner = ?`,
      values: [locked, organisation, key, owner],
    },
    {
      sql: `
    UPDATE remembered_responses
    SET fingerprint = ?, remembered_at = ?::TIMESTAMP_NTZ(3), deployment = ?, change_id = ?
    WHERE organisation = ? AND idempotency_key = ? AND owner = ?
      AND remembered_at < ?::TIMESTAMP_NTZ(3)`,
      values: [...response, organisation, key, owner, toTimestamp(expiredBefore(at))],
    },
    {
      sql: `
    INSERT INTO remembered_responses (
      organisation, idempotency_key, owner, fingerprint, remembered_at, deployment, change_id
    )
    SELECT ?, ?, ?, ?, ?::TIMESTAMP_NTZ(3), ?, ?
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (
      SELECT 1
      FROM remembered_responses
      WHERE organisation = ? AND idempotency_key = ? AND owner = ?
    )`,
      values: [organisation, key, owner, ...response, organisation, key, owner],
    },
  ];
}

/** What holds once a change has taken its key, which everybody's response keeps taken until it expires. */
export function requireRemembered(
  changeId: string,
  { owner, key, at, deployment: { organisation } }: IdempotencyChanges['response'],
): Statement[] {
  return [
    {
      sql: `(SELECT COUNT(*)
               FROM remembered_responses
               WHERE organisation = ? AND idempotency_key = ? AND owner = ? AND change_id = ?) = 1`,
      values: [organisation, key, owner, changeId],
    },
    {
      sql: `(SELECT COUNT(*)
               FROM remembered_responses
               WHERE organisation = ? AND idempotency_key = ? AND owner = ?
                 AND remembered_at >= ?::TIMESTAMP_NTZ(3)) = 0`,
      values: [organisation, key, everybody, toTimestamp(expiredBefore(at))],
    },
  ];
}
