import type { Deployment, StoredDeployment } from '../domain/deployments/deployment.js';
import { maxPageBytes } from '../domain/deployments/reads.js';
import type { Page } from '../domain/deployments/reads.js';

/** The texts of a deployment that may be long. */
export const longFields = [
  'description',
  'notes',
  'build_uri',
  'deployment_uri',
  'pipeline_extra_params',
] as const satisfies readonly (keyof Deployment)[];

/** What all the others take, in bytes. */
export const restBytes = 1_024;

/** About how many bytes a deployment takes in a response, and in memory. */
export function sizeOf({ deployment }: StoredDeployment): number {
  let bytes = restBytes;
  for (const field of longFields) bytes += deployment[field]?.length ?? 0;
  return bytes;
}

/** The same as an expression of SQL, whose characters are no more than JavaScript's. */
export const sizeExpression = [
  restBytes,
  ...longFields.map((field) => `COALESCE(LENGTH(${field}), 0)`),
].join(' + ');

/**
 * Takes as many deployments as a page holds.
 *
 * @param stored as they follow each other; one more than a page holds, where there are more
 */
export function toPage(stored: Iterable<StoredDeployment>, limit: number): Page {
  const deployments: Deployment[] = [];
  let bytes = 0;
  for (const each of stored) {
    bytes += sizeOf(each);
    const isFull = deployments.length === limit || bytes > maxPageBytes;
    if (isFull && deployments.length > 0) return { deployments, more: true };
    deployments.push(each.deployment);
  }
  return { deployments, more: false };
}
