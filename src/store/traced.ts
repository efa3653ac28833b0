import type { DeploymentStore } from './store.js';

/** Follows a call to the store. */
export type TraceCall = <T>(operation: string, call: () => Promise<T>) => Promise<T>;

/** A store whose every operation is a span of the request that it serves. */
export function traced(store: DeploymentStore, trace: TraceCall): DeploymentStore {
  return {
    list: (...args) => trace('list', () => store.list(...args)),
    get: (...args) => trace('get', () => store.get(...args)),
    events: (...args) => trace('events', () => store.events(...args)),
    family: (...args) => trace('family', () => store.family(...args)),
    create: (...args) => trace('create', () => store.create(...args)),
    update: (...args) => trace('update', () => store.update(...args)),
    rollback: (...args) => trace('rollback', () => store.rollback(...args)),
    depth: () => trace('depth', () => store.depth()),
    check: () => store.check(),
    close: () => store.close(),
  };
}
