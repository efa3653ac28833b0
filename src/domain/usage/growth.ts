import type { ChangeSet } from '../changes.js';
import { bytesOf } from './usage.js';
import type { Usage } from './usage.js';

/** What a change adds to the usage of its tenant; less than nothing where it removes. */
export function growthOf({ deployments = {}, removed = [] }: ChangeSet): Usage {
  const { created = [], updated = [] } = deployments;
  let bytes = 0;
  for (const stored of created) bytes += bytesOf(stored);
  for (const { growth } of updated) bytes += growth;
  for (const stored of removed) bytes -= bytesOf(stored);
  return { deployments: created.length - removed.length, bytes };
}
