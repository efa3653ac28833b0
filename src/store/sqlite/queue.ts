import type { DeploymentStatus, StoredDeployment } from '../../domain/deployments/deployment.js';
import type { EnvironmentReads, StoredEnvironment } from '../../domain/environments/environment.js';
import type {
  OwnEntries,
  Queue,
  QueueChange,
  QueueHead,
  QueueReads,
} from '../../domain/queue/entries.js';
import { settingsText, toEnvironment, toHead, toOwnEntries, toQueue } from '../queue-rows.js';
import type { QueueName } from '../store.js';
import { namedParts } from '../taxonomy-rows.js';
import type { Database } from './database.js';
import { finding, findStored } from './deployments/find.js';
import type { Finding } from './deployments/find.js';
import { inQueue, openInTaxonomy } from './deployments/indexes.js';
import { readDeployment } from './deployments/read.js';
import { textOrNull } from './deployments/rows.js';
import type { Source } from './source.js';

/** All of a queue. */
export function readQueue(source: Source, of: QueueReads['queue']['of']): Queue | undefined {
  const environment = environmentOf(source, of);
  if (environment === undefined) return undefined;
  const { organisation, database } = source;
  const rows = database.prepare(entriesOf).all(organisation, environment);
  return toQueue(
    readHead(source, environment),
    // The columns are the fields, and the CHECK on the column leaves no other status.
    rows as unknown as { entry: string; status: DeploymentStatus | null }[],
  );
}

/** The queues of several environments. */
export function readQueues(
  source: Source,
  { environments: names }: QueueReads['queues']['of'],
): Queue[] {
  return names.flatMap((environment) => readQueue(source, { environment }) ?? []);
}

const entriesOf = `
  SELECT queue_entries.entry, deployments.status
  FROM queue_entries
  LEFT JOIN deployments ON deployments.id = queue_entries.id
  WHERE queue_entries.organisation = ? AND queue_entries.environment = ?`;

/** What a queue knows of one deployment. */
export function readOwnEntries(
  source: Source,
  { id }: QueueReads['ownEntries']['of'],
): OwnEntries | undefined {
  const environment = environmentOf(source, { id });
  if (environment === undefined) return undefined;
  const { organisation, database } = source;
  const rows = database.prepare(ownEntries).all(organisation, environment, id);
  return toOwnEntries(
    readHead(source, environment),
    rows.map((row) => String(row['entry'])),
  );
}

const ownEntries = `
  SELECT entry
  FROM queue_entries
  WHERE organisation = ? AND environment = ? AND kind IN ('waiting', 'lease') AND id = ?`;

function readHead({ organisation, database }: Source, environment: string): QueueHead {
  const row = database.prepare(headOf).get(organisation, environment);
  return toHead(
    organisation,
    environment,
    row && {
      revision: Number(row['queue_revision']),
      settingsRevision: Number(row['settings_revision']),
      settings: textOrNull(row['settings']),
      dueAt: textOrNull(row['due_at']),
    },
  );
}

const headOf = `
  SELECT queue_revision, settings_revision, settings, due_at
  FROM environments
  WHERE organisation = ? AND environment = ?`;

function environmentOf(source: Source, of: QueueReads['queue']['of']): string | undefined {
  return 'environment' in of ? of.environment : readDeployment(source, of)?.deployment.environment;
}

/** What is in progress in a taxonomy, or in an environment. */
export function readInProgress(
  source: Source,
  { within }: QueueReads['inProgress']['of'],
): StoredDeployment[] {
  const { organisation } = source;
  return 'key' in within
    ? findStored(source, inProgressOfTaxonomy, [within.key, organisation])
    : findStored(source, inProgressOfEnvironment, [organisation, within.environment]);
}

const inProgressOfTaxonomy = finding(
  (columns) => `
  SELECT ${columns}
  FROM deployments INDEXED BY deployments_by_taxonomy
  WHERE taxonomy_key = ? AND status = 'in_progress' AND ${openInTaxonomy} AND organisation = ?
  ORDER BY created_at, id`,
);

const inProgressOfEnvironment = finding(
  (columns) => `
  SELECT ${columns}
  FROM deployments INDEXED BY deployments_in_queue
  WHERE organisation = ? AND environment = ? AND status = 'in_progress' AND ${inQueue}
  ORDER BY created_at, id`,
);

/** Of each taxonomy that a selector names, the first that a worker may start. */
export function readAutoScheduled(
  source: Source,
  { selector, order, approvals, limit }: QueueReads['autoScheduled']['of'],
): StoredDeployment[] {
  const named = namedParts(selector);
  const isApproved = approvals > 0 ? [approvedBySo] : [];
  const conditions = [...named.map(([part]) => ` AND ${part} = ?`), ...isApproved].join('');
  const values = [...named.map(([, value]) => value), ...(approvals > 0 ? [approvals] : [])];
  const statement = autoScheduled(conditions, order === 'newest' ? 'DESC' : 'ASC');
  return findStored(source, statement, [source.organisation, ...values, limit]);
}

const approvedBySo = " AND (trigger = 'rollback' OR json_array_length(approvals) >= ?)";

const autoScheduled = (conditions: string, direction: 'ASC' | 'DESC'): Finding =>
  finding(
    (columns) => `
  SELECT ${columns}
  FROM (
    SELECT id AS first_id, ROW_NUMBER() OVER (
      PARTITION BY taxonomy_key, trigger = 'rollback' ORDER BY created_at ${direction}, id ${direction}
    ) AS place
    FROM deployments INDEXED BY deployments_in_queue
    WHERE organisation = ?${conditions} AND status = 'scheduled' AND auto = 1 AND ${inQueue}
  )
  CROSS JOIN deployments ON deployments.id = first_id
  WHERE place = 1
  ORDER BY created_at, id
  LIMIT ? + 0`,
  );

/** The next fence. */
export function readNextFence({ database }: Source): number {
  return Number(database.prepare('SELECT last FROM fences').get()?.['last']) + 1;
}

/** Notes that a fence was given out. */
export function writeFence(database: Database, fence: number): void {
  database.prepare('UPDATE fences SET last = ?').run(fence);
}

/** Environments that somebody has set, by name. */
export function readEnvironments(
  { organisation, database }: Source,
  { after, limit }: EnvironmentReads['environments']['of'],
): StoredEnvironment[] {
  return database
    .prepare(environments)
    .all(organisation, after, limit)
    .map((row) =>
      toEnvironment(String(row['environment']), {
        settings: textOrNull(row['settings']),
        settingsRevision: Number(row['settings_revision']),
      }),
    );
}

const environments = `
  SELECT environment, settings, settings_revision
  FROM environments
  WHERE organisation = ? AND environment > ? AND settings IS NOT NULL
  ORDER BY environment
  LIMIT ? + 0`;

/**
 * Writes the next state of a queue; inside the transaction in which the one before was read.
 *
 * @throws Error when it is no longer the one that the change was made from
 */
export function writeQueue(database: Database, { from, to, put, removed }: QueueChange): void {
  const { organisation, stored, revision, dueAt } = to;
  const { environment: name } = stored.environment;
  const values = [revision, stored.revision, settingsText(stored), dueAt];
  const written =
    from === 0
      ? database.prepare(insertEnvironment).run(organisation, name, ...values)
      : database.prepare(updateEnvironment).run(...values, organisation, name, from);
  if (written !== 1) throw new Error(`The queue of ${name} is no longer at revision ${from}`);
  const remove = database.prepare(deleteEntry);
  for (const { kind, id } of removed) remove.run(organisation, name, kind, id);
  const insert = database.prepare(putEntry);
  for (const entry of put) {
    insert.run(organisation, name, entry.kind, entry.id, JSON.stringify(entry));
  }
}

const insertEnvironment = `
  INSERT INTO environments (
    organisation, environment, queue_revision, settings_revision, settings, due_at
  )
  VALUES (?, ?, ?, ?, ?, ?)`;

const updateEnvironment = `
  UPDATE environments
  SET queue_revision = ?, settings_revision = ?, settings = ?, due_at = ?
  WHERE organisation = ? AND environment = ? AND queue_revision = ?`;

const deleteEntry = `
  DELETE FROM queue_entries WHERE organisation = ? AND environment = ? AND kind = ? AND id = ?`;

const putEntry = `
  INSERT OR REPLACE INTO queue_entries (organisation, environment, kind, id, entry)
  VALUES (?, ?, ?, ?, ?)`;

/** The queues about which something is to be done by now, the longest due first. */
export function readDueQueues(database: Database, before: string, limit: number): QueueName[] {
  // The columns are the fields.
  return database.prepare(due).all(before, limit) as unknown as QueueName[];
}

const due = `
  SELECT organisation, environment, due_at AS dueAt
  FROM environments INDEXED BY environments_due
  WHERE due_at <= ?
  ORDER BY due_at
  LIMIT ? + 0`;
