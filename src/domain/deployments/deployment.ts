import type { components } from '../../../generated/openapi.js';

/** A deployment as the contract shows it. */
export type Deployment = components['schemas']['Deployment'];
/** What a caller says of a new deployment. */
export type DeploymentCreate = components['schemas']['DeploymentCreate'];
/** What a caller changes of a deployment. */
export type DeploymentUpdate = components['schemas']['DeploymentUpdate'];
/** One change of a deployment. */
export type DeploymentEvent = components['schemas']['DeploymentEvent'];
export type DeploymentStatus = components['schemas']['DeploymentStatus'];

/** A deployment with what the service keeps beside it and does not show. */
export interface StoredDeployment {
  readonly deployment: Deployment;
  /** Counts the changes, from 1; a change is stored only on top of the revision it was made from. */
  readonly revision: number;
  /** For a rollback, the first of those that it was copied from, one after the other: its place. */
  readonly baseId: string | null;
}

/** A new deployment's id and the instant that is in it, so that ids and instants sort alike. */
export interface Identity {
  /** UUID version 7. */
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly at: string;
}

/** Of a deployment that nobody has approved. */
export const noApprovals: Deployment['approvals'] = [];

/** What a change can set of a deployment, besides what the service keeps for itself. */
export const changingFields = [
  'updated_at',
  'started_at',
  'finished_at',
  'deployed_at',
  'status',
  'notes',
  'deployment_uri',
  'approvals',
] as const satisfies readonly (keyof Deployment)[];
