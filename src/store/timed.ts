import type { DeploymentStore } from './store.js';
import { ApplicationError } from '../domain/errors.js';

/** The operations of a store that are timed. */
export const storeOperations = [
  'list',
  'get',
  'events',
  'family',
  'create',
  'update',
  'rollback',
  'depth',
  'check',
] as const satisfies readonly (keyof DeploymentStore)[];

/** Takes the time of the store's operations. */
export interface StoreMetrics {
  /** @param failed whether the store could not carry it out; a refusal by the domain is no failure */
  storeCall(operation: string, seconds: number, failed: boolean): void;
}

/** A store whose every operation is timed, answered or failed. */
export function timed(store: DeploymentStore, metrics: StoreMetrics): DeploymentStore {
  const time = async <T>(
    operation: (typeof storeOperations)[number],
    call: Promise<T>,
  ): Promise<T> => {
    const started = performance.now();
    let failed = false;
    try {
      return await call;
    } catch (error) {
      failed = !(error instanceof ApplicationError) || error.code === 'unavailable';
      throw error;
    } finally {
      metrics.storeCall(operation, (performance.now() - started) / 1000, failed);
    }
  };
  return {
    list: (...args) => time('list', store.list(...args)),
    get: (...args) => time('get', store.get(...args)),
    events: (...args) => time('events', store.events(...args)),
    family: (...args) => time('family', store.family(...args)),
    create: (...args) => time('create', store.create(...args)),
    update: (...args) => time('update', store.update(...args)),
    rollback: (...args) => time('rollback', store.rollback(...args)),
    depth: () => time('depth', store.depth()),
    check: () => time('check', store.check()),
    close: () => store.close(),
  };
}
