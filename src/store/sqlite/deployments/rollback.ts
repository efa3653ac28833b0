import type { DeploymentStatus, StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { Candidate, Running } from '../../../domain/deployments/reads.js';
import type { Source } from '../source.js';
import { find, finding, findStored } from './find.js';
import { endedInTaxonomy, openInTaxonomy } from './indexes.js';
import { keyOf } from './read.js';
import type { Of } from './read.js';
import { textOrNull } from './rows.js';

/** Of those with a status, the one that ended last. */
const lastEnded = (status: DeploymentStatus): string => `
    SELECT * FROM (
      SELECT rowid AS place, id, finished_at, created_at FROM deployments
      WHERE taxonomy_key = ?1 AND status = '${status}' AND ${endedInTaxonomy}
      ORDER BY finished_at DESC, created_at DESC, id DESC LIMIT 1
    )`;

/** The newest one in progress, and of those that began the one that ended last: four looks at an index. */
const runningNow = `
  SELECT * FROM (
    SELECT rowid AS place, id FROM deployments
    WHERE taxonomy_key = ?1 AND status = 'in_progress' AND ${openInTaxonomy}
    ORDER BY created_at DESC, id DESC LIMIT 1
  )
  UNION ALL
  SELECT * FROM (
    SELECT place, id FROM (
      ${lastEnded('deployed')}
      UNION ALL ${lastEnded('failed')}
      UNION ALL ${lastEnded('cancelled')}
    )
    ORDER BY finished_at DESC, created_at DESC, id DESC LIMIT 1
  )`;

/** What runs in a taxonomy, or ran last. */
export function readRunning(source: Source, { place }: Of<'running'>): Running[] {
  const key = keyOf(source, place);
  if (key === undefined) return [];
  return Array.from(find(source, running, [key]), ({ stored, row }) => ({
    stored,
    baseDeployedAt: textOrNull(row['base_deployed_at']),
  }));
}

const running = finding(
  (columns) => `
  SELECT ${columns}, coalesce(base.deployed_at, found.deployed_at) AS base_deployed_at
  FROM (${runningNow})
  CROSS JOIN deployments AS found ON found.rowid = place
  LEFT JOIN deployments AS base ON base.id = found.base_id`,
  'found',
);

/** Of each of those, the newest rollback from it that waits. */
export function readPendingRollbacks(
  source: Source,
  { place }: Of<'pendingRollbacks'>,
): StoredDeployment[] {
  const key = keyOf(source, place);
  return key === undefined ? [] : findStored(source, pendingRollbacks, [key]);
}

const pendingRollbacks = finding(
  (columns) => `
  SELECT ${columns}
  FROM deployments
  WHERE id IN (
    SELECT (
      SELECT id
      FROM deployments AS undo
      WHERE undo.rollback_from_deployment_id = running.id AND undo.status = 'scheduled'
      ORDER BY undo.created_at DESC, undo.id DESC
      LIMIT 1
    )
    FROM (${runningNow}) AS running
  )`,
);

/** Those that may be returned to, the last deployed first. */
export function readCandidates(
  source: Source,
  { place, before, otherThan, limit }: Of<'candidates'>,
): Candidate[] {
  const key = keyOf(source, place);
  if (key === undefined) return [];
  // After any instant there is.
  const { deployed_at: deployedAt, created_at: at, id } = before ?? end;
  const values = [key, deployedAt, at, id, JSON.stringify(otherThan), limit];
  return Array.from(find(source, candidates, values), ({ stored, row }) => ({
    stored,
    foundBadAt: textOrNull(row['found_bad_at']) ?? undefined,
  }));
}

const end = { deployed_at: '~', created_at: '', id: '' };

/** What is deployed ended when it was deployed. */
const candidates = finding(
  (columns) => `
  SELECT ${columns},
         (
           SELECT max(rolled_back.deployed_at)
           FROM rolled_back
           WHERE rolled_back.taxonomy_key = deployments.taxonomy_key
             AND rolled_back.version = deployments.version
         ) AS found_bad_at
  FROM deployments
  WHERE taxonomy_key = ?1 AND status = 'deployed' AND ${endedInTaxonomy}
    AND (finished_at, created_at, id) < (?2, ?3, ?4)
    AND version NOT IN (SELECT value FROM json_each(?5))
  ORDER BY finished_at DESC, created_at DESC, id DESC
  LIMIT ?6 + 0`,
);

/** The newest ones of a version that have ever been deployed. */
export function readOfVersion(
  source: Source,
  { place, version, limit }: Of<'ofVersion'>,
): StoredDeployment[] {
  const key = keyOf(source, place);
  return key === undefined ? [] : findStored(source, ofVersion, [key, version, limit]);
}

const ofVersion = finding(
  (columns) => `
  SELECT ${columns}
  FROM deployments
  WHERE taxonomy_key = ? AND version = ? AND deployed_at IS NOT NULL
  ORDER BY created_at DESC, id DESC
  LIMIT ? + 0`,
);
