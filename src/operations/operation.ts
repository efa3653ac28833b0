import type { operations } from '../../generated/openapi.js';
import type { Clock } from '../platform/clock.js';
import type { Caller } from '../domain/callers/caller.js';
import type { Deployment, DeploymentStatus } from '../domain/deployments/deployment.js';
import type { ClosedGate, GateEvent } from '../domain/gates/gate.js';
import type { Feeds } from '../domain/feed/feeds.js';
import type { Turns } from '../domain/queue/waiting-call.js';
import type { Quota } from '../domain/usage/usage.js';
import type { TenantStore } from '../store/store.js';

/** The operations of the contract. */
export type OperationId = keyof operations;

/** A request as the contract describes it, validated. Header names are written as there. */
export interface OperationRequest<Id extends OperationId> {
  readonly path: Defined<operations[Id]['parameters']['path']>;
  readonly query: Defined<operations[Id]['parameters']['query']>;
  readonly headers: Defined<operations[Id]['parameters']['header']>;
  /** Where it may be left out, and is, an object without fields. */
  readonly body: Body<Exclude<operations[Id]['requestBody'], undefined>>;
}

/**
 * A successful response as the contract describes it: one of the statuses, with its headers, and a body, a
 * stream or nothing.
 */
export type OperationResponse<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses'] & Success]: ResponseOf<
    Status,
    operations[Id]['responses'][Status]
  >;
}[keyof operations[Id]['responses'] & Success];

type Success = 200 | 201 | 202 | 204;

/**
 * Server-sent events as they are written, one after the other.
 *
 * @param signal aborted when the caller has left, or the service is about to stop: then the stream ends
 */
export type EventStream = (signal: AbortSignal) => AsyncIterable<string>;

/** What the contract says of a response as an operation gives it. */
export type ResponseOf<Status, Described> = Described extends {
  headers: infer Headers;
  content: infer Content;
}
  ? {
      readonly status: Status;
      readonly headers: OwnHeaders<Headers>;
    } & (Content extends { 'application/json': infer Body }
      ? { readonly body: Body }
      : { readonly stream: EventStream })
  : Described extends { headers: infer Headers }
    ? { readonly status: Status; readonly headers: OwnHeaders<Headers> }
    : never;

/** What an operation works with. */
export interface OperationContext {
  readonly caller: Caller;
  /** The data of the caller's tenant. */
  readonly store: TenantStore;
  readonly clock: Clock;
  readonly metrics: DeploymentMetrics;
  /** What each tenant may have stored. */
  readonly quota: Quota;
  /** Where claims wait. */
  readonly turns: Turns;
  /** Where streams follow feeds. */
  readonly feeds: Feeds;
  /** Aborted once the caller has left, so that nobody reads the response. */
  left(): AbortSignal;
}

/** What happens to deployments, for whoever counts it. */
export interface DeploymentMetrics {
  deploymentCreated(deployment: Deployment): void;
  deploymentUpdated(organisation: string, status: DeploymentStatus): void;
  deploymentsSkipped(organisation: string, count: number): void;
  deploymentsRemoved(organisation: string, count: number): void;
  rolledBack(deployment: Deployment): void;
  /** A lock or a freeze was created or opened. */
  gateChanged(organisation: string, type: GateEvent['type']): void;
  /** A start was refused, or has to wait, since gates of these kinds are closed. */
  startBlocked(deployment: Deployment, kinds: Iterable<ClosedGate['kind']>): void;
  /** A deployment was started although gates were closed. */
  gatesOverridden(deployment: Deployment): void;
  decided(deployment: Deployment, decision: 'approved' | 'rejected'): void;
  /** @param changedAt when its turn came, by `performance.now()`; `undefined` when it had not to wait */
  claimGranted(deployment: Deployment, changedAt: number | undefined): void;
}

/** Carries out one operation; throws an `ApplicationError` where it may not. */
export type Operation<Id extends OperationId> = (
  request: OperationRequest<Id>,
  context: OperationContext,
) => Promise<OperationResponse<Id>>;

/** An operation for each operationId, neither more nor fewer. */
export type Operations = { readonly [Id in OperationId]: Operation<Id> };

type Body<Described> = [Described] extends [{ content: { 'application/json': infer Content } }]
  ? Content
  : undefined;

type Defined<T> = [Exclude<T, undefined>] extends [never]
  ? Record<string, never>
  : Exclude<T, undefined>;

/** The headers that the contract names, without those that every response gets. */
type OwnHeaders<Headers> = {
  readonly [
    Name in keyof Headers as string extends Name
      ? never
      : Name extends 'X-Request-Id' | 'RateLimit' | 'RateLimit-Policy'
        ? never
        : Name
  ]: Headers[Name];
};
