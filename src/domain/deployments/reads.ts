import type { RecordedEvent } from './changes.js';
import type {
  Deployment,
  DeploymentEvent,
  DeploymentStatus,
  StoredDeployment,
} from './deployment.js';
import type { Position } from './order.js';

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
] as const satisfies readonly (keyof Deployment)[];

/** Values that every listed deployment has. */
export type ListFilter = {
  readonly [F in (typeof filterFields)[number]]?: NonNullable<Deployment[F]>;
};

/** A page of a list. */
export interface ListQuery {
  readonly filter: ListFilter;
  /** Only deployments older than this one. */
  readonly after?: Position | undefined;
  /** How many at most; a page may end before, once it is large, see `maxPageBytes`. */
  readonly limit: number;
}

/** A page ends once its deployments take about so many bytes, and has at least one. */
export const maxPageBytes = 1024 * 1024;

/** Deployments, newest first. */
export interface Page {
  readonly deployments: readonly Deployment[];
  /** Whether older ones match as well. */
  readonly more: boolean;
}

/** A taxonomy: by its key, or as the one of a deployment. */
export type Place = { readonly key: string } | { readonly id: string };

/** A deployment that may be returned to. */
export interface Candidate {
  readonly stored: StoredDeployment;
  /** The newest deployment of its version that has been rolled back from. */
  readonly rolledBack: Position | undefined;
}

/** What takes as long as there are deployments to look through. */
export interface DeploymentSearches {
  /** A page of a list. */
  deployments: { of: ListQuery; gives: Page };
}

/** What can be read of deployments, each at a cost that does not grow with what is stored. */
export interface DeploymentReads {
  /** One deployment; `undefined` when the tenant has none of this id. */
  deployment: { of: { readonly id: string }; gives: StoredDeployment | undefined };
  /** The events of a deployment, oldest first; `undefined` when there is no such deployment. */
  events: { of: { readonly id: string }; gives: readonly DeploymentEvent[] | undefined };
  /** A deployment and all that its lineage is made of, in any order; nothing when there is none. */
  lineage: { of: { readonly id: string }; gives: readonly Deployment[] };
  /** The last event that brought a deployment to a status. */
  eventTo: {
    of: { readonly id: string; readonly status: DeploymentStatus };
    gives: RecordedEvent['event'] | undefined;
  };
  /**
   * The oldest of those that are `scheduled` and older than a deployment of their taxonomy.
   *
   * `unchangedSince`: only those that have not changed after this instant
   */
  olderScheduled: {
    of: {
      readonly than: string;
      readonly unchangedSince?: string | undefined;
      readonly limit: number;
    };
    gives: readonly StoredDeployment[];
  };
  /** Since when a deployment is skipping older ones; `undefined` when it is not. */
  skippingSince: { of: { readonly id: string }; gives: string | undefined };
  /**
   * A newer one of the taxonomy that is still skipping those that have not changed since it was deployed,
   * when this one has not.
   */
  skippedBy: { of: { readonly id: string }; gives: StoredDeployment | undefined };
  /** The newest one of each status in which a deployment has been released. */
  released: { of: { readonly place: Place }; gives: readonly StoredDeployment[] };
  /** Of each of the `released`, the newest rollback from it that is `scheduled` or `in_progress`. */
  openRollbacks: { of: { readonly place: Place }; gives: readonly StoredDeployment[] };
  /** Those that are `deployed`, newest first. */
  candidates: {
    of: {
      readonly place: Place;
      readonly before?: Position | undefined;
      /** Versions that need no looking at. */
      readonly otherThan: readonly string[];
      readonly limit: number;
    };
    gives: readonly Candidate[];
  };
  /** The newest ones of a version that have ever been `deployed`. */
  ofVersion: {
    of: { readonly place: Place; readonly version: string; readonly limit: number };
    gives: readonly StoredDeployment[];
  };
}
