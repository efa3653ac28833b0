import type { ChangeSet, Deployment } from '../../domain/deployments/deployment.js';
import { forgottenBefore } from '../../domain/idempotency/idempotency.js';
import type {
  IdempotentRequest,
  RememberedResponse,
} from '../../domain/idempotency/idempotency.js';
import type { Database } from './database.js';
import { deploymentColumns, toValues } from './rows.js';

const newColumns = [...deploymentColumns, 'taxonomy_key', 'revision', 'ever_deployed'];

const insertDeployment = `
  INSERT INTO deployments (${newColumns.join(', ')})
  VALUES (${newColumns.map(() => '?').join(', ')})`;

const updateDeployment = `
  UPDATE deployments
  SET status = ?, notes = ?, deployment_uri = ?, updated_at = ?, revision = ?, ever_deployed = ?
  WHERE id = ? AND revision = ?`;

const insertEvent = `
  INSERT INTO deployment_events (
    deployment_id, occurred_at, from_status, to_status, cause, cause_deployment_id,
    actor, repository, workflow
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/**
 * Writes what was decided; inside a transaction.
 *
 * @throws Error when a deployment is no longer in the state that the change was made from
 */
export function writeChanges(database: Database, changes: ChangeSet): void {
  for (const stored of changes.created) database.prepare(insertDeployment).run(...toValues(stored));
  for (const { deployment, revision, everDeployed } of changes.updated) {
    const { status, notes, deployment_uri: uri, updated_at: at, id } = deployment;
    const changed = database
      .prepare(updateDeployment)
      .run(status, notes, uri, at, revision, Number(everDeployed), id, revision - 1);
    if (changed !== 1) throw new Error(`Deployment ${id} is no longer at revision ${revision - 1}`);
  }
  for (const { deploymentId, event } of changes.events) {
    database
      .prepare(insertEvent)
      .run(
        deploymentId,
        event.occurred_at,
        event.from_status,
        event.to_status,
        event.cause,
        event.cause_deployment_id,
        event.actor,
        event.repository,
        event.workflow,
      );
  }
}

/** The first answer under a key, forgotten or not. */
export function readAnswer(
  database: Database,
  organisation: string,
  key: string,
): RememberedResponse | undefined {
  const row = database
    .prepare(
      `SELECT fingerprint, remembered_at, deployment
       FROM idempotency_keys
       WHERE organisation = ? AND key = ?`,
    )
    .get(organisation, key);
  return (
    row && {
      fingerprint: String(row['fingerprint']),
      rememberedAt: String(row['remembered_at']),
      // Written by writeAnswer, from a deployment.
      deployment: JSON.parse(String(row['deployment'])) as Deployment,
    }
  );
}

/** Remembers a first answer, and clears away some that are forgotten; inside a transaction. */
export function writeAnswer(
  database: Database,
  { key, fingerprint, at }: IdempotentRequest,
  deployment: Deployment,
): void {
  database
    .prepare(
      `DELETE FROM idempotency_keys
       WHERE (organisation, key) IN (
         SELECT organisation, key FROM idempotency_keys
         WHERE remembered_at < ? ORDER BY remembered_at LIMIT 10
       )`,
    )
    .run(forgottenBefore(at));
  database
    .prepare(
      `INSERT OR REPLACE INTO idempotency_keys
         (organisation, key, fingerprint, remembered_at, deployment)
       VALUES (?, ?, ?, ?, ?)`,
    )
    .run(deployment.organisation, key, fingerprint, at, JSON.stringify(deployment));
}
