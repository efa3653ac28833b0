/** Counts attempts to authenticate. */
export interface AuthMetrics {
  authRequest(method: 'oidc' | 'pat' | 'none', success: boolean): void;
}

/** Counts what is refused to protect the service and those that it asks. */
export interface LimitMetrics {
  readonly requestRefused: (reason: 'auth-failures') => void;
}

/**
 * What a look-up in a cache came to.
 *
 * - `hit`: it was there
 * - `joined`: it was already under way for somebody else
 * - `miss`: it had to be looked up elsewhere
 */
export type CacheResult = 'hit' | 'joined' | 'miss';

/**
 * The caches of authentication: what GitHub said of a token, OIDC tokens that were found genuine, and
 * the keys of their issuer.
 */
export type Cache = 'memberships' | 'tokens' | 'keys';

/** Counts look-ups. */
export interface CacheMetrics {
  cacheLookup(cache: Cache, result: CacheResult): void;
}

/** Is told of each look-up in one cache. */
export type CountLookup = (result: CacheResult) => void;
