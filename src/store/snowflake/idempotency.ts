import type { Deployment } from '../../domain/deployments/deployment.js';
import { expiredBefore } from '../../domain/idempotency/idempotency.js';
import type {
  IdempotencyChanges,
  RememberedResponse,
} from '../../domain/idempotency/idempotency.js';
import { columnsWith } from './deployments/rows.js';
import type { Row, Statement } from './driver.js';
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

/** A fingerprint has no space in it. */
function toResponse(row: Row): RememberedResponse {
  const [fingerprint = '', ...deployment] = text(row, 'EXTRA').split(' ');
  return {
    fingerprint,
    rememberedAt: instant(row, 'CREATED_AT'),
    // Written by remember, from a deployment; the response is validated against the contract as well.
    deployment: JSON.parse(deployment.join(' ')) as Deployment,
  };
}

/** Takes a key that is free, or whose response has expired; leaves another's as it is. */
export function remember(
  changeId: string,
  { owner, key, fingerprint, at, deployment }: IdempotencyChanges['response'],
): Statement {
  return {
    sql: `
    MERGE INTO remembered_responses AS known
    USING (
      SELECT column1 AS organisation,
             column2 AS idempotency_key,
             column3 AS owner,
             column4 AS fingerprint,
             column5::TIMESTAMP_NTZ(3) AS remembered_at,
             column6 AS deployment,
             column7 AS change_id,
             column8::TIMESTAMP_NTZ(3) AS expired_before
      FROM VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ) AS new
    ON known.organisation = new.organisation
      AND known.idempotency_key = new.idempotency_key
      AND known.owner = new.owner
    WHEN MATCHED AND known.remembered_at < new.expired_before THEN UPDATE SET
      fingerprint = new.fingerprint,
      remembered_at = new.remembered_at,
      deployment = new.deployment,
      change_id = new.change_id
    WHEN NOT MATCHED THEN
      INSERT (
        organisation, idempotency_key, owner, fingerprint, remembered_at, deployment, change_id
      )
      VALUES (new.organisation, new.idempotency_key, new.owner, new.fingerprint,
              new.remembered_at, new.deployment, new.change_id)`,
    values: [
      deployment.organisation,
      key,
      owner,
      fingerprint,
      toTimestamp(at),
      JSON.stringify(deployment),
      changeId,
      toTimestamp(expiredBefore(at)),
    ],
  };
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
