import type { components } from '../../../generated/openapi.js';

/** A deployment as the contract shows it. */
export type Deployment = components['schemas']['Deployment'];
/** What a caller says of a new deployment. */
export type DeploymentCreate = components['schemas']['DeploymentCreate'];
/** What a caller changes of a deployment. */
export type DeploymentUpdate = components['schemas']['DeploymentUpdate'];
/** One change of status. */
export type DeploymentEvent = components['schemas']['DeploymentEvent'];
export type DeploymentStatus = components['schemas']['DeploymentStatus'];

/** A deployment with what the service keeps beside it and does not show. */
export interface StoredDeployment {
  readonly deployment: Deployment;
  /** Counts the changes, from 1; a change is stored only on top of the revision it was made from. */
  readonly revision: number;
  /** Whether it has ever been `deployed`, whatever it is now. */
  readonly everDeployed: boolean;
}

/** Who asks: what authentication yields. */
export interface Caller {
  /** The tenant, in lower case. */
  readonly organisation: string;
  /** The GitHub login of the user, where there is one. */
  readonly actor: string | null;
  /** `owner/name` of the pipeline's repository. */
  readonly repository: string | null;
  /** The name of the pipeline's workflow. */
  readonly workflow: string | null;
  /** How the caller proved it. */
  readonly source: 'oidc' | 'pat' | 'development';
  /**
   * Present when the caller may touch deployments to this environment only; `null` when it may touch
   * none, because its job names no environment.
   */
  readonly onlyEnvironment?: string | null;
}

/** A new deployment's id and the instant that is in it, so that ids and instants sort alike. */
export interface Identity {
  /** UUID version 7. */
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly at: string;
}

/**
 * What one decision changes: all of it is stored in one transaction, or nothing.
 * An update carries the new state, whose revision is one more than that of the state it was made
 * from.
 */
export interface ChangeSet {
  readonly created: readonly StoredDeployment[];
  readonly updated: readonly StoredDeployment[];
  readonly events: readonly RecordedEvent[];
}

/** An event and the deployment whose status it changed. */
export interface RecordedEvent {
  readonly deploymentId: string;
  readonly event: DeploymentEvent;
}
