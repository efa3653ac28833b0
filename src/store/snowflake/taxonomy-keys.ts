import { LRUCache } from 'lru-cache';
import type { StoredDeployment } from '../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../domain/deployments/taxonomy.js';

/**
 * The taxonomy keys of deployments that this process has met, which never change. An index of a hybrid table serves
 * a column that is compared with a constant
 * (https://docs.snowflake.com/en/user-guide/tables-hybrid-best-practices#queries-that-qualify-for-index-use), so a key
 * is sent as one where it is known, and looked up by the statement where it is not.
 */
export interface TaxonomyKeys {
  /** The key of a tenant's deployment, when it is known. */
  get(organisation: string, id: string): string | undefined;
  /** Notes a deployment that is stored. */
  note(stored: StoredDeployment): void;
  /** Whether the taxonomy of a deployment is known to be among those that are stored, where it stays. */
  isStored(stored: StoredDeployment): boolean;
  /** Notes a deployment that this process has stored, and its taxonomy with it. */
  noteStored(stored: StoredDeployment): void;
}

/** How many are known at the most: some hundred bytes each. */
const maxKeys = 20_000;

/** Knows none yet. */
export function createTaxonomyKeys(): TaxonomyKeys {
  const keys = new LRUCache<string, string>({ max: maxKeys });
  const stored = new LRUCache<string, true>({ max: maxKeys });
  function note({ deployment }: StoredDeployment): void {
    keys.set(`${deployment.id} ${deployment.organisation}`, taxonomyKey(deployment));
  }
  return {
    get: (organisation, id) => keys.get(`${id} ${organisation}`),
    note,
    isStored: ({ deployment }) => stored.has(taxonomyKey(deployment)),
    noteStored(one) {
      note(one);
      stored.set(taxonomyKey(one.deployment), true);
    },
  };
}
