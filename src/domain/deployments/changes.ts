import { growthBetween } from '../usage/usage.js';
import type { DeploymentEvent, StoredDeployment } from './deployment.js';

/** What can change of deployments. */
export interface DeploymentChanges {
  readonly deployments: {
    readonly created?: readonly StoredDeployment[];
    readonly updated?: readonly StateChange[];
    /** States that must still be as they were read, since the decision rests on them. */
    readonly unchanged?: readonly StoredDeployment[];
  };
  /** Deployments with more waiting ones behind them than are skipped at once, and when they were deployed. */
  readonly skipping: readonly Skipping[];
  /** Those behind which all have been skipped, unless they have been deployed again since. */
  readonly doneSkipping: readonly DoneSkipping[];
  readonly events: readonly RecordedEvent[];
  /** Deployments that have been rolled back from, as they were deployed then. */
  readonly rolledBack: readonly StoredDeployment[];
  /**
   * Deployments that go, with their events, each while it is as it was read and nothing refers to it. That a
   * version was found bad is forgotten with the last deployment of it.
   */
  readonly removed: readonly StoredDeployment[];
  /** Events that go before their deployment does. */
  readonly removedEvents: readonly RemovedEvents[];
}

/** A deployment's new state, which is stored only while it is at the revision that it was made from. */
export interface StateChange {
  readonly from: number;
  readonly to: StoredDeployment;
  /** By how many bytes it has become larger, see `bytesOf`. */
  readonly growth: number;
}

/** The change of a deployment from one state to another. */
export function changeOfState(from: StoredDeployment, to: StoredDeployment): StateChange {
  return { from: from.revision, to, growth: growthBetween(from, to) };
}

/** The events of a deployment up to a revision. */
export interface RemovedEvents {
  readonly deploymentId: string;
  readonly upTo: number;
}

/** A deployment that is still to skip older ones: those that have not changed since it was deployed. */
export interface Skipping {
  readonly deployed: StoredDeployment;
  readonly since: string;
}

/** A deployment that has skipped all that had not changed since it was deployed. */
export interface DoneSkipping {
  readonly id: string;
  readonly since: string;
}

/**
 * An event and its deployment. The two and the event's revision are unique, so that no store can lose a
 * change without noticing.
 */
export interface RecordedEvent {
  readonly organisation: string;
  readonly deploymentId: string;
  readonly event: DeploymentEvent;
}
