import type { Database } from './database.js';
import type { ControlsCache } from '../controls-cache.js';
import type { RowCache } from './row-cache.js';

/** Where the data of one tenant is read from. */
export interface Source {
  readonly organisation: string;
  readonly database: Database;
  readonly cache: RowCache;
  readonly controls: ControlsCache;
}
