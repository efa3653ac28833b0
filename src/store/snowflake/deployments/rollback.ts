import type { Candidate, DeployedPosition, Running } from '../../../domain/deployments/reads.js';
import { compareAge } from '../../../domain/deployments/order.js';
import type { Row, Statement } from '../statement.js';
import type { Reader } from '../reader.js';
import { instantText, places, textOrNull, toTimestamp } from '../values.js';
import { keyOf, newestFirst } from './read.js';
import { storedColumns, storedColumnsOf, toStored } from './rows.js';

const columns = storedColumns.join(', ');

/**
 * The newest one in progress, and of those that began the one that ended last. What is in progress has not
 * ended, so one order serves both.
 */
const runningOf = (list: string, taxonomies: string): string => `
      SELECT ${list}
      FROM deployments
      WHERE ${taxonomies}
        AND (status = 'in_progress'
             OR status IN ('deployed', 'failed', 'cancelled') AND started_at IS NOT NULL)
      QUALIFY ROW_NUMBER() OVER (
        PARTITION BY taxonomy_key, CASE WHEN status = 'in_progress' THEN 1 ELSE 0 END
        ORDER BY finished_at DESC NULLS LAST, created_at DESC, id DESC
      ) = 1`;

const baseDeployedAt = 'COALESCE(base.deployed_at, found.deployed_at)';

/**
 * What runs, or ran last, with the instant of its base: one read, whatever it copies.
 *
 * @param taxonomies a condition on `taxonomy_key`
 */
export const runningWithin = (taxonomies: string): string => `
    SELECT ${storedColumnsOf('found')}, ${instantText(baseDeployedAt)} AS extra
    FROM (${runningOf(columns, taxonomies)}
    ) AS found
    LEFT JOIN deployments AS base ON base.id = found.base_id`;

/** Turns a row of that into what runs. */
export function toRunning(row: Row): Running {
  return { stored: toStored(row), baseDeployedAt: textOrNull(row, 'EXTRA') };
}

/** What runs in a taxonomy, or ran last. */
export const running: Reader<'running'> = (organisation, { place }, keys) => {
  const key = keyOf(organisation, place, keys);
  return {
    part: { sql: runningWithin(`taxonomy_key = ${key.sql}`), values: key.values },
    parse: (rows) =>
      rows.map(toRunning).sort((a, b) => Number(isInProgress(b)) - Number(isInProgress(a))),
  };
};

function isInProgress({ stored }: Running): boolean {
  return stored.deployment.status === 'in_progress';
}

/** Of each of those, the newest rollback from it that waits. */
export const pendingRollbacks: Reader<'pendingRollbacks'> = (organisation, { place }, keys) => {
  const key = keyOf(organisation, place, keys);
  return {
    part: {
      sql: `
    SELECT ${columns}, NULL AS extra
    FROM deployments
    WHERE taxonomy_key = ${key.sql}
      AND status = 'scheduled'
      AND rollback_from_deployment_id IN (${runningOf('id', `taxonomy_key = ${key.sql}`)}
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
 * Those that may be returned to, the last deployed first.
 *
 * When a version was found bad last is joined rather than asked about by a subquery: Snowflake takes
 * correlated subqueries only where it can tell them to be simple
 * (https://docs.snowflake.com/en/user-guide/querying-subqueries).
 */
export const candidates: Reader<'candidates'> = (
  organisation,
  { place, before, otherThan, limit },
  keys,
) => {
  const key = keyOf(organisation, place, keys);
  const start = before === undefined ? undefined : startOf(before);
  return {
    part: {
      sql: `
    SELECT ${storedColumnsOf('candidate')}, ${instantText('bad.deployed_at')} AS extra
    FROM deployments AS candidate
    LEFT JOIN (
      SELECT version, MAX(deployed_at) AS deployed_at
      FROM rolled_back
      WHERE taxonomy_key = ${key.sql}
      GROUP BY version
    ) AS bad ON bad.version = candidate.version
    WHERE candidate.taxonomy_key = ${key.sql}
      AND candidate.status = 'deployed'
      ${start === undefined ? '' : `AND ${start.sql}`}
      ${otherThan.length === 0 ? '' : `AND candidate.version NOT IN ${places(otherThan.length)}`}
    ORDER BY candidate.deployed_at DESC, candidate.created_at DESC, candidate.id DESC
    LIMIT ?`,
      values: [...key.values, ...key.values, ...(start?.values ?? []), ...otherThan, limit],
    },
    parse: (rows) => rows.map(toCandidate).sort((a, b) => compareDeployed(b, a)),
  };
};

/** What comes before a position; one without a creation is before all that were deployed at its instant. */
function startOf({ deployed_at, created_at, id }: DeployedPosition): Statement {
  const deployedAt = toTimestamp(deployed_at);
  if (created_at === '') {
    return { sql: 'candidate.deployed_at < ?::TIMESTAMP_NTZ(3)', values: [deployedAt] };
  }
  const createdAt = toTimestamp(created_at);
  return {
    sql: `(candidate.deployed_at < ?::TIMESTAMP_NTZ(3)
           OR candidate.deployed_at = ?::TIMESTAMP_NTZ(3)
              AND (candidate.created_at < ?::TIMESTAMP_NTZ(3)
                   OR candidate.created_at = ?::TIMESTAMP_NTZ(3) AND candidate.id < ?))`,
    values: [deployedAt, deployedAt, createdAt, createdAt, id],
  };
}

/** Turns a row of those into a candidate. */
export function toCandidate(row: Row): Candidate {
  return { stored: toStored(row), foundBadAt: textOrNull(row, 'EXTRA') ?? undefined };
}

/** By when they were deployed, the earlier first. */
export function compareDeployed(a: Candidate, b: Candidate): number {
  const [one, other] = [a.stored.deployment, b.stored.deployment];
  const [first, second] = [one.deployed_at ?? '', other.deployed_at ?? ''];
  if (first !== second) return first < second ? -1 : 1;
  return compareAge(one, other);
}

/** The newest ones of a version that have ever been deployed. */
export const ofVersion: Reader<'ofVersion'> = (organisation, { place, version, limit }, keys) => {
  const key = keyOf(organisation, place, keys);
  return {
    part: {
      sql: `
    SELECT ${columns}, NULL AS extra
    FROM deployments
    WHERE taxonomy_key = ${key.sql} AND version = ? AND deployed_at IS NOT NULL
    ORDER BY created_at DESC, id DESC
    LIMIT ?`,
      values: [...key.values, version, limit],
    },
    parse: newestFirst,
  };
};
