import type { StoreLog } from '../../../src/store/observer.js';

/** A log that nobody reads. */
export const silent: StoreLog = { info: () => undefined, warn: () => undefined };
