import { compareAge } from '../../../domain/deployments/order.js';
import type { Place } from '../../../domain/deployments/reads.js';
import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { Row, Statement } from '../statement.js';
import type { Reader } from '../reader.js';
import type { TaxonomyKeys } from '../taxonomy-keys.js';
import { instant, toTimestamp } from '../values.js';
import { eventColumnsOf, storedColumns, storedColumnsOf, toEvent, toStored } from './rows.js';

/** The columns of a part of a slice: those of a deployment, and one more for what is known beside it. */
const columns = `${storedColumns.join(', ')}, NULL AS extra`;

/** One deployment of the tenant. */
export const deployment: Reader<'deployment'> = (organisation, { id }) => ({
  part: {
    sql: `
    SELECT ${columns}
    FROM deployments
    WHERE id = ? AND organisation = ?`,
    values: [id, organisation],
  },
  parse: ([row]) => row && toStored(row),
});

/** The events of a deployment, oldest first. */
export const events: Reader<'events'> = (organisation, { id, after, limit }) => ({
  statement: {
    sql: `
    SELECT ${eventColumnsOf('event')}
    FROM deployment_events AS event
    JOIN deployments ON deployments.id = event.deployment_id
    WHERE deployments.id = ? AND deployments.organisation = ? AND event.revision > ?
    ORDER BY event.revision
    LIMIT ?`,
    values: [id, organisation, after, limit],
  },
  parse: (rows) => rows.map(toEvent),
});

/** The last event that brought a deployment to a status. */
export const eventTo: Reader<'eventTo'> = (organisation, { id, status }) => ({
  statement: {
    sql: `
    SELECT ${eventColumnsOf('event')}
    FROM deployment_events AS event
    JOIN deployments ON deployments.id = event.deployment_id
    WHERE deployments.id = ? AND deployments.organisation = ? AND event.to_status = ?
    ORDER BY event.revision DESC
    LIMIT 1`,
    values: [id, organisation, status],
  },
  parse: ([row]) => row && toEvent(row),
});

/** The oldest of those that wait behind a deployment. */
export const olderScheduled: Reader<'olderScheduled'> = (
  organisation,
  { than, unchangedSince, limit },
  keys,
) => {
  const sameKey = narrow('older.taxonomy_key', keys.get(organisation, than));
  return {
    part: {
      sql: `
    SELECT ${storedColumnsOf('older')}, NULL AS extra
    FROM deployments AS older
    JOIN deployments AS newer ON older.taxonomy_key = newer.taxonomy_key
    WHERE newer.id = ? AND newer.organisation = ?
      ${sameKey.sql}
      AND older.status = 'scheduled'
      AND (older.created_at < newer.created_at
           OR older.created_at = newer.created_at AND older.id < newer.id)
      ${unchangedSince === undefined ? '' : 'AND older.updated_at <= ?::TIMESTAMP_NTZ(3)'}
    ORDER BY older.created_at, older.id
    LIMIT ?`,
      values: [
        than,
        organisation,
        ...sameKey.values,
        ...(unchangedSince === undefined ? [] : [toTimestamp(unchangedSince)]),
        limit,
      ],
    },
    parse: (rows) => oldestFirst(rows),
  };
};

/** Since when a deployment is skipping older ones. */
export const skippingSince: Reader<'skippingSince'> = (organisation, { id }) => ({
  statement: {
    sql: `
    SELECT skipping.since AS since
    FROM skipping
    JOIN deployments ON deployments.id = skipping.deployment_id
    WHERE deployments.id = ? AND deployments.organisation = ?`,
    values: [id, organisation],
  },
  parse: ([row]) => row && instant(row, 'SINCE'),
});

/** The newer deployment that is still to skip this one. */
export const skippedBy: Reader<'skippedBy'> = (organisation, { id }, keys) => {
  const sameKey = narrow('skipping.taxonomy_key', keys.get(organisation, id));
  return {
    part: {
      sql: `
    SELECT ${storedColumnsOf('newer')}, NULL AS extra
    FROM deployments AS older
    JOIN skipping ON skipping.taxonomy_key = older.taxonomy_key
    JOIN deployments AS newer ON newer.id = skipping.deployment_id
    WHERE older.id = ? AND older.organisation = ?
      ${sameKey.sql}
      AND skipping.since >= older.updated_at
      AND (newer.created_at > older.created_at
           OR newer.created_at = older.created_at AND newer.id > older.id)
    ORDER BY newer.created_at, newer.id
    LIMIT 1`,
      values: [id, organisation, ...sameKey.values],
    },
    parse: ([row]) => row && toStored(row),
  };
};

/** For a rollback, the deployment that it replaces. */
export const replacedBy: Reader<'replacedBy'> = (organisation, { id }) => ({
  part: {
    sql: `
    SELECT ${storedColumnsOf('replaced')}, NULL AS extra
    FROM deployments AS undo
    JOIN deployments AS replaced ON replaced.id = undo.rollback_from_deployment_id
    WHERE undo.id = ? AND undo.organisation = ?`,
    values: [id, organisation],
  },
  parse: ([row]) => row && toStored(row),
});

/** A condition that says by a constant what a join says already, where the key is known. */
function narrow(column: string, key: string | undefined): Statement {
  return key === undefined ? { sql: '', values: [] } : { sql: `AND ${column} = ?`, values: [key] };
}

/** The key of a taxonomy, as an expression with its values. */
export function keyOf(organisation: string, place: Place, keys: TaxonomyKeys): Statement {
  if ('key' in place) return { sql: '?', values: [place.key] };
  const key = keys.get(organisation, place.id);
  if (key !== undefined) return { sql: '?', values: [key] };
  return {
    sql: '(SELECT taxonomy_key FROM deployments WHERE id = ? AND organisation = ?)',
    values: [place.id, organisation],
  };
}

/** Parts of one statement come without an order of their own. */
export function oldestFirst(rows: readonly Row[]): StoredDeployment[] {
  return rows.map(toStored).sort((a, b) => compareAge(a.deployment, b.deployment));
}

/** The same the other way round. */
export function newestFirst(rows: readonly Row[]): StoredDeployment[] {
  return oldestFirst(rows).reverse();
}
