import { createHash } from 'node:crypto';
import type { components } from '../../../generated/openapi.js';
import type { Caller } from '../callers/caller.js';
import type { Deployment, DeploymentStatus, StoredDeployment } from '../deployments/deployment.js';
import { taxonomyKey } from '../deployments/taxonomy.js';
import type { Environment, StoredEnvironment } from '../environments/environment.js';
import type { Place } from '../scopes/scope.js';

/** Where a deployment belongs, by which it is found to exclude others. */
export interface Seat {
  /** Its taxonomy, see `taxonomyKey`. */
  readonly key: string;
  /** Its taxonomy but for the name, see `placeKey`. */
  readonly place: string;
}

/** A deployment that somebody waits for by its id. */
export interface Waiting extends Seat {
  readonly kind: 'waiting';
  /** The deployment. */
  readonly id: string;
  readonly createdAt: string;
  readonly isRollback: boolean;
  /** Whether it has been tried before. */
  readonly isRetry: boolean;
  /** Since when it has been waited for. */
  readonly since: string;
  /** Until when it keeps its turn, whether or not the caller comes again. */
  readonly until: string;
  /** When it became `scheduled` last, or ended, for a retry. */
  readonly readySince: string;
  /** The newest call for it, which is the one that is served. */
  readonly call: string;
  /** Where it goes, for gates; absent in what a former version has written. */
  readonly parts?: Place | undefined;
  /** How many people have approved it. */
  readonly approvals?: number | undefined;
  /** Whether the caller starts it although gates are closed. */
  readonly overrides?: boolean | undefined;
}

/** The right to carry a deployment out, which its holder has to renew. */
export interface Lease extends Seat {
  readonly kind: 'lease';
  /** The deployment. */
  readonly id: string;
  /** The token itself is known to its holder alone. */
  readonly tokenHash: string;
  /** What names the request that got it, where it had an `Idempotency-Key`. */
  readonly request: string | null;
  /** Grows with each lease that is given. */
  readonly fence: number;
  readonly seconds: number;
  readonly grantedAt: string;
  readonly expiresAt: string;
  /** When it ends even if it is renewed. */
  readonly holdUntil: string | null;
  /** Why it was ended by somebody else than its holder; its place stays taken until that one knows. */
  readonly ended: string | null;
}

/** When one of a taxonomy started last, or ended last. */
export interface Turn extends Seat {
  readonly kind: 'started' | 'ended';
  /** The key of the taxonomy. */
  readonly id: string;
  readonly at: string;
}

/** Which deployments of an environment a worker takes. */
export type WorkSelector = components['schemas']['WorkSelector'];

/** A call that takes whichever `auto` deployment it can get, while it waits for one. */
export interface Worker {
  readonly kind: 'worker';
  /** The call. */
  readonly id: string;
  readonly selector: WorkSelector;
  /** Who calls: what that one may not start does not compete for it. */
  readonly caller: Caller;
  /** Since when it waits. */
  readonly since: string;
  /** Until when it waits at the longest. */
  readonly until: string;
}

/** One thing that the queue of an environment has to know. */
export type QueueEntry = Waiting | Lease | Turn | Worker;

/** An entry by its name. */
export type EntryName = Pick<QueueEntry, 'kind' | 'id'>;

/**
 * An environment and the state of its queue. Each change of the queue is made from one revision and makes
 * the next, so that no two can be made from the same.
 */
export interface QueueHead {
  readonly organisation: string;
  readonly stored: StoredEnvironment;
  /** Counts the changes of the queue and of the settings; 0 before the first. */
  readonly revision: number;
  /** No lease ends and nothing is to be cancelled before this; `null` for never. */
  readonly dueAt: string | null;
}

/** The entries of a deployment, with the head of the queue that they are in. */
export interface OwnEntries {
  readonly head: QueueHead;
  readonly waiting: Waiting | undefined;
  readonly lease: Lease | undefined;
}

/** All of a queue. */
export interface Queue {
  readonly head: QueueHead;
  /** With the present status of the deployment; `null` once that is gone. */
  readonly waiting: readonly {
    readonly entry: Waiting;
    readonly status: DeploymentStatus | null;
  }[];
  readonly leases: readonly Lease[];
  readonly turns: readonly Turn[];
  readonly workers: readonly Worker[];
}

/** The queue of an environment, by its name or as that of a deployment. */
export type QueueName = { readonly environment: string } | { readonly id: string };

/** What can be read of queues. */
export interface QueueReads {
  /** The deployments that are `in_progress` in a taxonomy, or in an environment. */
  inProgress: {
    of: { readonly within: { readonly key: string } | { readonly environment: string } };
    gives: readonly StoredDeployment[];
  };
  /**
   * Of each taxonomy of an environment that a selector names, the first by an order of those that are `auto`
   * and `scheduled`, and the first of those that are rollbacks; those that were registered first, first.
   */
  autoScheduled: {
    of: {
      readonly selector: WorkSelector;
      readonly order: Environment['order'];
      /** How many people have to have approved what is no rollback. */
      readonly approvals: number;
      readonly limit: number;
    };
    gives: readonly StoredDeployment[];
  };
  /** A queue; that of a deployment which is not there is `undefined`. */
  queue: { of: QueueName; gives: Queue | undefined };
  /** The queues of several environments. */
  queues: { of: { readonly environments: readonly string[] }; gives: readonly Queue[] };
  /** What the queue knows of one deployment; `undefined` when there is none of this id. */
  ownEntries: { of: { readonly id: string }; gives: OwnEntries | undefined };
  /** A number that is greater than all that were given before it. */
  nextFence: { of: object; gives: number };
}

/** What can change of queues. */
export interface QueueChanges {
  /** A change of a queue, stored only while it is at the revision that the change was made from. */
  readonly queue: QueueChange;
  /** A fence that is given out. */
  readonly fence: number;
}

/** The next state of a queue. */
export interface QueueChange {
  readonly from: number;
  readonly to: QueueHead;
  /** Entries that are new, or take the place of those of their name. */
  readonly put: readonly QueueEntry[];
  readonly removed: readonly EntryName[];
}

/** One value for all parts of a taxonomy but the name. */
export function placeKey(deployment: Deployment): string {
  const { organisation, environment, provider, cloud_account_id, region, cell } = deployment;
  const parts = [organisation, environment, provider, cloud_account_id, region, cell];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Where a deployment belongs. */
export function seatOf(deployment: Deployment): Seat {
  return { key: taxonomyKey(deployment), place: placeKey(deployment) };
}

/** An instant so many seconds after another, RFC 3339 in UTC with milliseconds. */
export function secondsAfter(instant: string, seconds: number): string {
  return new Date(Date.parse(instant) + seconds * 1000).toISOString();
}

/** The earlier of two instants; of one that never comes, the other. */
export function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
