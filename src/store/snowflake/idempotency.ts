import type { Deployment } from '../../domain/deployments/deployment.js';
import { expiredBefore } from '../../domain/idempotency/idempotency.js';
import type {
  IdempotencyChanges,
  IdempotencyReads,
  RememberedResponse,
} from '../../domain/idempotency/idempotency.js';
import { columnsWith } from './deployments/rows.js';
import type { Row, Statement } from './driver.js';
import type { Reader } from './reader.js';
import { instant, text, toTimestamp } from './values.js';

/** The first response under a key, expired or not. */
export const rememberedResponse: Reader<
  IdempotencyReads['rememberedResponse']['of'],
  IdempotencyReads['rememberedResponse']['gives']
> = (organisation, { key }) => ({
  part: {
    sql: `
    SELECT ${columnsWith({ created_at: 'known.remembered_at' })},
           known.fingerprint || ' ' || known.deployment AS extra
    FROM idempotency_keys AS known
    WHERE known.organisation = ? AND known.idempotency_key = ?`,
    values: [organisation, key],
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
  { key, fingerprint, at, deployment }: IdempotencyChanges['response'],
): Statement {
  return {
    sql: `
    MERGE INTO idempotency_keys AS known
    USING (
      SELECT column1 AS organisation,
             column2 AS idempotency_key,
             column3 AS fingerprint,
             column4::TIMESTAMP_NTZ(3) AS remembered_at,
             column5 AS deployment,
             column6 AS change_id,
             column7::TIMESTAMP_NTZ(3) AS expired_before
      FROM VALUES (?, ?, ?, ?, ?, ?, ?)
    ) AS new
    ON known.organisation = new.organisation AND known.idempotency_key = new.idempotency_key
    WHEN MATCHED AND known.remembered_at < new.expired_before THEN UPDATE SET
      fingerprint = new.fingerprint,
      remembered_at = new.remembered_at,
      deployment = new.deployment,
      change_id = new.change_id
    WHEN NOT MATCHED THEN
      INSERT (organisation, idempotency_key, fingerprint, remembered_at, deployment, change_id)
      VALUES (new.organisation, new.idempotency_key, new.fingerprint, new.remembered_at,
              new.deployment, new.change_id)`,
    values: [
      deployment.organisation,
      key,
      fingerprint,
      toTimestamp(at),
      JSON.stringify(deployment),
      changeId,
      toTimestamp(expiredBefore(at)),
    ],
  };
}
