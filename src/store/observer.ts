/**
 * Why a store tries again.
 *
 * - `conflict`: what the change was made from had changed
 * - `lock`: others held what was needed
 * - `lost`: no answer came
 */
export type RetryReason = 'conflict' | 'lock' | 'lost';

/** The sessions of a pool at a moment. */
export interface PoolUsage {
  /** Sessions at the most. */
  readonly size: number;
  readonly idle: number;
  readonly lent: number;
  readonly opening: number;
  /** Operations that wait for one. */
  readonly waiting: number;
}

/** How a wait for a session ended: with one, after too long, or with a login that failed. */
export type PoolWait = 'served' | 'timeout' | 'login';

/** What a store tells of its work beside its answers; metrics fit. */
export interface StoreObserver {
  /** Something is tried once more. */
  storeRetried(reason: RetryReason): void;
  /** There is a pool, and this tells of its sessions whenever it is called. */
  poolOpened(usage: () => PoolUsage): void;
  /** An operation has waited for a session; zero seconds when one was idle. */
  poolWaited(seconds: number, end: PoolWait): void;
}

/** Tells nobody. */
export const unobserved: StoreObserver = {
  storeRetried: () => undefined,
  poolOpened: () => undefined,
  poolWaited: () => undefined,
};

/** What a store says of itself beside its answers; a logger fits. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
