import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../domain/deployments/taxonomy.js';
import { responseSince01, taxonomySince01 } from '../since-0-1.js';
import { providers } from './deployments/rows.js';
import type { Link } from './driver.js';
import type { Row } from './statement.js';
import { everybody } from './idempotency.js';
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

/** Brings taxonomies, with their keys, to what they are since the contract 0.2. May be repeated. */
export async function renameTaxonomies(link: Link): Promise<void> {
  const rows = await link.query({
    sql: `
    SELECT DISTINCT organisation, name, environment, provider, cloud_account_id, region, cell,
           taxonomy_key
    FROM deployments`,
    values: [],
  });
  for (const row of rows) {
    const taxonomy = taxonomySince01(toTaxonomy(row));
    const [before, key] = [text(row, 'TAXONOMY_KEY'), taxonomyKey(taxonomy)];
    if (key === before) continue;
    const { environment, cloud_account_id: account, region, cell } = taxonomy;
    await link.query({
      sql: `
      UPDATE deployments
      SET environment = ?, cloud_account_id = ?, region = ?, cell = ?, taxonomy_key = ?
      WHERE taxonomy_key = ?`,
      values: [environment, account, region, cell, key, before],
    });
  }
}

/** Gives the remembered responses of before, which are everybody's, the new fields. May be repeated. */
export async function completeResponses(link: Link): Promise<void> {
  const rows = await link.query({
    sql: `
    SELECT organisation, idempotency_key, deployment
    FROM remembered_responses
    WHERE owner = ?`,
    values: [everybody],
  });
  for (const row of rows) {
    const deployment = text(row, 'DEPLOYMENT');
    const completed = responseSince01(deployment);
    if (completed === deployment) continue;
    await link.query({
      sql: `
      UPDATE remembered_responses
      SET deployment = ?
      WHERE organisation = ? AND idempotency_key = ? AND owner = ?`,
      values: [completed, text(row, 'ORGANISATION'), text(row, 'IDEMPOTENCY_KEY'), everybody],
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
