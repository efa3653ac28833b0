import type { Candidate, DeploymentReads } from '../../../domain/deployments/reads.js';
import { compareAge } from '../../../domain/deployments/order.js';
import type { Row } from '../driver.js';
import type { Reader } from '../reader.js';
import { textOrNull, toTimestamp } from '../values.js';
import { keyOf, newestFirst } from './read.js';
import { storedColumns, storedColumnsOf, toStored } from './rows.js';

type ReaderOf<Name extends keyof DeploymentReads> = Reader<
  DeploymentReads[Name]['of'],
  DeploymentReads[Name]['gives']
>;

const columns = storedColumns.join(', ');

/** The newest one of each status in which a deployment has been released. */
export const released: ReaderOf<'released'> = (organisation, { place }) => {
  const key = keyOf(organisation, place);
  return {
    part: {
      sql: `
    SELECT ${columns}, NULL AS extra
    FROM deployments
    WHERE taxonomy_key = ${key.sql}
      AND status IN ('in_progress', 'deployed', 'failed')
    QUALIFY ROW_NUMBER() OVER (PARTITION BY status ORDER BY created_at DESC, id DESC) = 1`,
      values: key.values,
    },
    parse: newestFirst,
  };
};

/** Of each of those, the newest rollback from it that has not come to an end. */
export const openRollbacks: ReaderOf<'openRollbacks'> = (organisation, { place }) => {
  const key = keyOf(organisation, place);
  return {
    part: {
      sql: `
    SELECT ${columns}, NULL AS extra
    FROM deployments
    WHERE taxonomy_key = ${key.sql}
      AND status IN ('scheduled', 'in_progress')
      AND rollback_from_deployment_id IN (
        SELECT id
        FROM deployments
        WHERE taxonomy_key = ${key.sql}
          AND status IN ('in_progress', 'deployed', 'failed')
        QUALIFY ROW_NUMBER() OVER (PARTITION BY status ORDER BY created_at DESC, id DESC) = 1
      )
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY rollback_from_deployment_id ORDER BY created_at DESC, id DESC
    ) = 1`,
      values: [...key.values, ...key.values],
    },
    parse: newestFirst,
  };
};

/**
 * Those that may be returned to, newest first.
 *
 * The newest deployment of each version that was rolled back from is joined rather than asked about by a
 * subquery: Snowflake takes correlated subqueries only where it can tell them to be simple
 * (https://docs.snowflake.com/en/user-guide/querying-subqueries).
 */
export const candidates: ReaderOf<'candidates'> = (
  organisation,
  { place, before, otherThan, limit },
) => {
  const key = keyOf(organisation, place);
  const at = before && toTimestamp(before.created_at);
  return {
    part: {
      sql: `
    SELECT ${storedColumnsOf('candidate')}, bad.created_at || ' ' || bad.deployment_id AS extra
    FROM deployments AS candidate
    LEFT JOIN (
      SELECT version, created_at, deployment_id
      FROM rolled_back
      WHERE taxonomy_key = ${key.sql}
      QUALIFY ROW_NUMBER() OVER (
        PARTITION BY version ORDER BY created_at DESC, deployment_id DESC
      ) = 1
    ) AS bad ON bad.version = candidate.version
    WHERE candidate.taxonomy_key = ${key.sql}
      AND candidate.status = 'deployed'
      ${
        at === undefined
          ? ''
          : `AND (candidate.created_at < ?::TIMESTAMP_NTZ(3)
           OR candidate.created_at = ?::TIMESTAMP_NTZ(3) AND candidate.id < ?)`
      }
      ${otherThan.length === 0 ? '' : `AND candidate.version NOT IN (${places(otherThan.length)})`}
    ORDER BY candidate.created_at DESC, candidate.id DESC
    LIMIT ?`,
      values: [
        ...key.values,
        ...key.values,
        ...(at === undefined || before === undefined ? [] : [at, at, before.id]),
        ...otherThan,
        limit,
      ],
    },
    parse: (rows) =>
      rows.map(toCandidate).sort((a, b) => compareAge(b.stored.deployment, a.stored.deployment)),
  };
};

function toCandidate(row: Row): Candidate {
  const [at, id] = textOrNull(row, 'EXTRA')?.split(' ') ?? [];
  const rolledBack = at === undefined || id === undefined ? undefined : { created_at: at, id };
  return { stored: toStored(row), rolledBack };
}

/** The newest ones of a version that have ever been deployed. */
export const ofVersion: ReaderOf<'ofVersion'> = (organisation, { place, version, limit }) => {
  const key = keyOf(organisation, place);
  return {
    part: {
      sql: `
    SELECT ${columns}, NULL AS extra
    FROM deployments
    WHERE taxonomy_key = ${key.sql} AND version = ? AND ever_deployed
    ORDER BY created_at DESC, id DESC
    LIMIT ?`,
      values: [...key.values, version, limit],
    },
    parse: newestFirst,
  };
};

function places(count: number): string {
  return Array<string>(count).fill('?').join(', ');
}
