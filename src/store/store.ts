import type {
  ChangeSet,
  Deployment,
  DeploymentEvent,
  DeploymentStatus,
  StoredDeployment,
} from '../domain/deployments/deployment.js';
import type { IdempotentRequest } from '../domain/idempotency/idempotency.js';
import type { Position } from '../domain/deployments/order.js';
import type { RollbackRequest } from '../domain/deployments/rollback.js';
import type { UpdateSlice } from '../domain/deployments/update.js';

/** The fields that a list can be narrowed by. */
export const filterFields = [
  'status',
  'name',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
  'trigger',
] as const;

/** Values that every listed deployment has. */
export type ListFilter = {
  readonly [F in (typeof filterFields)[number]]?: NonNullable<Deployment[F]>;
};

/** A page of a list. */
export interface ListQuery {
  readonly organisation: string;
  readonly filter: ListFilter;
  /** Only deployments older than this one. */
  readonly after?: Position | undefined;
  /** How many at the most. */
  readonly limit: number;
}

/** Deployments, newest first. */
export interface Page {
  readonly deployments: readonly Deployment[];
  /** Whether older ones match as well. */
  readonly more: boolean;
}

/** A deployment that was created now, or earlier under the same `Idempotency-Key`. */
export interface Creation {
  readonly stored: StoredDeployment;
  readonly replayed: boolean;
}

/** A deployment after an update, and what the update changed. */
export interface Update {
  readonly stored: StoredDeployment;
  readonly changes: ChangeSet;
}

/** How many deployments of an environment wait or run. */
export interface QueueDepth {
  readonly environment: string;
  readonly status: Extract<DeploymentStatus, 'scheduled' | 'in_progress'>;
  readonly count: number;
}

/** What a rollback starts from: a taxonomy, or a deployment in it. */
export type RollbackSelector =
  | { readonly taxonomy: RollbackRequest['taxonomy'] }
  | { readonly organisation: string; readonly id: string };

/**
 * Where deployments are kept.
 *
 * The three methods that write are handed a decision: a pure function from what is stored to what
 * changes. The store reads a slice, lets it be decided, and writes the changes with their events in
 * one transaction: all of it or nothing, also when several run at once. An error that the decision
 * throws leaves everything as it was and reaches the caller. A decision may be asked for more than
 * once, when another process got in between.
 *
 * Every method may reject with a `ApplicationError` `unavailable` when the store is out of reach; then nothing
 * was changed. Where a store cannot find out whether a change was made, its refusal says so.
 */
export interface DeploymentStore {
  /** Deployments of an organisation, newest first. */
  list(query: ListQuery): Promise<Page>;

  /** One deployment; `undefined` when the organisation has none of this id. */
  get(organisation: string, id: string): Promise<StoredDeployment | undefined>;

  /** The events of a deployment, oldest first; `undefined` when there is no such deployment. */
  events(organisation: string, id: string): Promise<readonly DeploymentEvent[] | undefined>;

  /** A deployment and all that its lineage is made of; `undefined` when there is none. */
  family(
    organisation: string,
    id: string,
  ): Promise<{ deployment: Deployment; members: readonly Deployment[] } | undefined>;

  /** Creates one deployment, once for each `Idempotency-Key`. */
  create(
    organisation: string,
    idempotency: IdempotentRequest | undefined,
    decide: () => ChangeSet,
  ): Promise<Creation>;

  /**
   * Changes one deployment; `undefined` when there is none.
   *
   * @param withScheduled whether the decision needs the `scheduled` deployments of its taxonomy
   */
  update(
    organisation: string,
    id: string,
    withScheduled: boolean,
    decide: (slice: UpdateSlice) => ChangeSet,
  ): Promise<Update | undefined>;

  /**
   * Creates the deployment that rolls back, once for each `Idempotency-Key`; `undefined` when there
   * is no deployment of the selected id.
   *
   * @param decide is handed at least those members of the taxonomy that decide about this rollback
   */
  rollback(
    selector: RollbackSelector,
    targetVersion: string | undefined,
    idempotency: IdempotentRequest | undefined,
    decide: (members: readonly StoredDeployment[], request: RollbackRequest) => ChangeSet,
  ): Promise<Creation | undefined>;

  /**
   * How many deployments wait and run in each environment, of all organisations together: for whoever
   * operates the service, not for callers. An environment and status without any is left out.
   */
  depth(): Promise<readonly QueueDepth[]>;

  /** Resolves when the store answers. */
  check(): Promise<void>;

  /** Waits for what is under way and lets go of everything. */
  close(): Promise<void>;
}
