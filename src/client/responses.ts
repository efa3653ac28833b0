import type { OperationId, SuccessBodies } from '../../generated/client.js';
import type {
  AccessDecision,
  Cancellation,
  CreatedFreezeCalendar,
  CurrentState,
  Deployment,
  DeploymentEvent,
  Difference,
  EnvironmentSettings,
  FeedEvent,
  Freeze,
  FreezeCalendar,
  FreezeOccurrence,
  GateEvent,
  Lease,
  Lineage,
  Lock,
  GrantedLease,
  Policy,
  PolicyEvent,
  QueuePosition,
} from './contract.js';
import type { WireResponse } from './exchange.js';

/** A deployment, and what goes with it. */
export interface DeploymentResult {
  readonly deployment: Deployment;
  /** The state of the deployment, for `ifMatch` and `ifNoneMatch`. */
  readonly etag: string;
}

/** A deployment that a call created. */
export interface CreationResult extends DeploymentResult {
  /** Whether an earlier call, or try, with the same `Idempotency-Key` created it. */
  readonly replayed: boolean;
}

/** The deployment still has the entity tag that was named. */
export interface Unchanged {
  readonly deployment: undefined;
  readonly etag: string;
}

/** One page of a list, newest first. */
export interface Page {
  readonly deployments: readonly Deployment[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** One page of a deployment's events, oldest first. */
export interface EventPage {
  readonly events: readonly DeploymentEvent[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** A policy, and what goes with it. */
export interface PolicyResult {
  readonly policy: Policy;
  /** The state of the policy, for `ifMatch` and `ifNoneMatch`. */
  readonly etag: string;
}

/** The policy still has the entity tag that was named. */
export interface UnchangedPolicy {
  readonly policy: undefined;
  readonly etag: string;
}

/** One page of policies, by name. */
export interface PolicyPage {
  readonly policies: readonly Policy[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** One page of a policy's events, oldest first. */
export interface PolicyEventPage {
  readonly events: readonly PolicyEvent[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** A lock that a call placed. */
export interface LockCreation {
  readonly lock: Lock;
  /** Whether an earlier call, or try, with the same `Idempotency-Key` placed it. */
  readonly replayed: boolean;
}

/** A freeze that a call created. */
export interface FreezeCreation {
  readonly freeze: Freeze;
  /** Whether an earlier call, or try, with the same `Idempotency-Key` created it. */
  readonly replayed: boolean;
}

/** One page of locks, oldest first. */
export interface LockPage {
  readonly locks: readonly Lock[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** One page of freezes, oldest first. */
export interface FreezePage {
  readonly freezes: readonly Freeze[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** One page of the events of locks and freezes, oldest first. */
export interface GateEventPage {
  readonly events: readonly GateEvent[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** A deployment that was started under a lease. */
export interface Claimed {
  readonly claimed: true;
  readonly deployment: Deployment;
  readonly lease: GrantedLease;
  /** Whether it is the lease that an earlier call, or try, with the same `Idempotency-Key` got. */
  readonly replayed: boolean;
}

/** A deployment whose turn has not come: to be claimed again after `retry_after` seconds. */
export interface NotClaimed {
  readonly claimed: false;
  readonly position: QueuePosition;
}

/** There was nothing for a worker. */
export interface NothingClaimed {
  readonly claimed: false;
}

/** The settings of an environment, and what goes with them. */
export interface EnvironmentResult {
  readonly settings: EnvironmentSettings;
  /** The state of the settings, for `ifMatch` and `ifNoneMatch`. */
  readonly etag: string;
}

/** The settings still have the entity tag that was named. */
export interface UnchangedEnvironment {
  readonly settings: undefined;
  readonly etag: string;
}

/** One page of environments, by name. */
export interface EnvironmentPage {
  readonly environments: readonly EnvironmentSettings[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** One page of what runs where, by environment and name. */
export interface CurrentPage {
  readonly rows: readonly CurrentState[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** One page of how two environments compare, by name. */
export interface DifferencePage {
  readonly rows: readonly Difference[];
  /** The `cursor` of the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** One page of the organisation's feed, in its order. */
export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Up to where the feed was looked at: the place to read on, as `after`. */
  readonly position: number;
  /** Whether there is more of it by now. */
  readonly more: boolean;
}

/** What the method of each operation returns. */
export interface Results {
  listDeployments: Page;
  createDeployment: CreationResult;
  rollbackTaxonomy: CreationResult;
  rollbackDeployment: CreationResult;
  getDeployment: DeploymentResult | Unchanged;
  updateDeployment: DeploymentResult;
  getDeploymentLineage: Lineage;
  listDeploymentEvents: EventPage;
  cancelDeployments: Cancellation;
  claimDeployment: Claimed | NotClaimed;
  claimNext: Claimed | NothingClaimed;
  renewLease: Lease;
  releaseLease: DeploymentResult;
  getQueuePosition: QueuePosition;
  listEnvironments: EnvironmentPage;
  getEnvironment: EnvironmentResult | UnchangedEnvironment;
  putEnvironment: EnvironmentResult;
  listEvents: FeedPage;
  listCurrent: CurrentPage;
  compareEnvironments: DifferencePage;
  listPolicies: PolicyPage;
  checkPolicies: AccessDecision;
  getPolicy: PolicyResult | UnchangedPolicy;
  putPolicy: PolicyResult;
  deletePolicy: undefined;
  listPolicyEvents: PolicyEventPage;
  approveDeployment: DeploymentResult;
  rejectDeployment: DeploymentResult;
  listLocks: LockPage;
  createLock: LockCreation;
  getLock: Lock;
  releaseLock: undefined;
  listFreezes: FreezePage;
  createFreeze: FreezeCreation;
  getFreeze: Freeze;
  deleteFreeze: undefined;
  listFreezeOccurrences: readonly FreezeOccurrence[];
  listGateEvents: GateEventPage;
  listFreezeCalendars: readonly FreezeCalendar[];
  createFreezeCalendar: CreatedFreezeCalendar;
  deleteFreezeCalendar: undefined;
}

/** Makes of a response what the caller of a method gets. */
export function resultOf<Id extends OperationId>(
  id: Id,
  { headers, body }: WireResponse,
): Results[Id] {
  // The service checks every response against the contract before it sends it.
  return read[id](body as SuccessBodies[Id], headers);
}

/** Missing or unknown operations fail to compile. */
const read: {
  readonly [Id in OperationId]: (body: SuccessBodies[Id], headers: Headers) => Results[Id];
} = {
  listDeployments: (deployments, headers) => ({ deployments, next: cursorOf(headers.get('link')) }),
  createDeployment: creation,
  rollbackTaxonomy: creation,
  rollbackDeployment: creation,
  getDeployment: (deployment, headers) => ({ deployment, etag: etagOf(headers) }),
  updateDeployment: (deployment, headers) => ({ deployment, etag: etagOf(headers) }),
  getDeploymentLineage: (lineage) => lineage,
  listDeploymentEvents: (events, headers) => ({ events, next: cursorOf(headers.get('link')) }),
  cancelDeployments: (cancellation) => cancellation,
  claimDeployment: (body, headers) =>
    'lease' in body
      ? { ...body, claimed: true, replayed: isReplayed(headers) }
      : { claimed: false, position: body },
  claimNext: (body, headers) =>
    body === undefined
      ? { claimed: false }
      : { ...body, claimed: true, replayed: isReplayed(headers) },
  renewLease: (lease) => lease,
  releaseLease: (deployment, headers) => ({ deployment, etag: etagOf(headers) }),
  getQueuePosition: (position) => position,
  listEnvironments: (environments, headers) => ({
    environments,
    next: cursorOf(headers.get('link')),
  }),
  getEnvironment: (settings, headers) => ({ settings, etag: etagOf(headers) }),
  putEnvironment: (settings, headers) => ({ settings, etag: etagOf(headers) }),
  listEvents: (events, headers) => ({
    events,
    position: Number(headers.get('feed-position')),
    more: headers.has('link'),
  }),
  listCurrent: (rows, headers) => ({ rows, next: cursorOf(headers.get('link')) }),
  compareEnvironments: (rows, headers) => ({ rows, next: cursorOf(headers.get('link')) }),
  listPolicies: (policies, headers) => ({ policies, next: cursorOf(headers.get('link')) }),
  checkPolicies: (decision) => decision,
  getPolicy: (policy, headers) => ({ policy, etag: etagOf(headers) }),
  putPolicy: (policy, headers) => ({ policy, etag: etagOf(headers) }),
  deletePolicy: () => undefined,
  listPolicyEvents: (events, headers) => ({ events, next: cursorOf(headers.get('link')) }),
  approveDeployment: (deployment, headers) => ({ deployment, etag: etagOf(headers) }),
  rejectDeployment: (deployment, headers) => ({ deployment, etag: etagOf(headers) }),
  listLocks: (locks, headers) => ({ locks, next: cursorOf(headers.get('link')) }),
  createLock: (lock, headers) => ({ lock, replayed: isReplayed(headers) }),
  getLock: (lock) => lock,
  releaseLock: () => undefined,
  listFreezes: (freezes, headers) => ({ freezes, next: cursorOf(headers.get('link')) }),
  createFreeze: (freeze, headers) => ({ freeze, replayed: isReplayed(headers) }),
  getFreeze: (freeze) => freeze,
  deleteFreeze: () => undefined,
  listFreezeOccurrences: (occurrences) => occurrences,
  listFreezeCalendars: (calendars) => calendars,
  createFreezeCalendar: (created) => created,
  deleteFreezeCalendar: () => undefined,
  listGateEvents: (events, headers) => ({ events, next: cursorOf(headers.get('link')) }),
};

function creation(deployment: Deployment, headers: Headers): CreationResult {
  return { deployment, etag: etagOf(headers), replayed: isReplayed(headers) };
}

function isReplayed(headers: Headers): boolean {
  return headers.get('idempotent-replayed') === 'true';
}

function etagOf(headers: Headers): string {
  return headers.get('etag') ?? '';
}

/** The cursor in a `Link` header's `rel="next"` (RFC 8288). */
function cursorOf(link: string | null): string | undefined {
  const [, target] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '') ?? [];
  if (target === undefined) return undefined;
  return new URL(target, 'http://relative.invalid').searchParams.get('cursor') ?? undefined;
}
