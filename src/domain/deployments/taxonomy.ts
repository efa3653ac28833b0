import { createHash } from 'node:crypto';
import type { Deployment } from './deployment.js';

/** What names one thing in one place; an absent part is `null`, and equals another absent one. */
export type Taxonomy = Pick<
  Deployment,
  'organisation' | 'name' | 'environment' | 'provider' | 'cloud_account_id' | 'region' | 'cell'
>;

/**
 * One value for a whole taxonomy, so that a store can compare and index it: equal taxonomies, and
 * only they, have equal keys, absent parts included.
 *
 * @returns SHA-256 in base64url, 43 characters
 */
export function taxonomyKey(taxonomy: Taxonomy): string {
  const { organisation, name, environment, provider, cloud_account_id, region, cell } = taxonomy;
  const parts = [organisation, name, environment, provider, cloud_account_id, region, cell];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** The taxonomy in words, without the organisation. */
export function describeTaxonomy(taxonomy: Taxonomy): string {
  const { name, environment, provider, cloud_account_id, region, cell } = taxonomy;
  return Object.entries({ name, environment, provider, cloud_account_id, region, cell })
    .map(([part, value]) => `${part}=${value ?? 'none'}`)
    .join(', ');
}
