/**
 * What a look-up in a cache came to.
 *
 * - `hit`: the answer was there
 * - `joined`: the answer was on its way for somebody else
 * - `miss`: another service had to be asked
 */
export type CacheResult = 'hit' | 'joined' | 'miss';

/** The caches of authentication: what GitHub said of a token, and the keys of the issuer. */
export type Cache = 'memberships' | 'keys';

/** Counts look-ups. */
export interface CacheMetrics {
  cacheLookup(cache: Cache, result: CacheResult): void;
}

/** Is told of each look-up in one cache. */
export type CountLookup = (result: CacheResult) => void;
