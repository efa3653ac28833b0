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
export const stampColumnOf = (table: string): string =>
  `${table}.id || ' ' || ${table}.revision || ' ' || ${table}.updated_at`;

/** The same where there is but one table. */
export const stampColumn = stampColumnOf('deployments');

/** Deployments as they were last read or written, by stamp; what readers use of it. */
export interface RowCache {
  /**
   * To be called before each read: forgets everything when somebody else has written to the file, who
   * may not count revisions.
   */
  refresh(): void;
  /** What a stamp stands for, if that is remembered. */
  get(stamp: string): StoredDeployment | undefined;
  /**
   * Remembers a deployment that is stored.
   *
   * @returns the same, or the one that is remembered under its stamp; frozen, so that everybody may
   *   hold it
   */
  put(stored: StoredDeployment): StoredDeployment;
  /** The state that a deployment of anybody is in, if that is remembered. */
  present(id: string): StoredDeployment | undefined;
  /** Remembers a deployment as it was just read, besides as the state that it is in. */
  putPresent(stored: StoredDeployment): StoredDeployment;
}

/** The cache of a connection. */
export interface ConnectionRowCache extends RowCache {
  /** Forgets everything: some of it may have been read in a transaction that was not committed. */
  clear(): void;
  /** To be called for each deployment that is written: what it is in is to be read again. */
  changed(id: string): void;
  /**
   * The same for one decision, which is made within a transaction before it writes: nobody else can write
   * meanwhile, what is present there may never be committed, and what it reads is not remembered, since mostly
   * it is about to change.
   */
  forDecision(): DecisionRowCache;
}

/** The cache of a decision. */
export interface DecisionRowCache extends RowCache {
  /**
   * Whether a deployment was asked for by its id, or was remembered before, so that its next state is worth
   * remembering; many others may just have been skipped.
   */
  isOfInterest(id: string): boolean;
}

/**
 * Turning a row of some thirty columns into an object costs many times what finding the row does. A state of a
 * deployment never changes, so what was read once is handed out again, and only stamps are read; of one that
 * nobody has written to since, not even that.
 * https://sqlite.org/pragma.html#pragma_data_version tells when another connection has written.
 */
export function createRowCache(database: Database): ConnectionRowCache {
  const version = database.prepare('PRAGMA data_version');
  let seen = version.get()?.['data_version'];
  const rows = new LRUCache<string, StoredDeployment>({
    max: maxRows,
    maxSize: maxBytes,
    sizeCalculation: ({ deployment }) => sizeOf(deployment),
  });
  /** The stamps of the states that deployments are in, by id. */
  const present = new LRUCache<string, string>({ max: maxRows });
  const clear = (): void => {
    rows.clear();
    present.clear();
  };
  const put = (stored: StoredDeployment): StoredDeployment => {
    const stamp = stampOf(stored);
    const known = rows.get(stamp);
    if (known !== undefined) return known;
    Object.freeze(stored.deployment);
    rows.set(stamp, Object.freeze(stored));
    return stored;
  };
  const shared = {
    refresh() {
      const current = version.get()?.['data_version'];
      if (current !== seen) clear();
      seen = current;
    },
    clear,
    get: (stamp: string) => rows.get(stamp),
    put,
    changed(id: string) {
      present.delete(id);
    },
  };
  return {
    ...shared,
    present(id) {
      const stamp = present.get(id);
      return stamp === undefined ? undefined : rows.get(stamp);
    },
    putPresent(stored) {
      present.set(stored.deployment.id, stampOf(stored));
      return put(stored);
    },
    forDecision() {
      shared.refresh();
      const seenHere = new Map<string, StoredDeployment>();
      return {
        refresh: () => undefined,
        get(stamp) {
          const stored = rows.get(stamp);
          if (stored !== undefined) seenHere.set(stored.deployment.id, stored);
          return stored;
        },
        put: (stored) => stored,
        present: (id) => seenHere.get(id),
        putPresent(stored) {
          seenHere.set(stored.deployment.id, stored);
          return stored;
        },
        isOfInterest: (id) => seenHere.has(id),
      };
    },
  };
}

function stampOf({ deployment, revision }: StoredDeployment): string {
  return `${deployment.id} ${revision} ${deployment.updated_at}`;
}
