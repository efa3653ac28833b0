import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../domain/deployments/deployment.js';
import type { QueueDepth } from '../store.js';
import type { RollbackRequest } from '../../domain/deployments/rollback.js';
import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import type { Database } from './database.js';
import { stampColumn } from './row-cache.js';
import type { RowCache } from './row-cache.js';
import { deploymentColumns, storedColumns, toDeployment, toEvent, toStored } from './rows.js';

/** One deployment of an organisation. */
export function readDeployment(
  database: Database,
  memory: RowCache,
  organisation: string,
  id: string,
): StoredDeployment | undefined {
  memory.refresh();
  const found = database
    .prepare(`SELECT ${stampColumn} AS stamp FROM deployments WHERE id = ? AND organisation = ?`)
    .get(id, organisation);
  if (found === undefined) return undefined;
  const remembered = memory.find(String(found['stamp']));
  if (remembered !== undefined) return remembered;
  const row = database
    .prepare(`SELECT ${storedColumns} FROM deployments WHERE id = ? AND organisation = ?`)
    .get(id, organisation);
  return row && memory.keep(toStored(row));
}

/** The events of a deployment, oldest first. */
export function readEvents(database: Database, id: string): DeploymentEvent[] {
  return database
    .prepare(
      `SELECT occurred_at, from_status, to_status, cause, cause_deployment_id,
              actor, repository, workflow
       FROM deployment_events
       WHERE deployment_id = ?
       ORDER BY sequence`,
    )
    .all(id)
    .map(toEvent);
}

/** The `scheduled` deployments of a taxonomy that are older than one of its deployments. */
export function readOlderScheduled(database: Database, deployment: Deployment): StoredDeployment[] {
  return database
    .prepare(
      `SELECT ${storedColumns}
       FROM deployments
       WHERE taxonomy_key = ? AND status = 'scheduled' AND (created_at, id) < (?, ?)
       ORDER BY created_at, id`,
    )
    .all(taxonomyKey(deployment), deployment.created_at, deployment.id)
    .map(toStored);
}

/** What waits and what runs; costs as much as there is of that, whatever else is stored. */
export function readDepth(database: Database): QueueDepth[] {
  // The CHECK on the column and the condition leave no other status.
  return database.prepare(depthStatement).all() as unknown as QueueDepth[];
}

export const depthStatement = `
  SELECT environment, status, count(*) AS count
  FROM deployments INDEXED BY deployments_in_queue
  WHERE status IN ('scheduled', 'in_progress')
  GROUP BY environment, status`;

/** The deployments that a lineage is made of: both chains back, and the rollbacks forward. */
export function readFamily(database: Database, deployment: Deployment): Deployment[] {
  return database
    .prepare(
      `WITH RECURSIVE
         copied_from (id) AS (
           VALUES (?1)
           UNION
           SELECT source_deployment_id FROM deployments JOIN copied_from USING (id)
         ),
         replaced (id) AS (
           VALUES (?1)
           UNION
           SELECT rollback_from_deployment_id FROM deployments JOIN replaced USING (id)
         ),
         replaced_by (id) AS (
           VALUES (?1)
           UNION
           SELECT deployments.id
           FROM deployments JOIN replaced_by ON rollback_from_deployment_id = replaced_by.id
         )
       SELECT ${deploymentColumns.join(', ')}
       FROM deployments
       WHERE organisation = ?2
         AND id IN (
           SELECT id FROM copied_from UNION SELECT id FROM replaced UNION SELECT id FROM replaced_by
         )`,
    )
    .all(deployment.id, deployment.organisation)
    .map(toDeployment);
}

/**
 * The members of a taxonomy that decide about a rollback: what runs there, what already rolls it
 * back, and what it can go back to.
 */
export function readRollbackMembers(
  database: Database,
  { taxonomy, targetVersion }: Pick<RollbackRequest, 'taxonomy' | 'targetVersion'>,
): StoredDeployment[] {
  const key = taxonomyKey(taxonomy);
  const running = database.prepare(newestReleased).get(key);
  if (running === undefined) return [];
  const from = toStored(running);
  const { id, version, created_at: createdAt } = from.deployment;
  const source =
    targetVersion === undefined
      ? database.prepare(previousVersion).get(key, version, createdAt, id)
      : database.prepare(newestOfVersion).get(key, targetVersion, id);
  const pending = database.prepare(pendingRollback).get(id);
  return [from, ...[source, pending].filter((row) => row !== undefined).map(toStored)];
}

// Three walks along an index, one for each status, instead of sorting all that was ever released.
const newestReleased = `
  SELECT ${storedColumns} FROM (
    SELECT * FROM (SELECT * FROM deployments WHERE taxonomy_key = ?1 AND status = 'in_progress'
                   ORDER BY created_at DESC, id DESC LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT * FROM deployments WHERE taxonomy_key = ?1 AND status = 'deployed'
                   ORDER BY created_at DESC, id DESC LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT * FROM deployments WHERE taxonomy_key = ?1 AND status = 'failed'
                   ORDER BY created_at DESC, id DESC LIMIT 1)
  )
  ORDER BY created_at DESC, id DESC
  LIMIT 1`;

const previousVersion = `
  SELECT ${storedColumns}
  FROM deployments AS candidate
  WHERE taxonomy_key = ? AND status = 'deployed' AND version <> ?
    AND (created_at, id) < (?, ?)
    AND NOT EXISTS (
      SELECT 1
      FROM deployments AS bad
      JOIN deployments AS undo ON undo.rollback_from_deployment_id = bad.id
      WHERE bad.taxonomy_key = candidate.taxonomy_key AND bad.version = candidate.version
        AND (bad.created_at, bad.id) >= (candidate.created_at, candidate.id)
    )
  ORDER BY created_at DESC, id DESC
  LIMIT 1`;

const newestOfVersion = `
  SELECT ${storedColumns}
  FROM deployments
  WHERE taxonomy_key = ? AND version = ? AND ever_deployed = 1 AND id <> ?
  ORDER BY created_at DESC, id DESC
  LIMIT 1`;

const pendingRollback = `
  SELECT ${storedColumns}
  FROM deployments
  WHERE rollback_from_deployment_id = ? AND status IN ('scheduled', 'in_progress')
  ORDER BY created_at DESC, id DESC
  LIMIT 1`;
