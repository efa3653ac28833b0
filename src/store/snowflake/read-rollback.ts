import type { RollbackSelector } from '../store.js';
import type {
  IdempotentRequest,
  RememberedResponse,
} from '../../domain/idempotency/idempotency.js';
import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import { readAnswer } from './idempotency.js';
import type { Row, Statement, Value } from './driver.js';
import { storedColumns, toStored } from './rows.js';
import type { StoredRow } from './rows.js';

/** What a rollback is decided on. */
export interface RollbackSlice {
  /** The deployment that the caller named by its id. */
  readonly selected: StoredRow | undefined;
  /** The members of the taxonomy that decide: what runs, what rolls it back, what to go back to. */
  readonly members: readonly StoredRow[];
  /** The first answer under the request's key. */
  readonly answer: RememberedResponse | undefined;
}

const columns = storedColumns.join(', ');

/**
 * Everything that a rollback is decided on, in one statement: a row for each part of it, and the
 * remembered answer beside each of them.
 */
export function rollbackStatement(
  selector: RollbackSelector,
  targetVersion: string | undefined,
  idempotency: IdempotentRequest | undefined,
): Statement {
  const byId = 'id' in selector;
  const organisation = byId ? selector.organisation : selector.taxonomy.organisation;
  const place: Value[] = byId
    ? [selector.id, selector.organisation]
    : [taxonomyKey(selector.taxonomy)];
  const sql = `
    WITH selected AS (
      SELECT ${columns}, taxonomy_key
      FROM deployments
      WHERE ${byId ? 'id = ? AND organisation = ?' : 'FALSE'}
    ),
    place AS (
      ${byId ? 'SELECT taxonomy_key FROM selected' : 'SELECT ? AS taxonomy_key'}
    ),
    running AS (
      SELECT ${columns}, taxonomy_key
      FROM deployments
      WHERE taxonomy_key = (SELECT taxonomy_key FROM place)
        AND status IN ('in_progress', 'deployed', 'failed')
      ORDER BY created_at DESC, id DESC
      LIMIT 1
    ),
    pending AS (
      SELECT ${columns}
      FROM deployments
      WHERE rollback_from_deployment_id = (SELECT id FROM running)
        AND status IN ('scheduled', 'in_progress')
      ORDER BY created_at DESC, id DESC
      LIMIT 1
    ),
    source AS (
      ${targetVersion === undefined ? previousVersion : newestOfVersion}
    ),
    parts AS (
      SELECT 'selected' AS part, ${columns} FROM selected
      UNION ALL SELECT 'member' AS part, ${columns} FROM running
      UNION ALL SELECT 'member' AS part, ${columns} FROM pending
      UNION ALL SELECT 'member' AS part, ${columns} FROM source
    )
    SELECT answer.fingerprint, answer.remembered_at, answer.deployment,
           parts.part, ${storedColumns.map((name) => `parts.${name}`).join(', ')}
    FROM (SELECT 1 AS one) AS always
    LEFT JOIN (
      SELECT fingerprint, remembered_at, deployment
      FROM idempotency_keys
      WHERE organisation = ? AND idempotency_key = ?
    ) AS answer ON TRUE
    LEFT JOIN parts ON TRUE`;
  const version = targetVersion === undefined ? [] : [targetVersion];
  const key = [organisation, idempotency?.key ?? null];
  return { sql, values: [...place, ...version, ...key] };
}

/** The slice that the rows of its statement make. */
export function toRollbackSlice(rows: readonly Row[]): RollbackSlice {
  const [first] = rows;
  const selected = rows.find((row) => row['PART'] === 'selected');
  return {
    selected: selected && toStored(selected),
    members: rows.filter((row) => row['PART'] === 'member').map(toStored),
    answer: first === undefined || first['FINGERPRINT'] === null ? undefined : readAnswer(first),
  };
}

// The newest deployment of each version that was found bad is joined rather than asked about by a
// subquery: Snowflake takes correlated subqueries only where it can tell them to be simple
// (https://docs.snowflake.com/en/user-guide/querying-subqueries).
const previousVersion = `
      SELECT ${storedColumns.map((name) => `candidate.${name}`).join(', ')}
      FROM deployments AS candidate
      LEFT JOIN (
        SELECT found.version AS version, found.created_at AS created_at, found.id AS id
        FROM deployments AS found
        JOIN deployments AS back ON back.rollback_from_deployment_id = found.id
        WHERE found.taxonomy_key = (SELECT taxonomy_key FROM place)
        QUALIFY ROW_NUMBER() OVER (
          PARTITION BY found.version ORDER BY found.created_at DESC, found.id DESC
        ) = 1
      ) AS bad ON bad.version = candidate.version
      WHERE candidate.taxonomy_key = (SELECT taxonomy_key FROM place)
        AND candidate.status = 'deployed'
        AND candidate.version <> (SELECT version FROM running)
        AND (candidate.created_at < (SELECT created_at FROM running)
             OR candidate.created_at = (SELECT created_at FROM running)
                AND candidate.id < (SELECT id FROM running))
        AND (bad.id IS NULL
             OR bad.created_at < candidate.created_at
             OR bad.created_at = candidate.created_at AND bad.id < candidate.id)
      ORDER BY candidate.created_at DESC, candidate.id DESC
      LIMIT 1`;

const newestOfVersion = `
      SELECT ${columns}
      FROM deployments
      WHERE taxonomy_key = (SELECT taxonomy_key FROM place)
        AND version = ?
        AND ever_deployed
        AND id <> (SELECT id FROM running)
      ORDER BY created_at DESC, id DESC
      LIMIT 1`;
