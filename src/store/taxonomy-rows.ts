import type { TaxonomyFilter, TaxonomyPage, TaxonomyQuery } from '../domain/deployments/reads.js';
import type { Taxonomy } from '../domain/deployments/taxonomy.js';

/** The parts of a taxonomy, in the order by which taxonomies are listed. */
export const taxonomyParts = [
  'environment',
  'name',
  'region',
  'cell',
  'provider',
  'cloud_account_id',
] as const;

export type TaxonomyPart = (typeof taxonomyParts)[number];

/** The values of those columns; absent parts are empty, so that one order serves all. */
export function toPartValues(taxonomy: Taxonomy): string[] {
  return taxonomyParts.map((part) => taxonomy[part] ?? '');
}

/** The taxonomy of a row of those columns. */
export function toTaxonomy(organisation: string, read: (part: TaxonomyPart) => string): Taxonomy {
  return {
    organisation,
    environment: read('environment'),
    name: read('name'),
    region: read('region') || null,
    cell: read('cell') || null,
    // Written from a deployment's.
    provider: read('provider') as Taxonomy['provider'],
    cloud_account_id: read('cloud_account_id') || null,
  };
}

/** The parts that a filter names, each with its value. */
export function namedParts(filter: TaxonomyFilter): [part: TaxonomyPart, value: string][] {
  return taxonomyParts.flatMap((part): [TaxonomyPart, string][] => {
    const value = filter[part];
    return value === undefined ? [] : [[part, value]];
  });
}

/** The parts by which what a page holds comes after its start; in all others, it has what the start has. */
export function comparedParts(query: TaxonomyQuery): TaxonomyPart[] {
  const compared =
    query.after?.by === 'component' ? (['name', 'region', 'cell'] as const) : taxonomyParts;
  return compared.filter((part) => query.filter[part] === undefined);
}

/** A page, of one more than it holds where there are more. */
export function toTaxonomyPage(found: readonly Taxonomy[], limit: number): TaxonomyPage {
  return { taxonomies: found.slice(0, limit), more: found.length > limit };
}
