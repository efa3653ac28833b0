import type { StoreLog } from '../../../src/store/snowflake/options.js';

/** A log that nobody reads. */
export const silent: StoreLog = { info: () => undefined, warn: () => undefined };
