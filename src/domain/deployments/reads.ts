import type {
  Deployment,
  DeploymentEvent,
  DeploymentStatus,
  StoredDeployment,
} from './deployment.js';
import type { Position } from './order.js';
import type { Taxonomy } from './taxonomy.js';

/** The fields that a list can be narrowed by. */
export const filterFields = [
  'status',
  'name',
  'version',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
  'trigger',
] as const satisfies readonly (keyof Deployment)[];

/** Values that every listed deployment has: of `status` one of several, of the others the one. */
export type ListFilter = {
  readonly [F in Exclude<(typeof filterFields)[number], 'status'>]?: NonNullable<Deployment[F]>;
} & { readonly status?: readonly DeploymentStatus[] };

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

/** When a deployment was deployed, and what decides among those of the same instant. */
export interface DeployedPosition extends Position {
  readonly deployed_at: string;
}

/** A deployment that may be returned to. */
export interface Candidate {
  readonly stored: StoredDeployment;
  /** When the last deployment of its version that has been rolled back from had been deployed. */
  readonly foundBadAt: string | undefined;
}

/** A deployment that runs, or ran last. */
export interface Running {
  readonly stored: StoredDeployment;
  /** When its base was deployed; its own instant when it is no rollback. */
  readonly baseDeployedAt: string | null;
}

/** A deployment, and whether it is needed where it is. */
export interface Remaining {
  readonly stored: StoredDeployment;
  /** Whether another one was copied from it or replaced it, or it is still skipping older ones. */
  readonly held: boolean;
}

/** The parts of a taxonomy beside name and environment. */
export type Whereabouts = Pick<Deployment, 'provider' | 'cloud_account_id' | 'region' | 'cell'>;

/** Parts that taxonomies have. */
export type TaxonomyFilter = {
  readonly [Part in Exclude<keyof Taxonomy, 'organisation'>]?: NonNullable<Taxonomy[Part]>;
};

/** A page of taxonomies. */
export interface TaxonomyQuery {
  readonly filter: TaxonomyFilter;
  /**
   * Only those that come after the one of this key; by `component`, after all of its name, region and cell in
   * the environment that the filter names.
   */
  readonly after?: { readonly key: string; readonly by: 'taxonomy' | 'component' } | undefined;
  readonly limit: number;
}

/** Taxonomies by environment, name, region, cell, provider and account, by the bytes of UTF-8, absent parts first. */
export interface TaxonomyPage {
  readonly taxonomies: readonly Taxonomy[];
  /** Whether further ones match as well. */
  readonly more: boolean;
}

/** What is `scheduled` in a taxonomy. */
export interface Scheduled {
  /** How many there are, at most `maxCounted`. */
  readonly count: number;
  /** The newest one, the oldest one, and the rollback that was registered first among the newest `maxCounted`. */
  readonly ends: readonly StoredDeployment[];
}

/** So many of those that are `scheduled` are counted at the most. */
export const maxCounted = 100;

/** A version in a taxonomy. */
export interface TaxonomyVersion {
  readonly key: string;
  readonly version: string;
}

/** What takes as long as there are deployments, or taxonomies, to look through. */
export interface DeploymentSearches {
  /** A page of a list. */
  deployments: { of: ListQuery; gives: Page };
  /** A page of all taxonomies that there have been, also those whose deployments have all been removed. */
  taxonomies: { of: TaxonomyQuery; gives: TaxonomyPage };
}

/** What can be read of deployments, each at a cost that does not grow with what is stored. */
export interface DeploymentReads {
  /** One deployment; `undefined` when the tenant has none of this id. */
  deployment: { of: { readonly id: string }; gives: StoredDeployment | undefined };
  /**
   * The events of a deployment, oldest first; none when there is no such deployment.
   *
   * `after`: only those of later revisions
   */
  events: {
    of: { readonly id: string; readonly after: number; readonly limit: number };
    gives: readonly DeploymentEvent[];
  };
  /**
   * A deployment and what its lineage is made of, the nearest of each direction and one more than is shown,
   * in any order; nothing when there is none.
   */
  lineage: { of: { readonly id: string }; gives: readonly Deployment[] };
  /** The last event that brought a deployment to a status. */
  eventTo: {
    of: { readonly id: string; readonly status: DeploymentStatus };
    gives: DeploymentEvent | undefined;
  };
  /**
   * The oldest of those that are `scheduled` and older than a deployment of their taxonomy; fewer than
   * `limit` once they take more than `maxSkippedBytes`.
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
  /** For a rollback, the deployment that it replaces. */
  replacedBy: { of: { readonly id: string }; gives: StoredDeployment | undefined };
  /** The newest one that is `in_progress`, and of those that began the one that ended last. */
  running: { of: { readonly place: Place }; gives: readonly Running[] };
  /** Of each of the `running`, the newest rollback from it that is `scheduled`. */
  pendingRollbacks: { of: { readonly place: Place }; gives: readonly StoredDeployment[] };
  /** Those that are `deployed`, the last deployed first. */
  candidates: {
    of: {
      readonly place: Place;
      readonly before?: DeployedPosition | undefined;
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
  /** Those that were registered before a position, the newest first. */
  registeredBefore: {
    of: { readonly before: Position; readonly limit: number };
    gives: readonly Remaining[];
  };
  /** What `running` gives, of several taxonomies by their keys; one of which it gives nothing may be left out. */
  runningIn: {
    of: { readonly keys: readonly string[] };
    gives: ReadonlyMap<string, readonly Running[]>;
  };
  /** What `candidates` gives first, of several taxonomies. */
  candidatesIn: {
    of: { readonly keys: readonly string[]; readonly limit: number };
    gives: ReadonlyMap<string, readonly Candidate[]>;
  };
  /** Those that are `in_progress` in several taxonomies, the newest first. */
  inProgressIn: {
    of: { readonly keys: readonly string[]; readonly limit: number };
    gives: ReadonlyMap<string, readonly StoredDeployment[]>;
  };
  /** What is `scheduled` in several taxonomies. */
  scheduledIn: {
    of: { readonly keys: readonly string[] };
    gives: ReadonlyMap<string, Scheduled>;
  };
  /** Which of these versions have ever been `deployed` in their taxonomies, in any order. */
  everDeployed: {
    of: { readonly versions: readonly TaxonomyVersion[] };
    gives: readonly TaxonomyVersion[];
  };
  /** Where else a component has been registered lately for an environment, the newest first. */
  whereabouts: {
    of: { readonly name: string; readonly environment: string; readonly limit: number };
    gives: readonly Whereabouts[];
  };
}
