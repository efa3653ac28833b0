import type { Decided, Decision } from '../domain/decision.js';
import type { DeploymentStatus } from '../domain/deployments/deployment.js';
import type { ChangeSet } from '../domain/changes.js';
import type { Read, ResultOf, Search } from '../domain/reads.js';
import type { TenantRegistry } from '../domain/tenants/tenant.js';

/**
 * Where the data of all tenants is kept.
 *
 * Every method may reject with an `ApplicationError` `unavailable` when the store is out of reach; then
 * nothing was changed. Where a store cannot find out whether a change was made, its error says so.
 */
export interface Store {
  /** A tenant's data, and no other's. There is no other way to it. */
  for(organisation: string): TenantStore;
  /** Reads what belongs to no tenant alone: for whoever operates the service, not for callers. */
  readonly system: SystemStore;
  /** Who the tenants are. */
  readonly tenants: TenantRegistry;
  /** Tells of everything that this process stores, once it is stored. */
  subscribe(listener: CommitListener): () => void;
  /**
   * Tells of what another process may have changed, where the store hears of that; of `undefined` for all that there
   * is, when it may have missed some. It is a hint: nothing may rest on it but how soon somebody looks.
   */
  subscribeToOthers(listener: (changed: ChangedElsewhere | undefined) => void): () => void;
  /** Resolves when the store answers. */
  check(): Promise<void>;
  /** Waits for what is under way and lets go of everything. */
  close(): Promise<void>;
}

/** The data of one tenant. */
export interface TenantStore {
  /**
   * Reads.
   *
   * @example const stored = await store.for('acme').read({ read: 'deployment', id });
   */
  read<Q extends Read | Search>(query: Q): Promise<ResultOf<Q>>;
  /**
   * Runs a decision and stores what it comes to: all of it in one transaction, or nothing, also when
   * several run at once. It may be run more than once, when another process got in between.
   *
   * @param name of what is done, for metrics and traces
   * @throws what the decision throws; then everything is as it was
   */
  change<Result>(name: string, decide: () => Decision<Result> | Decided<Result>): Promise<Result>;
}

/** What is read across tenants, and cleaned up. */
export interface SystemStore {
  /** How many deployments wait and run in each environment; one without any is left out. */
  depth(): Promise<readonly QueueDepth[]>;
  /** Deployments that are still skipping their older ones. */
  skipping(): Promise<readonly DeploymentName[]>;
  /** Queues about which something is to be done by an instant, the longest due first. */
  dueQueues(before: string, limit: number): Promise<readonly QueueName[]>;
  /** The tenants that have any deployments. */
  organisations(): Promise<readonly string[]>;
  /** Removes a bounded number of first responses whose key has expired; whether there may be more. */
  removeExpiredResponses(before: string): Promise<boolean>;
}

/** How many deployments of an environment wait or run, and how many are carried out under a lease. */
export interface QueueDepth {
  readonly environment: string;
  readonly status: Extract<DeploymentStatus, 'scheduled' | 'in_progress'> | 'leased';
  readonly count: number;
}

/** Which deployment of which tenant. */
export interface DeploymentName {
  readonly organisation: string;
  readonly id: string;
}

/** The queue of which environment of which tenant, and since when something is to be done about it. */
export interface QueueName {
  readonly organisation: string;
  readonly environment: string;
  readonly dueAt: string;
}

/** A tenant whose feed has grown, and the environment whose queue has changed with that, if one has; or its controls. */
export interface ChangedElsewhere {
  readonly organisation: string;
  readonly environment?: string;
  readonly controls?: true;
}

/** What was stored together for a tenant. */
export interface Commit {
  readonly organisation: string;
  readonly changes: ChangeSet;
}

/** Is told of a commit, after it; must not throw. */
export type CommitListener = (commit: Commit) => void;
