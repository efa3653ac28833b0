import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../../domain/deployments/deployment.js';
import { maxSkippedBytes } from '../../../domain/deployments/auto-skip.js';
import { maxLineage } from '../../../domain/deployments/lineage.js';
import type { DeploymentReads, Place, Whereabouts } from '../../../domain/deployments/reads.js';
import { sizeOf } from '../../../domain/deployments/size.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import { stampColumn } from '../row-cache.js';
import type { Source } from '../source.js';
import { find, finding, findStored } from './find.js';
import { openInTaxonomyOf } from './indexes.js';
import { eventColumns, storedColumns, toEvent, toStored } from './rows.js';

/** What a read is asked with. */
export type Of<Name extends keyof DeploymentReads> = DeploymentReads[Name]['of'];

const stampById = `SELECT ${stampColumn} AS stamp FROM deployments WHERE id = ? AND organisation = ?`;
const byId = `SELECT ${storedColumns} FROM deployments WHERE id = ? AND organisation = ?`;

/** One deployment of the tenant. */
export function readDeployment(
  { organisation, database, cache }: Source,
  { id }: Of<'deployment'>,
): StoredDeployment | undefined {
  cache.refresh();
  const present = cache.present(id);
  if (present !== undefined)
    return present.deployment.organisation === organisation ? present : undefined;
  const found = database.prepare(stampById).get(id, organisation);
  if (found === undefined) return undefined;
  const cached = cache.get(String(found['stamp']));
  if (cached !== undefined) return cache.putPresent(cached);
  const row = database.prepare(byId).get(id, organisation);
  return row && cache.putPresent(toStored(row));
}

/** The events of a deployment, oldest first. */
export function readEvents(source: Source, { id, after, limit }: Of<'events'>): DeploymentEvent[] {
  if (readDeployment(source, { id }) === undefined) return [];
  return source.database.prepare(eventsOf).all(id, after, limit).map(toEvent);
}

const eventsOf = `
  SELECT ${eventColumns}
  FROM deployment_events
  WHERE deployment_id = ? AND revision > ?
  ORDER BY revision
  LIMIT ? + 0`;

/** The last event that brought a deployment to a status. */
export function readEventTo(
  source: Source,
  { id, status }: Of<'eventTo'>,
): DeploymentEvent | undefined {
  if (readDeployment(source, { id }) === undefined) return undefined;
  const row = source.database.prepare(lastEventTo).get(id, status);
  return row && toEvent(row);
}

const lastEventTo = `
  SELECT ${eventColumns}
  FROM deployment_events
  WHERE deployment_id = ? AND to_status = ?
  ORDER BY revision DESC
  LIMIT 1`;

/** The oldest of those that wait behind a deployment, as many as are skipped at once. */
export function readOlderScheduled(
  source: Source,
  { than, unchangedSince, limit }: Of<'olderScheduled'>,
): StoredDeployment[] {
  const found: StoredDeployment[] = [];
  let bytes = 0;
  const values = [than, source.organisation, unchangedSince ?? null, limit];
  for (const { stored } of find(source, olderScheduled, values)) {
    found.push(stored);
    bytes += sizeOf(stored.deployment);
    if (bytes > maxSkippedBytes) break;
  }
  return found;
}

const olderScheduled = finding(
  (columns) => `
  SELECT ${columns}
  FROM deployments AS newer
  CROSS JOIN deployments AS older
  WHERE newer.id = ?1 AND newer.organisation = ?2
    AND older.taxonomy_key = newer.taxonomy_key AND older.status = 'scheduled'
    AND ${openInTaxonomyOf('older')}
    AND (older.created_at, older.id) < (newer.created_at, newer.id)
    AND (?3 IS NULL OR older.updated_at <= ?3)
  ORDER BY older.created_at, older.id
  LIMIT ?4 + 0`,
  'older',
);

/** The newer deployment that is still to skip this one. */
export function readSkippedBy(
  source: Source,
  { id }: Of<'skippedBy'>,
): StoredDeployment | undefined {
  return findStored(source, skippedBy, [id, source.organisation])[0];
}

const skippedBy = finding(
  (columns) => `
  SELECT ${columns}
  FROM deployments AS older
  CROSS JOIN skipping
  CROSS JOIN deployments AS newer
  WHERE older.id = ? AND older.organisation = ?
    AND skipping.taxonomy_key = older.taxonomy_key AND skipping.since >= older.updated_at
    AND newer.id = skipping.deployment_id
    AND (newer.created_at, newer.id) > (older.created_at, older.id)
  ORDER BY newer.created_at, newer.id
  LIMIT 1`,
  'newer',
);

/** Since when a deployment is skipping older ones. */
export function readSkippingSince(
  { organisation, database }: Source,
  { id }: Of<'skippingSince'>,
): string | undefined {
  const row = database.prepare(skippingSince).get(id, organisation);
  return row && String(row['since']);
}

const skippingSince = `
  SELECT since
  FROM skipping
  JOIN deployments ON deployments.id = skipping.deployment_id
  WHERE deployments.id = ? AND organisation = ?`;

/** For a rollback, the deployment that it replaces. */
export function readReplacedBy(
  source: Source,
  { id }: Of<'replacedBy'>,
): StoredDeployment | undefined {
  const replaced = readDeployment(source, { id })?.deployment.rollback_from_deployment_id;
  return replaced == null ? undefined : readDeployment(source, { id: replaced });
}

/** What a lineage is made of: both chains back, and the rollbacks forward, the nearest of each. */
export function readLineage(
  { organisation, database }: Source,
  { id }: Of<'lineage'>,
): Deployment[] {
  const rows = database.prepare(lineage).all(id, organisation);
  return rows.map((row) => toStored(row).deployment);
}

/** Itself, as many as are shown, and one more, which says that there are more. */
const lineage = `
  WITH RECURSIVE
    copied_from (id) AS (
      VALUES (?1)
      UNION
      SELECT source_deployment_id FROM deployments JOIN copied_from USING (id)
      LIMIT ${maxLineage + 2}
    ),
    replaced (id) AS (
      VALUES (?1)
      UNION
      SELECT rollback_from_deployment_id FROM deployments JOIN replaced USING (id)
      LIMIT ${maxLineage + 2}
    ),
    replaced_by (id) AS (
      VALUES (?1)
      UNION
      SELECT deployments.id
      FROM replaced_by
      JOIN deployments ON rollback_from_deployment_id = replaced_by.id
      LIMIT ${maxLineage + 2}
    )
  SELECT ${storedColumns}
  FROM deployments
  WHERE organisation = ?2
    AND id IN (
      SELECT id FROM copied_from UNION SELECT id FROM replaced UNION SELECT id FROM replaced_by
    )`;

/** How many of a component's newest deployments are looked at for where it is. */
const lookedAt = 500;

/** Where else a component has been registered lately for an environment. */
export function readWhereabouts(
  { organisation, database }: Source,
  { name, environment, limit }: Of<'whereabouts'>,
): Whereabouts[] {
  // The columns are the fields.
  return database
    .prepare(whereabouts)
    .all(organisation, name, environment, limit) as unknown as Whereabouts[];
}

const whereabouts = `
  SELECT provider, cloud_account_id, region, cell
  FROM (
    SELECT environment, provider, cloud_account_id, region, cell, created_at, id
    FROM deployments INDEXED BY deployments_by_name
    WHERE organisation = ? AND name = ?
    ORDER BY created_at DESC, id DESC
    LIMIT ${lookedAt}
  )
  WHERE environment = ?
  GROUP BY provider, cloud_account_id, region, cell
  ORDER BY max(created_at) DESC, max(id) DESC
  LIMIT ? + 0`;

/** The key of a taxonomy; `undefined` when it is that of a deployment which the tenant does not have. */
export function keyOf(source: Source, place: Place): string | undefined {
  if ('key' in place) return place.key;
  const stored = readDeployment(source, place);
  return stored && taxonomyKey(stored.deployment);
}
