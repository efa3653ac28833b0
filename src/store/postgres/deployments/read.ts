import { maxSkippedBytes } from '../../../domain/deployments/auto-skip.js';
import { maxLineage } from '../../../domain/deployments/lineage.js';
import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { Place, Whereabouts } from '../../../domain/deployments/reads.js';
import { sizeOf } from '../../../domain/deployments/size.js';
import type { Reader } from '../reader.js';
import { uuid } from '../statement.js';
import type { Row, Value } from '../statement.js';
import {
  contractColumns,
  eventColumnsOf,
  storedColumns,
  storedColumnsOf,
  toDeployment,
  toEvent,
  toStored,
} from './rows.js';

/** One deployment of the tenant. */
export const deployment: Reader<'deployment'> = ({ organisation }, { id }) => ({
  statement: {
    sql: `
      SELECT ${storedColumns}
      FROM deployments
      WHERE id = $1 AND organisation = $2`,
    values: [uuid(id), organisation],
  },
  parse: ([row]) => row && toStored(row),
});

/** The events of a deployment, oldest first. */
export const events: Reader<'events'> = ({ organisation }, { id, after, limit }) => ({
  statement: {
    sql: `
      SELECT ${eventColumnsOf('event')}
      FROM deployments
      JOIN deployment_events AS event ON event.deployment_id = deployments.id
      WHERE deployments.id = $1 AND deployments.organisation = $2 AND event.revision > $3
      ORDER BY event.revision
      LIMIT $4`,
    values: [uuid(id), organisation, after, limit],
  },
  parse: (rows) => rows.map(toEvent),
});

/** The last event that brought a deployment to a status. */
export const eventTo: Reader<'eventTo'> = ({ organisation }, { id, status }) => ({
  statement: {
    sql: `
      SELECT ${eventColumnsOf('event')}
      FROM deployments
      JOIN deployment_events AS event ON event.deployment_id = deployments.id
      WHERE deployments.id = $1 AND deployments.organisation = $2 AND event.to_status = $3
      ORDER BY event.revision DESC
      LIMIT 1`,
    values: [uuid(id), organisation, status],
  },
  parse: ([row]) => row && toEvent(row),
});

/** The oldest of those that wait behind a deployment, as many as are skipped at once. */
export const olderScheduled: Reader<'olderScheduled'> = (
  { organisation },
  { than, unchangedSince, limit },
) => ({
  statement: {
    sql: `
      SELECT ${storedColumnsOf('older')}
      FROM deployments AS older
      WHERE older.taxonomy_key = (SELECT taxonomy_key ${newer})
        AND older.status = 'scheduled'
        AND (older.created_at, older.id) < ((SELECT created_at ${newer}), $1)
        AND ($3::timestamptz IS NULL OR older.updated_at <= $3)
      ORDER BY older.created_at, older.id
      LIMIT $4`,
    values: [uuid(than), organisation, unchangedSince ?? null, limit],
  },
  parse: takeBounded,
});

const newer = 'FROM deployments WHERE id = $1 AND organisation = $2';

/** As many as are skipped at once. */
function takeBounded(rows: readonly Row[]): StoredDeployment[] {
  const found: StoredDeployment[] = [];
  let bytes = 0;
  for (const row of rows) {
    const stored = toStored(row);
    found.push(stored);
    bytes += sizeOf(stored.deployment);
    if (bytes > maxSkippedBytes) break;
  }
  return found;
}

/** The newer deployment that is still to skip this one. */
export const skippedBy: Reader<'skippedBy'> = ({ organisation }, { id }) => ({
  statement: {
    sql: `
      SELECT ${storedColumnsOf('newer')}
      FROM deployments AS older
      JOIN skipping ON skipping.taxonomy_key = older.taxonomy_key AND skipping.since >= older.updated_at
      JOIN deployments AS newer ON newer.id = skipping.deployment_id
      WHERE older.id = $1 AND older.organisation = $2
        AND (newer.created_at, newer.id) > (older.created_at, older.id)
      ORDER BY newer.created_at, newer.id
      LIMIT 1`,
    values: [uuid(id), organisation],
  },
  parse: ([row]) => row && toStored(row),
});

/** Since when a deployment is skipping older ones. */
export const skippingSince: Reader<'skippingSince'> = ({ organisation }, { id }) => ({
  statement: {
    sql: `
      SELECT skipping.since
      FROM skipping
      JOIN deployments ON deployments.id = skipping.deployment_id
      WHERE deployments.id = $1 AND deployments.organisation = $2`,
    values: [uuid(id), organisation],
  },
  parse: ([row]) => row && String(row['since']),
});

/** For a rollback, the deployment that it replaces. */
export const replacedBy: Reader<'replacedBy'> = ({ organisation }, { id }) => ({
  statement: {
    sql: `
      SELECT ${storedColumnsOf('replaced')}
      FROM deployments AS undo
      JOIN deployments AS replaced ON replaced.id = undo.rollback_from_deployment_id
      WHERE undo.id = $1 AND undo.organisation = $2`,
    values: [uuid(id), organisation],
  },
  parse: ([row]) => row && toStored(row),
});

/** What a lineage is made of: both chains back, and the rollbacks forward, the nearest of each. */
export const lineage: Reader<'lineage'> = ({ organisation }, { id }) => ({
  statement: { sql: lineageOf, values: [uuid(id), organisation] },
  parse: (rows) => rows.map(toDeployment),
});

/** Itself, as many as are shown, and one more, which says that there are more. */
const maxMembers = maxLineage + 2;

/** A chain of a link back; a limit keeps PostgreSQL from reading all deployments for a step. */
const chainOf = (name: string, link: string): string => `
  ${name} (id) AS (
    SELECT $1::uuid
    UNION
    SELECT farther.id
    FROM ${name}
    CROSS JOIN LATERAL (
      SELECT ${link} AS id FROM deployments WHERE deployments.id = ${name}.id LIMIT 1
    ) AS farther
  )`;

/** PostgreSQL goes no further along a chain than the limits of the members ask for. */
const lineageOf = `
  WITH RECURSIVE
    ${chainOf('copied_from', 'source_deployment_id')},
    ${chainOf('replaced', 'rollback_from_deployment_id')},
    replaced_by (id) AS (
      SELECT $1::uuid
      UNION
      SELECT nearer.id
      FROM replaced_by
      CROSS JOIN LATERAL (
        SELECT deployments.id
        FROM deployments
        WHERE rollback_from_deployment_id = replaced_by.id
        ORDER BY created_at, id
        LIMIT ${maxMembers}
      ) AS nearer
    ),
    members (id) AS (
      (SELECT id FROM copied_from LIMIT ${maxMembers})
      UNION (SELECT id FROM replaced LIMIT ${maxMembers})
      UNION (SELECT id FROM replaced_by LIMIT ${maxMembers})
    )
  SELECT member.*
  FROM members
  CROSS JOIN LATERAL (
    SELECT ${contractColumns}
    FROM deployments
    WHERE deployments.id = members.id AND organisation = $2
    LIMIT 1
  ) AS member`;

/** How many of a component's newest deployments are looked at for where it is. */
const lookedAt = 500;

/** Where else a component has been registered lately for an environment. */
export const whereabouts: Reader<'whereabouts'> = (
  { organisation },
  { name, environment, limit },
) => ({
  statement: {
    sql: `
      SELECT provider, cloud_account_id, region, cell
      FROM (
        SELECT environment, provider, cloud_account_id, region, cell, created_at, id
        FROM deployments
        WHERE organisation = $1 AND name = $2
        ORDER BY created_at DESC, id DESC
        LIMIT ${lookedAt}
      ) AS latest
      WHERE environment = $3
      GROUP BY provider, cloud_account_id, region, cell
      ORDER BY max(created_at) DESC, max(id::text) DESC
      LIMIT $4`,
    values: [organisation, name, environment, limit],
  },
  // The columns are the fields.
  parse: (rows) => rows as unknown as Whereabouts[],
});

/** What is true of the deployments of a taxonomy, in terms of `$1` and `$2`; of none when the tenant has none such. */
export function isOf(
  organisation: string,
  place: Place,
): { readonly condition: string; readonly values: readonly [Value, Value] } {
  return 'key' in place
    ? {
        condition: 'taxonomy_key = $1 AND organisation = $2',
        values: [place.key, organisation],
      }
    : {
        condition:
          'taxonomy_key = (SELECT taxonomy_key FROM deployments WHERE id = $1 AND organisation = $2)',
        values: [uuid(place.id), organisation],
      };
}
