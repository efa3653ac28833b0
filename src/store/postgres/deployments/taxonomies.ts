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
import { rowsOf } from '../statement.js';
import type { Row, Statement, Value } from '../statement.js';

const columns = taxonomyParts.join(', ');

/** The statement of a page of taxonomies; asks for one row more, to know whether there is one. */
export function taxonomiesStatement(organisation: string, query: TaxonomyQuery): Statement {
  const { filter, after, limit } = query;
  const values: Value[] = [organisation];
  const place = (value: Value): string => `$${values.push(value)}`;
  const conditions = [
    'organisation = $1',
    ...namedParts(filter).map(([part, value]) => `${part} = ${place(value)}`),
  ];
  const compared = comparedParts(query);
  // A page by all parts holds one taxonomy at the most.
  if (after !== undefined && compared.length === 0) conditions.push('FALSE');
  else if (after !== undefined) {
    const key = place(after.key);
    const starts = compared.map((part) => `(SELECT ${part} ${startOf(key)})`);
    conditions.push(`(${compared.join(', ')}) > (${starts.join(', ')})`);
  }
  const sql = `
    SELECT ${columns}
    FROM taxonomies
    WHERE ${conditions.join(' AND ')}
    ORDER BY ${columns}
    LIMIT ${place(limit + 1)}`;
  return { sql, values, planned: 'each time' };
}

const startOf = (key: string): string =>
  `FROM taxonomies WHERE taxonomy_key = ${key} AND organisation = $1`;

/** Turns a row of that into a taxonomy. */
export function toTaxonomyOf(organisation: string): (row: Row) => Taxonomy {
  return (row) => toTaxonomy(organisation, (part) => String(row[part]));
}

/** Notes the taxonomies of new deployments, unless they are there; everybody in one order. */
export function insertTaxonomies(created: readonly StoredDeployment[]): Statement {
  const rows = new Map(
    created.map(({ deployment }) => {
      const key = taxonomyKey(deployment);
      const values = toPartValues(deployment);
      const parts = Object.fromEntries(taxonomyParts.map((part, nth) => [part, values[nth]]));
      return [key, { taxonomy_key: key, organisation: deployment.organisation, ...parts }];
    }),
  );
  return {
    sql: `
      INSERT INTO taxonomies (taxonomy_key, organisation, ${columns})
      SELECT taxonomy_key, organisation, ${columns}
      FROM json_populate_recordset(NULL::taxonomies, $1)
      ORDER BY taxonomy_key
      ON CONFLICT DO NOTHING`,
    values: [rowsOf([...rows.values()])],
  };
}
