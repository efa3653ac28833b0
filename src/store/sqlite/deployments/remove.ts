import type { DeploymentChanges } from '../../../domain/deployments/changes.js';
import type { Remaining } from '../../../domain/deployments/reads.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Database } from '../database.js';
import type { Source } from '../source.js';
import type { Of } from './read.js';
import { storedColumnsOf, toStored } from './rows.js';

/** Those that were registered before a position, the newest first, and whether something refers to them. */
export function readRegisteredBefore(
  { organisation, database }: Source,
  { before, limit }: Of<'registeredBefore'>,
): Remaining[] {
  return database
    .prepare(registeredBefore)
    .all(organisation, before.created_at, before.id, limit)
    .map((row) => ({ stored: toStored(row), held: row['held'] === 1 }));
}

const registeredBefore = `
  SELECT ${storedColumnsOf('found')},
         EXISTS (SELECT 1 FROM deployments AS copy WHERE copy.source_deployment_id = found.id)
         OR EXISTS (
           SELECT 1 FROM deployments AS undo WHERE undo.rollback_from_deployment_id = found.id
         )
         OR EXISTS (SELECT 1 FROM skipping WHERE skipping.deployment_id = found.id) AS held
  FROM deployments AS found INDEXED BY deployments_by_age
  WHERE organisation = ? AND (created_at, id) < (?, ?)
  ORDER BY created_at DESC, id DESC
  LIMIT ? + 0`;

/**
 * Removes deployments with their events.
 *
 * @throws Error when one is no longer in the state that it was read in
 */
export function writeRemoved(database: Database, removed: DeploymentChanges['removed']): void {
  for (const { deployment, revision } of removed) {
    database.prepare(deleteEvents).run(deployment.id, revision);
    if (database.prepare(deleteDeployment).run(deployment.id, revision) !== 1)
      throw new Error(`Deployment ${deployment.id} is no longer at revision ${revision}`);
    database.prepare(forgetVersion).run(taxonomyKey(deployment), deployment.version);
  }
}

const deleteDeployment = 'DELETE FROM deployments WHERE id = ? AND revision = ?';

/** Nothing is left that could be returned to by mistake. */
const forgetVersion = `
  DELETE FROM rolled_back
  WHERE taxonomy_key = ?1 AND version = ?2
    AND NOT EXISTS (
      SELECT 1 FROM deployments
      WHERE taxonomy_key = ?1 AND version = ?2 AND deployed_at IS NOT NULL
    )`;

/** Removes events of deployments that stay for now. */
export function writeRemovedEvents(
  database: Database,
  removed: DeploymentChanges['removedEvents'],
): void {
  for (const { deploymentId, upTo } of removed)
    database.prepare(deleteEvents).run(deploymentId, upTo);
}

const deleteEvents = 'DELETE FROM deployment_events WHERE deployment_id = ? AND revision <= ?';
