import type { operations } from '../../generated/openapi.js';
import type { Clock } from '../platform/clock.js';
import type { Caller } from '../domain/callers/caller.js';
import type { Deployment, DeploymentStatus } from '../domain/deployments/deployment.js';
import type { TenantStore } from '../store/store.js';

/** The operations of the contract. */
export type OperationId = keyof operations;

/** A request as the contract describes it, validated. Header names are written as there. */
export interface OperationRequest<Id extends OperationId> {
  readonly path: Defined<operations[Id]['parameters']['path']>;
  readonly query: Defined<operations[Id]['parameters']['query']>;
  readonly headers: Defined<operations[Id]['parameters']['header']>;
  readonly body: operations[Id] extends {
    requestBody: { content: { 'application/json': infer B } };
  }
    ? B
    : undefined;
}

/** A successful answer as the contract describes it: one of the statuses, with its headers and body. */
export type OperationResponse<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses'] & (200 | 201)]: Answer<
    Status,
    operations[Id]['responses'][Status]
  >;
}[keyof operations[Id]['responses'] & (200 | 201)];

/** What an operation works with. */
export interface OperationContext {
  readonly caller: Caller;
  /** The data of the caller's tenant. */
  readonly store: TenantStore;
  readonly clock: Clock;
  readonly metrics: DeploymentMetrics;
}

/** What happens to deployments, for whoever counts it. */
export interface DeploymentMetrics {
  deploymentCreated(deployment: Deployment): void;
  deploymentUpdated(organisation: string, status: DeploymentStatus): void;
  deploymentsSkipped(organisation: string, count: number): void;
  rolledBack(deployment: Deployment): void;
}

/** Carries out one operation; a refusal is thrown as a `ApplicationError`. */
export type Operation<Id extends OperationId> = (
  request: OperationRequest<Id>,
  context: OperationContext,
) => Promise<OperationResponse<Id>>;

/** An operation for each operationId, neither more nor fewer. */
export type Operations = { readonly [Id in OperationId]: Operation<Id> };

type Defined<T> = [Exclude<T, undefined>] extends [never]
  ? Record<string, never>
  : Exclude<T, undefined>;

type Answer<Status, Response> = Response extends {
  headers: infer Headers;
  content: { 'application/json': infer Body };
}
  ? { readonly status: Status; readonly headers: OwnHeaders<Headers>; readonly body: Body }
  : never;

/** The headers that the contract names, without those that every answer gets. */
type OwnHeaders<Headers> = {
  readonly [
    Name in keyof Headers as string extends Name
      ? never
      : Name extends 'X-Request-Id' | 'RateLimit' | 'RateLimit-Policy'
        ? never
        : Name
  ]: Headers[Name];
};
