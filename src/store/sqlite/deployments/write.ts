import type { DeploymentChanges } from '../../../domain/deployments/changes.js';
import { changingFields } from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Database } from '../database.js';
import { lengthenFeed } from '../feed.js';
import { newColumns, newEventColumns, toEventValues, toValue, toValues } from './rows.js';
import { writeTaxonomies } from './taxonomies.js';

const insertDeployment = `
  INSERT INTO deployments (${newColumns.join(', ')})
  VALUES (${newColumns.map(() => '?').join(', ')})`;

const updateDeployment = `
  UPDATE deployments
  SET ${changingFields.map((field) => `${field} = ?`).join(', ')}, revision = ?
  WHERE id = ? AND revision = ?`;

/**
 * Writes what changes of deployments; inside a transaction, in which they were read as well, so that what
 * is to be unchanged is.
 *
 * @throws Error when a deployment is no longer in the state that its change was made from
 */
export function writeDeployments(
  database: Database,
  { created = [], updated = [] }: DeploymentChanges['deployments'],
): void {
  for (const stored of created) database.prepare(insertDeployment).run(...toValues(stored));
  writeTaxonomies(database, created);
  const update = database.prepare(updateDeployment);
  for (const { from, to } of updated) {
    const { deployment } = to;
    const values = changingFields.map((field) => toValue(deployment[field]));
    const changed = update.run(...values, to.revision, deployment.id, from);
    if (changed !== 1)
      throw new Error(`Deployment ${deployment.id} is no longer at revision ${from}`);
  }
}

/** Adds events, which never change, at the end of their organisation's feed. */
export function writeEvents(database: Database, events: DeploymentChanges['events']): void {
  const [first] = events;
  if (first === undefined) return;
  const insert = database.prepare(insertEvent);
  let position = lengthenFeed(database, first.organisation, events.length);
  for (const recorded of events) insert.run(...toEventValues(recorded, (position += 1)));
}

const insertEvent = `
  INSERT INTO deployment_events (${newEventColumns.join(', ')})
  VALUES (${newEventColumns.map(() => '?').join(', ')})`;

/** Notes that deployments have older ones to skip. */
export function writeSkipping(database: Database, skipping: DeploymentChanges['skipping']): void {
  for (const { deployed, since } of skipping) {
    const { deployment } = deployed;
    database.prepare(insertSkipping).run(deployment.id, taxonomyKey(deployment), since);
  }
}

const insertSkipping = `
  INSERT OR REPLACE INTO skipping (deployment_id, taxonomy_key, since) VALUES (?, ?, ?)`;

/**
 * Notes that deployments have none left.
 *
 * @throws Error when one has been deployed again since
 */
export function writeDoneSkipping(
  database: Database,
  done: DeploymentChanges['doneSkipping'],
): void {
  for (const { id, since } of done) {
    if (database.prepare(deleteSkipping).run(id, since) !== 1) {
      throw new Error(`Deployment ${id} is not skipping since ${since}`);
    }
  }
}

const deleteSkipping = 'DELETE FROM skipping WHERE deployment_id = ? AND since = ?';

/** Notes that deployments have been rolled back from. */
export function writeRolledBack(
  database: Database,
  rolledBack: DeploymentChanges['rolledBack'],
): void {
  for (const { deployment } of rolledBack) {
    database
      .prepare(insertRolledBack)
      .run(deployment.id, taxonomyKey(deployment), deployment.version, deployment.deployed_at);
  }
}

const insertRolledBack = `
  INSERT OR IGNORE INTO rolled_back (deployment_id, taxonomy_key, version, deployed_at)
  VALUES (?, ?, ?, ?)`;
