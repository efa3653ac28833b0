import type { DeploymentReads, DeploymentSearches } from './deployments/reads.js';
import type { EnvironmentReads } from './environments/environment.js';
import type { FeedSearches } from './feed/feed.js';
import type { IdempotencyReads } from './idempotency/idempotency.js';
import type { ControlsReads } from './controls/controls.js';
import type { QueueReads } from './queue/entries.js';
import type { UsageReads } from './usage/usage.js';

/**
 * What can be read of a tenant, by name: what it is asked with, and what it gives. Each costs about the
 * same however much is stored, so decisions may ask for it. An entity adds its own here, and each store
 * answers all of them.
 */
export interface Reads
  extends
    DeploymentReads,
    EnvironmentReads,
    IdempotencyReads,
    ControlsReads,
    QueueReads,
    UsageReads {}

/** What a store may have to search for: nothing that a decision could wait for. */
export type Searches = DeploymentSearches & FeedSearches;

/** One question to a store, such as `{ read: 'deployment', id }`. */
export type Read = Question<Reads>;
/** A question that may take a search. */
export type Search = Question<Searches>;

/** What a read or a search gives. */
export type ResultOf<Q extends Read | Search> = (Reads & Searches)[Q['read']]['gives'];

type Question<Of extends Record<keyof Of, { of: unknown }>> = {
  [Name in keyof Of]: { readonly read: Name } & Of[Name]['of'];
}[keyof Of];
