import type { Candidate, Running } from '../../../domain/deployments/reads.js';
import type { Reader } from '../reader.js';
import { uuid } from '../statement.js';
import type { Row } from '../statement.js';
import { isOf } from './read.js';
import { selectedColumnsOf, storedColumns, textOrNull, toStored } from './rows.js';

/** The newest one in progress, and of those that began the one that ended last: two walks along an index. */
const runningOf = (columns: string, condition: string): string => `
  (
    SELECT ${columns} FROM deployments WHERE ${condition} AND status = 'in_progress'
    ORDER BY created_at DESC, id DESC LIMIT 1
  )
  UNION ALL
  (
    SELECT ${columns} FROM deployments
    WHERE ${condition}
      AND status IN ('deployed', 'failed', 'cancelled') AND started_at IS NOT NULL
    ORDER BY finished_at DESC, created_at DESC, id DESC LIMIT 1
  )`;

/**
 * What runs, or ran last.
 *
 * @param condition on `taxonomy_key`
 */
export const runningWithin = (condition: string): string => `
  SELECT ${selectedColumnsOf('found')}, coalesce(base.deployed_at, found.deployed_at) AS base_deployed_at
  FROM (${runningOf(storedColumns, condition)}) AS found
  LEFT JOIN deployments AS base ON base.id = found.base_id`;

/** Turns a row of that into what runs. */
export function toRunning(row: Row): Running {
  return { stored: toStored(row), baseDeployedAt: textOrNull(row['base_deployed_at']) };
}

/** What runs in a taxonomy, or ran last. */
export const running: Reader<'running'> = ({ organisation }, { place }) => {
  const { condition, values } = isOf(organisation, place);
  return {
    statement: { sql: runningWithin(condition), values },
    parse: (rows) => rows.map(toRunning),
  };
};

/** Of each of those, the newest rollback from it that waits. */
export const pendingRollbacks: Reader<'pendingRollbacks'> = ({ organisation }, { place }) => {
  const { condition, values } = isOf(organisation, place);
  return {
    statement: {
      sql: `
        SELECT ${selectedColumnsOf('pending')}
        FROM (${runningOf('id', condition)}) AS running
        CROSS JOIN LATERAL (
          SELECT ${storedColumns}
          FROM deployments AS undo
          WHERE undo.rollback_from_deployment_id = running.id AND undo.status = 'scheduled'
          ORDER BY undo.created_at DESC, undo.id DESC
          LIMIT 1
        ) AS pending`,
      values,
    },
    parse: (rows) => rows.map(toStored),
  };
};

/**
 * Those that may be returned to, the last deployed first.
 *
 * @param condition on `taxonomy_key`, and on more
 * @param limit a parameter
 */
export const candidatesOf = (condition: string, limit: string): string => `
  SELECT ${storedColumns},
         (
           SELECT max(rolled_back.deployed_at)
           FROM rolled_back
           WHERE rolled_back.taxonomy_key = deployments.taxonomy_key
             AND rolled_back.version = deployments.version
         ) AS found_bad_at
  FROM deployments
  WHERE ${condition} AND status = 'deployed'
  ORDER BY deployed_at DESC, created_at DESC, id DESC
  LIMIT ${limit}`;

/** Turns a row of that into a candidate. */
export function toCandidate(row: Row): Candidate {
  return {
    stored: toStored(row),
    foundBadAt: textOrNull(row['found_bad_at']) ?? undefined,
  };
}

/** Those of one taxonomy. */
export const candidates: Reader<'candidates'> = (
  { organisation },
  { place, before, otherThan, limit },
) => {
  const { condition, values } = isOf(organisation, place);
  // After any instant there is; a position without an id is before all of its instant.
  const at = before?.deployed_at ?? 'infinity';
  const createdAt = before?.created_at === '' ? '-infinity' : (before?.created_at ?? 'infinity');
  return {
    statement: {
      sql: candidatesOf(
        `${condition} AND (deployed_at, created_at, id) < ($3, $4, $5) AND version <> ALL ($6)`,
        '$7',
      ),
      values: [...values, at, createdAt, uuid(before?.id ?? '') ?? firstId, otherThan, limit],
    },
    parse: (rows) => rows.map(toCandidate),
  };
};

/** The id before all others: the place of a position without one. */
export const firstId = '00000000-0000-0000-0000-000000000000';

/** The newest ones of a version that have ever been deployed. */
export const ofVersion: Reader<'ofVersion'> = ({ organisation }, { place, version, limit }) => {
  const { condition, values } = isOf(organisation, place);
  return {
    statement: {
      sql: `
        SELECT ${storedColumns}
        FROM deployments
        WHERE ${condition} AND version = $3 AND deployed_at IS NOT NULL
        ORDER BY created_at DESC, id DESC
        LIMIT $4`,
      values: [...values, version, limit],
    },
    parse: (rows) => rows.map(toStored),
  };
};
