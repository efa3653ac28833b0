import type { OperationMethods } from '../../generated/client.js';
import type {
  CurrentQuery,
  CurrentState,
  Deployment,
  DeploymentEvent,
  DiffQuery,
  Difference,
  EnvironmentSettings,
  EnvironmentsQuery,
  EventsQuery,
  Freeze,
  FreezesQuery,
  GateEvent,
  GateEventsQuery,
  ListQuery,
  Lock,
  LocksQuery,
  PoliciesQuery,
  Policy,
  PolicyEvent,
  PolicyEventsQuery,
} from './contract.js';
import type { Results } from './responses.js';
import type { CallOptions } from './send.js';

type Operations = OperationMethods<CallOptions, Results>;

/** Lists over all of their pages. */
export interface ListMethods {
  /**
   * Every deployment that the filters match, newest first, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { id, version } of client.listAllDeployments({ status: 'scheduled' })) {
   *   console.log(id, version);
   * }
   */
  listAllDeployments(
    query?: ListQuery,
    options?: CallOptions,
  ): AsyncGenerator<Deployment, void, undefined>;
  /**
   * Every event of a deployment, oldest first, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { occurred_at, to_status } of client.listAllDeploymentEvents(id)) {
   *   console.log(occurred_at, to_status);
   * }
   */
  listAllDeploymentEvents(
    id: string,
    query?: EventsQuery,
    options?: CallOptions,
  ): AsyncGenerator<DeploymentEvent, void, undefined>;
  /**
   * Every policy, by name, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { name, rules } of client.listAllPolicies()) console.log(name, rules.length);
   */
  listAllPolicies(
    query?: PoliciesQuery,
    options?: CallOptions,
  ): AsyncGenerator<Policy, void, undefined>;
  /**
   * Every event of a policy, oldest first, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { type, actor } of client.listAllPolicyEvents('production')) {
   *   console.log(type, actor);
   * }
   */
  listAllPolicyEvents(
    name: string,
    query?: PolicyEventsQuery,
    options?: CallOptions,
  ): AsyncGenerator<PolicyEvent, void, undefined>;
  /**
   * Every lock that is closed, oldest first, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { id, reason } of client.listAllLocks()) console.log(id, reason);
   */
  listAllLocks(query?: LocksQuery, options?: CallOptions): AsyncGenerator<Lock, void, undefined>;
  /**
   * Every freeze that is not over, oldest first, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { reason, closed } of client.listAllFreezes()) console.log(reason, closed);
   */
  listAllFreezes(
    query?: FreezesQuery,
    options?: CallOptions,
  ): AsyncGenerator<Freeze, void, undefined>;
  /**
   * Every event of locks and freezes, oldest first, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { type, actor } of client.listAllGateEvents()) console.log(type, actor);
   */
  listAllGateEvents(
    query?: GateEventsQuery,
    options?: CallOptions,
  ): AsyncGenerator<GateEvent, void, undefined>;
  /**
   * Every environment that somebody has set, by name, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { environment, order } of client.listAllEnvironments()) {
   *   console.log(environment, order);
   * }
   */
  listAllEnvironments(
    query?: EnvironmentsQuery,
    options?: CallOptions,
  ): AsyncGenerator<EnvironmentSettings, void, undefined>;
  /**
   * What runs where, by environment and name, over all pages; `limit` is a page's.
   *
   * @example
   * for await (const { name, current } of client.listAllCurrent({ environment: 'production' })) {
   *   console.log(name, current?.version);
   * }
   */
  listAllCurrent(
    query?: CurrentQuery,
    options?: CallOptions,
  ): AsyncGenerator<CurrentState, void, undefined>;
  /**
   * How two environments compare, by name, over all pages; `limit` is a page's.
   *
   * @example
   * const query = { from: 'staging', to: 'production' };
   * for await (const { name, state } of client.listAllDifferences(query)) console.log(name, state);
   */
  listAllDifferences(
    query: DiffQuery,
    options?: CallOptions,
  ): AsyncGenerator<Difference, void, undefined>;
}

/** @param operations with the client's retries */
export function listMethods(operations: Operations): ListMethods {
  return {
    listAllDeployments: (query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listDeployments({ ...query, ...cursor }, callOptions);
        return { items: page.deployments, next: page.next };
      }),
    listAllDeploymentEvents: (id, query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listDeploymentEvents(
          id,
          { ...query, ...cursor },
          callOptions,
        );
        return { items: page.events, next: page.next };
      }),
    listAllPolicies: (query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listPolicies({ ...query, ...cursor }, callOptions);
        return { items: page.policies, next: page.next };
      }),
    listAllPolicyEvents: (name, query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listPolicyEvents(name, { ...query, ...cursor }, callOptions);
        return { items: page.events, next: page.next };
      }),
    listAllLocks: (query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listLocks({ ...query, ...cursor }, callOptions);
        return { items: page.locks, next: page.next };
      }),
    listAllFreezes: (query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listFreezes({ ...query, ...cursor }, callOptions);
        return { items: page.freezes, next: page.next };
      }),
    listAllGateEvents: (query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listGateEvents({ ...query, ...cursor }, callOptions);
        return { items: page.events, next: page.next };
      }),
    listAllEnvironments: (query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listEnvironments({ ...query, ...cursor }, callOptions);
        return { items: page.environments, next: page.next };
      }),
    listAllCurrent: (query = {}, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.listCurrent({ ...query, ...cursor }, callOptions);
        return { items: page.rows, next: page.next };
      }),
    listAllDifferences: (query, callOptions = {}) =>
      allPages(async (cursor) => {
        const page = await operations.compareEnvironments({ ...query, ...cursor }, callOptions);
        return { items: page.rows, next: page.next };
      }),
  };
}

/** Follows a list from page to page; the next one is asked for when the one before is used up. */
async function* allPages<Item>(
  list: (cursor: {
    readonly cursor?: string;
  }) => Promise<{ readonly items: readonly Item[]; readonly next: string | undefined }>,
): AsyncGenerator<Item, void, undefined> {
  let page = await list({});
  for (;;) {
    yield* page.items;
    if (page.next === undefined) return;
    page = await list({ cursor: page.next });
  }
}
