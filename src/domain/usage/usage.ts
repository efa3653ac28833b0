import type { Deployment, StoredDeployment } from '../deployments/deployment.js';

/** What a tenant has stored. */
export interface Usage {
  readonly deployments: number;
  /** About how many bytes these and their events take, see `bytesOf`. */
  readonly bytes: number;
}

/** What can be read of what a tenant has stored. */
export interface UsageReads {
  /** How much the tenant has stored. */
  usage: { of: unknown; gives: Usage };
}

/** What a change may ask of what a tenant has stored. */
export interface UsageChanges {
  /**
   * What the tenant may come to have stored by this change; it is not stored when that would be more. A
   * store where usage was read in the same transaction has nothing left to check.
   */
  readonly quota: Quota;
}

/** What a tenant may have stored at the most; 0 for no limit. */
export type Quota = Usage;

/** The texts of a deployment whose length callers choose. */
export const measuredFields = [
  'name',
  'version',
  'environment',
  'cloud_account_id',
  'region',
  'cell',
  'commit_sha',
  'description',
  'notes',
  'build_uri',
  'deployment_uri',
  'resource',
  'pipeline_extra_params',
  'created_by_repo',
  'created_by_workflow',
  'created_by_actor',
] as const satisfies readonly (keyof Deployment)[];

/** What all others take, with what a deployment takes in indexes. */
const restBytes = 1_024;
/** What the event of a change takes. */
const eventBytes = 384;

/**
 * About how many bytes a deployment takes with its events: each change has left one. The schema files that
 * fill in the usage of before count in the same way.
 */
export function bytesOf({ deployment, revision }: StoredDeployment): number {
  let bytes = restBytes + revision * eventBytes;
  for (const field of measuredFields) bytes += Buffer.byteLength(deployment[field] ?? '');
  return bytes;
}

/** By how much `bytesOf` differs between two states of a deployment; what they share is not looked at. */
export function growthBetween(from: StoredDeployment, to: StoredDeployment): number {
  let bytes = (to.revision - from.revision) * eventBytes;
  for (const field of measuredFields) {
    const before = from.deployment[field];
    const after = to.deployment[field];
    if (before !== after) bytes += Buffer.byteLength(after ?? '') - Buffer.byteLength(before ?? '');
  }
  return bytes;
}
