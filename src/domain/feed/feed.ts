import type { components } from '../../../generated/openapi.js';
import type { Deployment, DeploymentEvent } from '../deployments/deployment.js';
import type { TaxonomyFilter } from '../deployments/reads.js';
import { contractViolation } from '../errors.js';

/** An event of an organisation's feed, as the contract shows it. */
export type FeedEvent = components['schemas']['FeedEvent'];
export type FeedEventType = components['schemas']['FeedEventType'];

/** Where to begin: after a position, or so many events before the end. */
export type FeedStart = { readonly after: number } | { readonly last: number };

/** A part of an organisation's feed. */
export interface FeedQuery {
  readonly from: FeedStart;
  /** How many at most. */
  readonly limit: number;
}

/** An event with its place in the feed, and what it happened to. */
export interface FeedEntry {
  readonly position: number;
  readonly deployment: FeedDeployment;
  readonly event: DeploymentEvent;
}

/** What an entry says of its deployment. */
export type FeedDeployment = Pick<Deployment, (typeof feedDeploymentFields)[number]>;

/** The fields of a deployment that an entry has. */
export const feedDeploymentFields = [
  'id',
  'name',
  'version',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
] as const satisfies readonly (keyof Deployment)[];

/** A part of the feed: what has been stored up to its end, without anything missing. */
export interface FeedPage {
  /** In the order of their positions. */
  readonly entries: readonly FeedEntry[];
  /** Where to read on: everything up to here has been given, or is gone. */
  readonly position: number;
  /** Whether there is more after that. */
  readonly more: boolean;
}

/** What can be read of an organisation's feed; where numbers are given later, this gives them. */
export interface FeedSearches {
  feed: { of: FeedQuery; gives: FeedPage };
}

/**
 * The position after which a part of a feed begins.
 *
 * @param end the last position that there has been
 * @throws ApplicationError `contract-violation` for a position that there has never been
 */
export function startOf(from: FeedStart, end: number): number {
  if ('last' in from) return Math.max(end - from.last, 0);
  if (from.after <= end) return from.after;
  const message = `is beyond the end of the feed, ${end}; where data was restored, begin anew`;
  throw contractViolation([{ parameter: 'after', message }]);
}

/**
 * The part of a feed that was asked for.
 *
 * @param entries what was found after its start, at most as many as it holds
 * @param end the last position that there has been
 * @throws ApplicationError as `startOf`
 */
export function toFeedPage(
  entries: readonly FeedEntry[],
  { from, limit }: FeedQuery,
  end: number,
): FeedPage {
  const start = startOf(from, end);
  const position = entries.length < limit ? end : (entries.at(-1)?.position ?? start);
  return { entries, position, more: position < end };
}

const becoming = {
  scheduled: 'deployment.scheduled',
  in_progress: 'deployment.started',
  deployed: 'deployment.deployed',
  failed: 'deployment.failed',
  skipped: 'deployment.skipped',
  cancelled: 'deployment.cancelled',
} as const satisfies Record<Deployment['status'], FeedEventType>;

function typeOf({ type, from_status, to_status, cause }: DeploymentEvent): FeedEventType {
  if (type === 'registered') return 'deployment.registered';
  if (cause === 'approval') return 'deployment.approved';
  return from_status === to_status ? 'deployment.updated' : becoming[to_status];
}

/** An entry as the contract shows it. */
export function toFeedEvent({ position, deployment, event }: FeedEntry): FeedEvent {
  const { id, ...place } = deployment;
  return { ...event, position, type: typeOf(event), deployment_id: id, ...place };
}

/** Which events of a feed are wanted: all parts that are named must be so. */
export type FeedFilter = TaxonomyFilter & { readonly type?: readonly FeedEventType[] };

/** Says of each event whether it is wanted. */
export function matching({ type, ...places }: FeedFilter): (event: FeedEvent) => boolean {
  const parts = Object.entries(places) as [keyof TaxonomyFilter, string][];
  const types = type && new Set(type);
  return (event) =>
    (types === undefined || types.has(event.type)) &&
    parts.every(([part, value]) => event[part] === value);
}
