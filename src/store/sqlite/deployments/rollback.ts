import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { Position } from '../../../domain/deployments/order.js';
import type { Candidate, DeploymentReads } from '../../../domain/deployments/reads.js';
import type { Row } from '../database.js';
import type { Source } from '../source.js';
import { keyOf } from './read.js';
import { storedColumns, toStored } from './rows.js';

type Of<Name extends keyof DeploymentReads> = DeploymentReads[Name]['of'];

/** The newest one of each status in which a deployment has been released. */
export function readReleased(source: Source, { place }: Of<'released'>): StoredDeployment[] {
  const key = keyOf(source, place);
  return key === undefined ? [] : source.database.prepare(released).all(key).map(toStored);
}

/** A walk along an index for each status, instead of sorting all that was ever released. */
const newestOf = (status: string, columns: string): string => `
  SELECT * FROM (
    SELECT ${columns} FROM deployments WHERE taxonomy_key = ?1 AND status = '${status}'
    ORDER BY created_at DESC, id DESC LIMIT 1
  )`;

const newestReleased = (columns: string): string =>
  ['in_progress', 'deployed', 'failed']
    .map((status) => newestOf(status, columns))
    .join('UNION ALL');

const released = newestReleased(storedColumns);

/** Of each of those, the newest rollback from it that has not come to an end. */
export function readOpenRollbacks(
  source: Source,
  { place }: Of<'openRollbacks'>,
): StoredDeployment[] {
  const key = keyOf(source, place);
  return key === undefined ? [] : source.database.prepare(openRollbacks).all(key).map(toStored);
}

const openRollbacks = `
  SELECT ${storedColumns}
  FROM deployments
  WHERE id IN (
    SELECT (
      SELECT id
      FROM deployments AS undo
      WHERE undo.rollback_from_deployment_id = released.id
        AND undo.status IN ('scheduled', 'in_progress')
      ORDER BY undo.created_at DESC, undo.id DESC
      LIMIT 1
    )
    FROM (${newestReleased('id')}) AS released
  )`;

/** Those that may be returned to, newest first. */
export function readCandidates(
  source: Source,
  { place, before, otherThan, limit }: Of<'candidates'>,
): Candidate[] {
  const key = keyOf(source, place);
  if (key === undefined) return [];
  // After any instant there is.
  const { created_at: at, id } = before ?? { created_at: '~', id: '' };
  return source.database
    .prepare(candidates)
    .all(key, at, id, JSON.stringify(otherThan), limit)
    .map((row) => ({ stored: toStored(row), rolledBack: positionOf(row) }));
}

const candidates = `
  SELECT ${storedColumns},
         (
           SELECT created_at || ' ' || deployment_id
           FROM rolled_back
           WHERE rolled_back.taxonomy_key = deployments.taxonomy_key
             AND rolled_back.version = deployments.version
           ORDER BY created_at DESC, deployment_id DESC
           LIMIT 1
         ) AS rolled_back
  FROM deployments
  WHERE taxonomy_key = ?1 AND status = 'deployed' AND (created_at, id) < (?2, ?3)
    AND version NOT IN (SELECT value FROM json_each(?4))
  ORDER BY created_at DESC, id DESC
  LIMIT ?5`;

function positionOf(row: Row): Position | undefined {
  const [at, id] = String(row['rolled_back'] ?? '').split(' ');
  return at === undefined || id === undefined ? undefined : { created_at: at, id };
}

/** The newest ones of a version that have ever been deployed. */
export function readOfVersion(
  source: Source,
  { place, version, limit }: Of<'ofVersion'>,
): StoredDeployment[] {
  const key = keyOf(source, place);
  return key === undefined
    ? []
    : source.database.prepare(ofVersion).all(key, version, limit).map(toStored);
}

const ofVersion = `
  SELECT ${storedColumns}
  FROM deployments
  WHERE taxonomy_key = ? AND version = ? AND ever_deployed = 1
  ORDER BY created_at DESC, id DESC
  LIMIT ?`;
