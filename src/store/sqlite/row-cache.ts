import { LRUCache } from 'lru-cache';
import type { StoredDeployment } from '../../domain/deployments/deployment.js';
import { sizeOf } from '../../domain/deployments/size.js';
import type { Database } from './database.js';

/** How many deployments are remembered at most. */
const maxRows = 4_096;
/** How much they may take, in bytes of `sizeOf`; a usual one takes one to two kilobytes. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Says which state of which deployment a row holds: an id never names another deployment, a revision
 * counts its changes, and the instant of the last change tells a restored file from the one before.
 */
export const stampColumn = "id || ' ' || revision || ' ' || updated_at";

/** Deployments as they were last read or written, by stamp. */
export interface RowCache {
  /**
   * To be called before each read: forgets everything when somebody else has written to the file, who
   * may not count revisions.
   */
  refresh(): void;
  /** Forgets everything: some of it may have been read in a transaction that was not committed. */
  clear(): void;
  /** What a stamp stands for, if that is remembered. */
  get(stamp: string): StoredDeployment | undefined;
  /**
   * Remembers a deployment that is stored.
   *
   * @returns the same, or the one that is remembered under its stamp; frozen, so that everybody may
   *   hold it
   */
  put(stored: StoredDeployment): StoredDeployment;
}

/**
 * Turning a row of 29 columns into an object costs many times what finding the row does. A state of a
 * deployment never changes, so what was read once is handed out again, and only stamps are read.
 * https://sqlite.org/pragma.html#pragma_data_version tells when another connection has written.
 */
export function createRowCache(database: Database): RowCache {
  const version = database.prepare('PRAGMA data_version');
  let seen = version.get()?.['data_version'];
  const rows = new LRUCache<string, StoredDeployment>({
    max: maxRows,
    maxSize: maxBytes,
    sizeCalculation: ({ deployment }) => sizeOf(deployment),
  });
  return {
    refresh() {
      const present = version.get()?.['data_version'];
      if (present !== seen) rows.clear();
      seen = present;
    },
    clear() {
      rows.clear();
    },
    get: (stamp) => rows.get(stamp),
    put(stored) {
      const { deployment, revision } = stored;
      const stamp = `${deployment.id} ${revision} ${deployment.updated_at}`;
      const known = rows.get(stamp);
      if (known !== undefined) return known;
      Object.freeze(deployment);
      rows.set(stamp, Object.freeze(stored));
      return stored;
    },
  };
}
