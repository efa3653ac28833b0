import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { TaxonomyPage, TaxonomyQuery } from '../../../domain/deployments/reads.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import {
  comparedParts,
  namedParts,
  taxonomyParts,
  toPartValues,
  toTaxonomy,
  toTaxonomyPage,
} from '../../taxonomy-rows.js';
import type { TaxonomyPart } from '../../taxonomy-rows.js';
import type { Database, Value } from '../database.js';
import type { ReaderPool } from '../reader-pool.js';
import type { Source } from '../source.js';

const columns = taxonomyParts.join(', ');

const insertTaxonomy = `
  INSERT OR IGNORE INTO taxonomies (taxonomy_key, organisation, ${columns})
  VALUES (?, ?, ${taxonomyParts.map(() => '?').join(', ')})`;

/** Notes the taxonomies of new deployments. */
export function writeTaxonomies(database: Database, created: readonly StoredDeployment[]): void {
  const insert = database.prepare(insertTaxonomy);
  for (const { deployment } of created) {
    insert.run(taxonomyKey(deployment), deployment.organisation, ...toPartValues(deployment));
  }
}

/**
 * A page of taxonomies.
 *
 * @param pool absent for a database in memory, which no other connection can read
 */
export async function listTaxonomies(
  source: Source,
  pool: ReaderPool | undefined,
  query: TaxonomyQuery,
): Promise<TaxonomyPage> {
  const { organisation, database } = source;
  const { sql, values } = taxonomiesStatement(source, query);
  const isNear =
    pool === undefined || leadingParts(query).length === namedParts(query.filter).length;
  const rows = isNear
    ? database.prepare(sql).all(...values)
    : await pool.query(organisation, { sql, values, maxBytes: 0 });
  return toTaxonomyPage(
    rows.map((row) => toTaxonomy(organisation, (part) => String(row[part]))),
    query.limit,
  );
}

/** The columns of each index, beside the organisation. */
const indexes = {
  taxonomies_in_order: taxonomyParts,
  taxonomies_by_name: ['name', ...taxonomyParts.filter((part) => part !== 'name')],
} as const satisfies Record<string, readonly TaxonomyPart[]>;

function indexOf({ filter }: TaxonomyQuery): keyof typeof indexes {
  return filter.environment === undefined && filter.name !== undefined
    ? 'taxonomies_by_name'
    : 'taxonomies_in_order';
}

/** The parts that a page is narrowed by with which its index begins: where those are all, it lies together. */
function leadingParts(query: TaxonomyQuery): TaxonomyPart[] {
  const columns: readonly TaxonomyPart[] = indexes[indexOf(query)];
  const end = columns.findIndex((part) => query.filter[part] === undefined);
  return columns.slice(0, end < 0 ? undefined : end);
}

/** The statement of a page and its values; asks for one row more, to know whether there is one. */
export function taxonomiesStatement(
  { organisation }: Pick<Source, 'organisation'>,
  query: TaxonomyQuery,
): { sql: string; values: Value[] } {
  const { filter, after, limit } = query;
  const named = namedParts(filter);
  const leading = leadingParts(query);
  // With a plus, a part is only compared, and does not keep SQLite from going by the order of the index.
  const conditions = [
    'organisation = ?',
    ...named.map(([part]) => `${leading.includes(part) ? '' : '+'}${part} = ?`),
  ];
  const values: Value[] = [organisation, ...named.map(([, value]) => value)];
  const compared = comparedParts(query).join(', ');
  // A page by all parts holds one taxonomy at the most.
  if (after !== undefined && compared === '') conditions.push('FALSE');
  else if (after !== undefined) {
    conditions.push(`(${compared}) >
      (SELECT ${compared} FROM taxonomies WHERE taxonomy_key = ? AND organisation = ?)`);
    values.push(after.key, organisation);
  }
  const sql = `
    SELECT ${columns}
    FROM taxonomies INDEXED BY ${indexOf(query)}
    WHERE ${conditions.join(' AND ')}
    ORDER BY ${columns}
    LIMIT ? + 0`;
  return { sql, values: [...values, limit + 1] };
}
