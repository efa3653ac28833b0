import { ApplicationError } from '../domain/errors.js';
import type { Store, TenantStore } from './store.js';

/** What a store is asked for, by the names under which it is timed. */
export const storeOperations = [
  'deployment',
  'deployments',
  'events',
  'feed',
  'lineage',
  'createDeployment',
  'updateDeployment',
  'rollback',
  'skipOlder',
  'removeOld',
  'controls',
  'policyEvents',
  'gateEvents',
  'putPolicy',
  'deletePolicy',
  'queue',
  'ownEntries',
  'environments',
  'claim',
  'cancelDeployments',
  'leaveQueue',
  'renewLease',
  'releaseLease',
  'queuePosition',
  'taxonomies',
  'current',
  'compare',
  'nextTurns',
  'expireLeases',
  'putEnvironment',
  'depth',
  'skipping',
  'dueQueues',
  'organisations',
  'removeExpiredResponses',
  'tenant',
  'tenantsSeenAs',
  'registerTenant',
  'check',
] as const;

/** Takes the time of what a store does. */
export interface StoreMetrics {
  /** @param failed whether the store could not do it; that a decision was against it is no failure */
  storeCall(operation: string, seconds: number, failed: boolean): void;
}

/** Follows a call to the store. */
export type TraceCall = <T>(operation: string, call: () => Promise<T>) => Promise<T>;

/**
 * A store of which everything is timed, and is a span of the request that it serves.
 *
 * @param trace absent, nothing is traced
 */
export function instrument(store: Store, metrics: StoreMetrics, trace?: TraceCall): Store {
  async function timed<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const started = performance.now();
    let failed = false;
    try {
      return await call();
    } catch (error) {
      failed = !(error instanceof ApplicationError) || error.code === 'unavailable';
      throw error;
    } finally {
      metrics.storeCall(operation, (performance.now() - started) / 1000, failed);
    }
  }
  const follow = <T>(operation: string, call: () => Promise<T>): Promise<T> =>
    trace === undefined ? timed(operation, call) : trace(operation, () => timed(operation, call));

  const tenantOf = (tenant: TenantStore): TenantStore => ({
    read: (query) => follow(query.read, () => tenant.read(query)),
    change: (name, decide) => follow(name, () => tenant.change(name, decide)),
  });
  const { system, tenants } = store;
  return {
    for: (organisation) => tenantOf(store.for(organisation)),
    subscribe: (listener) => store.subscribe(listener),
    subscribeToOthers: (listener) => store.subscribeToOthers(listener),
    system: {
      depth: () => follow('depth', () => system.depth()),
      skipping: () => follow('skipping', () => system.skipping()),
      dueQueues: (before, limit) => follow('dueQueues', () => system.dueQueues(before, limit)),
      organisations: () => follow('organisations', () => system.organisations()),
      removeExpiredResponses: (before) =>
        follow('removeExpiredResponses', () => system.removeExpiredResponses(before)),
    },
    tenants: {
      find: (ownerId) => follow('tenant', () => tenants.find(ownerId)),
      seenAs: (login) => follow('tenantsSeenAs', () => tenants.seenAs(login)),
      register: (owner, name, at) =>
        follow('registerTenant', () => tenants.register(owner, name, at)),
    },
    // A probe of readiness belongs to no request.
    check: () => timed('check', () => store.check()),
    close: () => store.close(),
  };
}
