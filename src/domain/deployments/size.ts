import { measuredFields } from '../usage/usage.js';
import type { Deployment } from './deployment.js';

/** The texts of a deployment that may be long. */
export const longFields = [
  'description',
  'notes',
  'build_uri',
  'deployment_uri',
  'pipeline_extra_params',
] as const satisfies readonly (keyof Deployment)[];

const isLong: Partial<Record<keyof Deployment, true>> = Object.fromEntries(
  longFields.map((field) => [field, true]),
);

/** All that may be long. */
export const longColumns = [
  ...longFields,
  'approvals',
] as const satisfies readonly (keyof Deployment)[];

/** What approvals take, as JSON. */
function approvalsBytes({ approvals }: Deployment): number {
  return approvals.length === 0 ? 2 : Buffer.byteLength(JSON.stringify(approvals));
}

/** What all the others take in bytes, unless they are long as well. */
export const restBytes = 1_024;

/** From so many characters on, a text is counted as it goes over the wire. */
const longFrom = 64;

const sizes = new WeakMap<Deployment, number>();

/**
 * About how many bytes a deployment takes in a response, and in memory. A character may take six bytes there
 * (RFC 8259, section 7), so long texts are counted exactly.
 *
 * @param deployment one that does not change any more
 */
export function sizeOf(deployment: Deployment): number {
  const known = sizes.get(deployment);
  if (known !== undefined) return known;
  let bytes = restBytes + approvalsBytes(deployment);
  for (const field of measuredFields) {
    const value = deployment[field] ?? '';
    if (value.length > longFrom) bytes += Buffer.byteLength(JSON.stringify(value));
    else if (isLong[field] === true) bytes += value.length;
  }
  sizes.set(deployment, bytes);
  return bytes;
}
