import type { DeploymentChanges } from './deployments/changes.js';
import type { IdempotencyChanges } from './idempotency/idempotency.js';
import type { ControlsChanges } from './controls/controls.js';
import type { QueueChanges } from './queue/entries.js';
import type { UsageChanges } from './usage/usage.js';

/**
 * What one decision changes, by entity: all of it is stored in one transaction, or nothing. An entity
 * adds its own here, and each store writes all of them.
 */
export type ChangeSet = Partial<
  DeploymentChanges & IdempotencyChanges & ControlsChanges & QueueChanges & UsageChanges
>;
