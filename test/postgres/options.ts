import type { PostgresOptions } from '../../src/store/postgres/options.js';

/** How a store is opened in tests. */
export function optionsFor(url: string): PostgresOptions {
  return {
    url,
    listenUrl: url,
    migrate: 'start',
    poolSize: 10,
    poolWaitMs: 5_000,
    poolQueue: 200,
    timeoutMs: 15_000,
  };
}
