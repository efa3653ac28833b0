/**
 * The client of the Deployment Queue API: one method an operation of the contract, and `waitFor` and the lists
 * over all pages around them. It needs nothing but Node's `fetch`.
 */
import { bindOperations } from '../../generated/client.js';
import type { HeaderOptions, OperationMethods, Send } from '../../generated/client.js';
import { ownFetch } from './environment.js';
import { followEvents } from './events.js';
import type { FollowOptions } from './events.js';
import { insecureFault, isInsecure } from './insecure.js';
import { resultOf } from './responses.js';
import type {
  DeploymentResult,
  EnvironmentResult,
  PolicyResult,
  Results,
  Unchanged,
  UnchangedEnvironment,
  UnchangedPolicy,
} from './responses.js';
import type {
  Deployment,
  DeploymentStatus,
  DeploymentUpdate,
  FeedEvent,
  StreamQuery,
} from './contract.js';
import type { Credentials } from './credentials.js';
import { listMethods } from './lists.js';
import type { ListMethods } from './lists.js';
import { queueMethods } from './queue.js';
import type { QueueMethods } from './queue.js';
import type { Fetch } from '../platform/proxied-fetch.js';
import { defaultRetry } from './retry.js';
import type { RetryOptions } from './retry.js';
import { send } from './send.js';
import type { CallOptions, Connection } from './send.js';
import { deleteOnce, rejectOnce, updateOnce } from './update.js';
import { waitFor } from './wait-for.js';
import type { WaitOptions } from './wait-for.js';

export type {
  Claimed,
  CreationResult,
  CurrentPage,
  DeploymentResult,
  DifferencePage,
  EnvironmentPage,
  EnvironmentResult,
  EventPage,
  FeedPage,
  FreezeCreation,
  FreezePage,
  GateEventPage,
  LockCreation,
  LockPage,
  NotClaimed,
  NothingClaimed,
  Page,
  PolicyEventPage,
  PolicyPage,
  PolicyResult,
  Unchanged,
  UnchangedEnvironment,
  UnchangedPolicy,
} from './responses.js';
export type * from './contract.js';
export { gitHubActions, gitHubToken, noCredentials } from './credentials.js';
export type { Credentials } from './credentials.js';
export {
  ClaimTimedOut,
  ClientError,
  ConnectionFailed,
  CredentialsUnavailable,
  LeaseLost,
  ProblemError,
  SettledOtherwise,
  TimedOut,
  UnexpectedResponse,
  WaitTimedOut,
} from './errors.js';
export type { ClientErrorCode } from './errors.js';
export type { TurnOptions } from './claim-when-ready.js';
export type { FollowOptions } from './events.js';
export type { HeldLease, HoldOptions } from './hold-lease.js';
export type { RetryOptions } from './retry.js';
export type { CallOptions } from './send.js';
export type { WaitOptions } from './wait-for.js';

/** How a client reaches the service. */
export interface ClientOptions {
  /** Where the service is, such as `https://queue.example.com`; without `/v1`. */
  readonly url: string;
  readonly credentials: Credentials;
  /**
   * Lets requests, and the credentials with them, go over plain http to another machine, where everyone in
   * between can read them.
   */
  readonly allowInsecureHttp?: boolean | undefined;
  /** How long one try may take, in milliseconds; ten seconds. */
  readonly timeoutMs?: number | undefined;
  /** How often and how long a call is tried, where that differs from the defaults. */
  readonly retry?: Partial<RetryOptions> | undefined;
  /** Instead of Node's through the proxies that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name. */
  readonly fetch?: Fetch | undefined;
}

/** Options of a read that returns the deployment only when it has changed. */
export type ReadIfChanged = CallOptions &
  HeaderOptions['getDeployment'] & { readonly ifNoneMatch: string };
/** Options of a read that always returns the deployment. */
export type Read = CallOptions &
  HeaderOptions['getDeployment'] & { readonly ifNoneMatch?: undefined };

/** Options of a read that returns the settings only when they have changed. */
export type ReadEnvironmentIfChanged = CallOptions &
  HeaderOptions['getEnvironment'] & { readonly ifNoneMatch: string };
/** Options of a read that always returns the settings. */
export type ReadEnvironment = CallOptions &
  HeaderOptions['getEnvironment'] & { readonly ifNoneMatch?: undefined };

/** Options of a read that returns the policy only when it has changed. */
export type ReadPolicyIfChanged = CallOptions &
  HeaderOptions['getPolicy'] & { readonly ifNoneMatch: string };
/** Options of a read that always returns the policy. */
export type ReadPolicy = CallOptions &
  HeaderOptions['getPolicy'] & { readonly ifNoneMatch?: undefined };

/**
 * One method an operation, and lists over all pages, `waitFor`, `claimWhenReady` and `holdLease`, which use
 * them. Every method rejects with a `ProblemError` when the service refuses, with another `ClientError`
 * when it does not respond.
 */
export interface DeploymentQueueClient
  extends
    Omit<OperationMethods<CallOptions, Results>, 'getDeployment' | 'getEnvironment' | 'getPolicy'>,
    ListMethods,
    QueueMethods {
  /**
   * Read one deployment: `GET /v1/deployments/{id}`; with `ifNoneMatch`, only if it has changed.
   *
   * @example
   * const { deployment, etag } = await client.getDeployment('019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f');
   */
  getDeployment(id: string, options: ReadIfChanged): Promise<DeploymentResult | Unchanged>;
  getDeployment(id: string, options?: Read): Promise<DeploymentResult>;
  /**
   * Read how an environment is queued for: `GET /v1/environments/{environment}`; with `ifNoneMatch`, only if
   * that has changed.
   *
   * @example
   * const { settings, etag } = await client.getEnvironment('production');
   */
  getEnvironment(
    environment: string,
    options: ReadEnvironmentIfChanged,
  ): Promise<EnvironmentResult | UnchangedEnvironment>;
  getEnvironment(environment: string, options?: ReadEnvironment): Promise<EnvironmentResult>;
  /**
   * Read one policy: `GET /v1/policies/{name}`; with `ifNoneMatch`, only if it has changed.
   *
   * @example
   * const { policy, etag } = await client.getPolicy('production');
   */
  getPolicy(name: string, options: ReadPolicyIfChanged): Promise<PolicyResult | UnchangedPolicy>;
  getPolicy(name: string, options?: ReadPolicy): Promise<PolicyResult>;
  /**
   * What happens in the organisation, each event the moment after it was stored; `after` or `last` says where to begin,
   * else it is what happens from now on. A connection that ends is opened again where it ended, so each event comes
   * once, in the order of the feed, until the signal is aborted or the loop is left.
   *
   * @example
   * for await (const event of client.events({ environment: 'production', last: 10 })) {
   *   console.log(event.occurred_at, event.type, event.name, event.version);
   * }
   */
  events(query?: StreamQuery, options?: FollowOptions): AsyncGenerator<FeedEvent, void, undefined>;
  /**
   * Waits until a deployment is in one of the statuses.
   *
   * @throws SettledOtherwise it has come to rest in another status
   * @throws WaitTimedOut the timeout is over
   * @example
   * const { status } = await client.waitFor(id, ['deployed'], { timeoutMs: 10 * 60_000 });
   */
  waitFor(
    id: string,
    statuses: readonly DeploymentStatus[],
    options?: WaitOptions,
  ): Promise<Deployment>;
}

/**
 * A client. It holds no connection and needs no closing.
 *
 * @throws TypeError when `url` is not where a service can be, or is plain http to another machine, or when a
 *   proxy in the environment is not a URL
 * @example
 * const client = createClient({
 *   url: 'https://queue.example.com',
 *   credentials: gitHubActions(),
 * });
 * const { deployment } = await client.createDeployment({
 *   name: 'checkout',
 *   version: '1.4.0',
 *   environment: 'production',
 *   provider: 'gcp',
 *   type: 'k8s',
 * });
 */
export function createClient(options: ClientOptions): DeploymentQueueClient {
  const connection: Connection = {
    baseUrl: checkedUrl(options),
    credentials: options.credentials,
    timeoutMs: options.timeoutMs ?? 10_000,
    retry: { ...defaultRetry, ...options.retry },
    fetch: options.fetch ?? ownFetch(),
  };
  const carryOut =
    (retry: RetryOptions): Send<CallOptions, Results> =>
    async (operation, input, callOptions) =>
      resultOf(
        operation.operationId,
        await send({ ...connection, retry }, operation, input, callOptions),
      );
  const operations = bindOperations(carryOut(connection.retry));
  /** Tries for as long as the call's signal lets it. */
  const persistent = bindOperations(
    carryOut({ ...connection.retry, attempts: Infinity, timeoutMs: Infinity }),
  );

  function getDeployment(id: string, options: ReadIfChanged): Promise<DeploymentResult | Unchanged>;
  function getDeployment(id: string, options?: Read): Promise<DeploymentResult>;
  function getDeployment(
    id: string,
    options?: Read | ReadIfChanged,
  ): Promise<DeploymentResult | Unchanged> {
    return operations.getDeployment(id, options);
  }

  const readAgain = (id: string, { signal, timeoutMs }: CallOptions) =>
    getDeployment(id, { signal, timeoutMs });

  function getEnvironment(
    environment: string,
    options: ReadEnvironmentIfChanged,
  ): Promise<EnvironmentResult | UnchangedEnvironment>;
  function getEnvironment(
    environment: string,
    options?: ReadEnvironment,
  ): Promise<EnvironmentResult>;
  function getEnvironment(
    environment: string,
    options?: ReadEnvironment | ReadEnvironmentIfChanged,
  ): Promise<EnvironmentResult | UnchangedEnvironment> {
    return operations.getEnvironment(environment, options);
  }

  function getPolicy(
    name: string,
    options: ReadPolicyIfChanged,
  ): Promise<PolicyResult | UnchangedPolicy>;
  function getPolicy(name: string, options?: ReadPolicy): Promise<PolicyResult>;
  function getPolicy(
    name: string,
    options?: ReadPolicy | ReadPolicyIfChanged,
  ): Promise<PolicyResult | UnchangedPolicy> {
    return operations.getPolicy(name, options);
  }

  return {
    ...operations,
    getDeployment,
    getEnvironment,
    getPolicy,
    updateDeployment: (id, body: DeploymentUpdate, callOptions = {}) =>
      updateOnce(
        body,
        () => operations.updateDeployment(id, body, callOptions),
        () => readAgain(id, callOptions),
      ),
    rejectDeployment: (id, callOptions = {}) =>
      rejectOnce(
        () => operations.rejectDeployment(id, callOptions),
        () => readAgain(id, callOptions),
      ),
    deletePolicy: (name, callOptions = {}) =>
      deleteOnce(() => operations.deletePolicy(name, callOptions)),
    releaseLock: (id, query = {}, callOptions = {}) =>
      deleteOnce(() => operations.releaseLock(id, query, callOptions)),
    deleteFreezeCalendar: (id, callOptions = {}) =>
      deleteOnce(() => operations.deleteFreezeCalendar(id, callOptions)),
    deleteFreeze: (id, query = {}, callOptions = {}) =>
      deleteOnce(() => operations.deleteFreeze(id, query, callOptions)),
    ...queueMethods(operations, persistent, connection.timeoutMs),
    ...listMethods(operations),
    events: (query = {}, followOptions = {}) => followEvents(connection, query, followOptions),
    waitFor: (id, statuses, waitOptions) =>
      waitFor((one, look) => operations.getDeployment(one, look), id, statuses, waitOptions),
  };
}

function checkedUrl({ url: text, allowInsecureHttp }: ClientOptions): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError('url must be an http or https URL, such as https://queue.example.com');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('url must have no user, password, query or fragment');
  }
  if (/\/v1\/?$/.test(url.pathname)) {
    throw new TypeError('url must not end in /v1: the client adds the path of each operation');
  }
  if (isInsecure(url) && allowInsecureHttp !== true) {
    throw new TypeError(`url ${insecureFault}`);
  }
  return url;
}
