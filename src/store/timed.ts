import type { DeploymentStore } from '../domain/deployment-store.js';

/** Takes the time of the store's operations. */
export interface StoreMetrics {
  storeCall(operation: string, seconds: number): void;
}

/** A store whose every operation is timed, answered or failed. */
export function timed(store: DeploymentStore, metrics: StoreMetrics): DeploymentStore {
  const time = async <T>(operation: string, call: Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await call;
    } finally {
      metrics.storeCall(operation, (performance.now() - started) / 1000);
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
