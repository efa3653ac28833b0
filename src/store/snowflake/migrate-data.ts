import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../domain/deployments/taxonomy.js';
import { providers } from './deployments/rows.js';
import type { Link, Row } from './driver.js';
import { oneOf, text, textOrNull, whole } from './values.js';

/**
 * Gives each rollback its base: the first of those that it was copied from, one after the other. Each round
 * finds those whose source is a base, or knows its own: as many rounds as the longest chain has links, where
 * a recursion would end with an error after 100. May be repeated.
 */
export async function fillBases(link: Link): Promise<void> {
  for (;;) {
    const [row] = await link.query({ sql: nextBases, values: [] });
    if (row === undefined || whole(row, 'number of rows updated') === 0) return;
  }
}

const nextBases = `
    UPDATE deployments
    SET base_id = found.base_id
    FROM (
      SELECT id, COALESCE(base_id, id) AS base_id
      FROM deployments
      WHERE base_id IS NOT NULL OR source_deployment_id IS NULL
    ) AS found
    WHERE deployments.source_deployment_id = found.id AND deployments.base_id IS NULL`;

/**
 * Brings environments to lower case, as they are kept since the contract 0.2, and the keys of taxonomies
 * with them: what lower case is, and how a key is made, the service alone knows. May be repeated.
 */
export async function lowerEnvironments(link: Link): Promise<void> {
  const rows = await link.query({
    sql: `
    SELECT DISTINCT organisation, name, environment, provider, cloud_account_id, region, cell,
           taxonomy_key
    FROM deployments`,
    values: [],
  });
  for (const row of rows) {
    const place = toTaxonomy(row);
    const environment = place.environment.toLowerCase();
    if (environment === place.environment) continue;
    await link.query({
      sql: 'UPDATE deployments SET environment = ?, taxonomy_key = ? WHERE taxonomy_key = ?',
      values: [environment, taxonomyKey({ ...place, environment }), text(row, 'TAXONOMY_KEY')],
    });
  }
}

function toTaxonomy(row: Row): Taxonomy {
  return {
    organisation: text(row, 'ORGANISATION'),
    name: text(row, 'NAME'),
    environment: text(row, 'ENVIRONMENT'),
    provider: oneOf(providers, row, 'PROVIDER'),
    cloud_account_id: textOrNull(row, 'CLOUD_ACCOUNT_ID'),
    region: textOrNull(row, 'REGION'),
    cell: textOrNull(row, 'CELL'),
  };
}
