import type { components } from '../../generated/openapi.js';
import type { BodyOptions, OperationQuery } from '../../generated/client.js';

/** A deployment; fields without a value are `null`. */
export type Deployment = components['schemas']['Deployment'];
/** What a caller says of a new deployment. */
export type DeploymentCreate = components['schemas']['DeploymentCreate'];
/** What a caller changes of a deployment. */
export type DeploymentUpdate = components['schemas']['DeploymentUpdate'];
export type DeploymentStatus = components['schemas']['DeploymentStatus'];
/** One change of a deployment. */
export type DeploymentEvent = components['schemas']['DeploymentEvent'];
/** One event of the organisation's feed. */
export type FeedEvent = components['schemas']['FeedEvent'];
/** Where a deployment came from, and what replaced it. */
export type Lineage = components['schemas']['Lineage'];
/** A policy: who may do what where. */
export type Policy = components['schemas']['Policy'];
/** All that a caller says of a policy. */
export type PolicyPut = components['schemas']['PolicyPut'];
/** One change of a policy. */
export type PolicyEvent = components['schemas']['PolicyEvent'];
/** A question about who may do what. */
export type AccessCheck = components['schemas']['AccessCheck'];
/** Whether something is allowed, and by what. */
export type AccessDecision = components['schemas']['AccessDecision'];
/** A lock: it keeps deployments from starting until somebody releases it. */
export type Lock = components['schemas']['Lock'];
/** All that a caller says of a lock. */
export type LockCreate = components['schemas']['LockCreate'];
/** A freeze: it keeps deployments from starting by a calendar. */
export type Freeze = components['schemas']['Freeze'];
/** All that a caller says of a freeze. */
export type FreezeCreate = components['schemas']['FreezeCreate'];
/** A calendar of freezes that programs subscribe to. */
export type FreezeCalendar = components['schemas']['FreezeCalendar'];
/** A calendar of freezes, and the URL that programs subscribe to. */
export type CreatedFreezeCalendar = components['schemas']['CreatedFreezeCalendar'];
/** A stretch of time in which a freeze is closed. */
export type FreezeOccurrence = components['schemas']['FreezeOccurrence'];
/** One change of a lock or a freeze. */
export type GateEvent = components['schemas']['GateEvent'];
/** A gate that is closed for a deployment. */
export type ClosedGate = components['schemas']['ClosedGate'];
/** Places: a part that is not named may be anything, `null` is none. */
export type Scope = components['schemas']['Scope'];
/** What was cancelled, or would be. */
export type Cancellation = components['schemas']['Cancellation'];
/** Which deployments a worker starts, and how long it waits for one. */
export type ClaimNextRequest = components['schemas']['ClaimNextRequest'];
/** A lease with its token. */
export type GrantedLease = components['schemas']['GrantedLease'];
/** A lease. */
export type Lease = components['schemas']['Lease'];
/** Where a deployment stands in its queue. */
export type QueuePosition = components['schemas']['QueuePosition'];
/** How an environment is queued for. */
export type EnvironmentSettings = components['schemas']['EnvironmentSettings'];
/** All that a caller says of how an environment is to be queued for. */
export type EnvironmentSettingsPut = components['schemas']['EnvironmentSettingsPut'];
/** What there is of one component in one place. */
export type CurrentState = components['schemas']['CurrentState'];
/** How one environment compares with another in one component. */
export type Difference = components['schemas']['Difference'];
/** What is most asked of a deployment. */
export type DeploymentBrief = components['schemas']['DeploymentBrief'];
/** Problem details (RFC 9457), the body of a response that refuses. */
export type Problem = components['schemas']['Problem'];
/** What kind of problem it is; stable, for programs. */
export type ProblemType = Problem['type'];

/** Filters and paging of a list; `status` takes one or several. */
export type ListQuery = OperationQuery<'listDeployments'>;
/** Filters and paging of the organisation's feed. */
export type FeedQuery = OperationQuery<'listEvents'>;
/** Where to begin in the organisation's feed, and which events of it. */
export type StreamQuery = OperationQuery<'streamEvents'>;
/** Paging of a deployment's events. */
export type EventsQuery = OperationQuery<'listDeploymentEvents'>;
/** Paging of policies. */
export type PoliciesQuery = OperationQuery<'listPolicies'>;
/** Paging of a policy's events. */
export type PolicyEventsQuery = OperationQuery<'listPolicyEvents'>;
/** Paging of locks. */
export type LocksQuery = OperationQuery<'listLocks'>;
/** Paging of freezes. */
export type FreezesQuery = OperationQuery<'listFreezes'>;
/** Paging of the events of locks and freezes. */
export type GateEventsQuery = OperationQuery<'listGateEvents'>;
/** Paging of environments. */
export type EnvironmentsQuery = OperationQuery<'listEnvironments'>;
/** Filters and paging of what runs where. */
export type CurrentQuery = OperationQuery<'listCurrent'>;
/** Which environments to compare, and paging of that. */
export type DiffQuery = OperationQuery<'compareEnvironments'>;
/** What to say of a rollback, among its options. */
export type RollbackOptions = BodyOptions<'rollbackTaxonomy'>;
/** The taxonomy to roll back, and the version to return to. */
export type RollbackQuery = OperationQuery<'rollbackTaxonomy'>;
