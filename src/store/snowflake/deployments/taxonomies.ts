import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { TaxonomyQuery } from '../../../domain/deployments/reads.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../../domain/deployments/taxonomy.js';
import {
  comparedParts,
  namedParts,
  taxonomyParts,
  toPartValues,
  toTaxonomy,
} from '../../taxonomy-rows.js';
import type { TaxonomyPart } from '../../taxonomy-rows.js';
import type { Row, Statement, Value } from '../statement.js';
import { places, text } from '../values.js';

/** The statement of a page of taxonomies; asks for one row more, to know whether there is one. */
export function taxonomiesStatement(organisation: string, query: TaxonomyQuery): Statement {
  const { filter, after, limit } = query;
  const named = namedParts(filter);
  const conditions = ['found.organisation = ?', ...named.map(([part]) => `found.${part} = ?`)];
  const values: Value[] = [organisation, ...named.map(([, value]) => value)];
  if (after !== undefined) {
    conditions.push('origin.taxonomy_key = ?', 'origin.organisation = ?');
    conditions.push(comesAfter(comparedParts(query)));
    values.push(after.key, organisation);
  }
  const sql = `
    SELECT ${taxonomyParts.map((part) => `found.${part} AS ${part}`).join(', ')}
    FROM taxonomies AS found
    ${after === undefined ? '' : 'CROSS JOIN taxonomies AS origin'}
    WHERE ${conditions.join('\n      AND ')}
    ORDER BY ${taxonomyParts.map((part) => `found.${part}`).join(', ')}
    LIMIT ?`;
  return { sql, values: [...values, limit + 1] };
}

/** That parts come after those of the start, the first of them first; nothing comes after where there are none. */
function comesAfter([part, ...others]: readonly TaxonomyPart[]): string {
  if (part === undefined) return 'FALSE';
  const later = `found.${part} > origin.${part}`;
  return others.length === 0
    ? later
    : `(${later} OR found.${part} = origin.${part} AND ${comesAfter(others)})`;
}

/** Turns a row of that into a taxonomy. */
export function toTaxonomyOf(organisation: string): (row: Row) => Taxonomy {
  return (row) => toTaxonomy(organisation, (part) => text(row, part.toUpperCase()));
}

/** Notes the taxonomy of a new deployment, unless it is there. */
export function insertTaxonomy({ deployment }: StoredDeployment): Statement {
  const key = taxonomyKey(deployment);
  const values = [key, deployment.organisation, ...toPartValues(deployment)];
  return {
    sql: `
    INSERT INTO taxonomies (taxonomy_key, organisation, ${taxonomyParts.join(', ')})
    SELECT ${places(values.length).slice(1, -1)}
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (SELECT 1 FROM taxonomies WHERE taxonomy_key = ?)`,
    values: [...values, key],
  };
}
