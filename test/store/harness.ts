import { createClock } from '../../src/platform/clock.js';
import { create } from '../../src/domain/deployments/create.js';
import type { Caller } from '../../src/domain/callers/caller.js';
import type {
  DeploymentCreate,
  DeploymentEvent,
  DeploymentStatus,
  DeploymentUpdate,
  StoredDeployment,
} from '../../src/domain/deployments/deployment.js';
import type { Update } from '../../src/domain/deployments/update.js';
import type { Store, TenantStore } from '../../src/store/store.js';
import { withinQuota } from '../../src/domain/usage/quota.js';
import type { Quota } from '../../src/domain/usage/usage.js';
import { once } from '../../src/domain/idempotency/once.js';
import type { Creation, IdempotentRequest } from '../../src/domain/idempotency/idempotency.js';
import type { ListFilter, ListQuery, Page } from '../../src/domain/deployments/reads.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import type { RollbackSelector } from '../../src/domain/deployments/rollback.js';
import type { Taxonomy } from '../../src/domain/deployments/taxonomy.js';
import { update } from '../../src/domain/deployments/update.js';
import { deploymentBody } from '../support/deployments.js';

/** A store under test, and how to open it once more on the same data. */
export interface OpenedStore {
  readonly store: Store;
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

/** Opens an empty store. */
export type OpenStore = () => Promise<OpenedStore>;

/** What the tests of a suite work with. */
export interface UsedStore {
  readonly opened: OpenedStore;
  /** A user of the store in the organisation `acme`. */
  readonly acme: StoreUser;
}

/** Opens an empty store around each test of a suite. */
export function useStore(open: OpenStore): UsedStore {
  let opened: OpenedStore | undefined;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened?.dispose());
  const current = (): OpenedStore => {
    if (opened === undefined) throw new Error('There is no store outside of a test');
    return opened;
  };
  return {
    get opened() {
      return current();
    },
    get acme() {
      return new StoreUser(current().store, 'acme');
    },
  };
}

const clock = createClock();
let latest = 0;

/** An instant after that of every other change here: what is deployed in one millisecond has no order. */
function later(): string {
  latest = Math.max(latest + 1, Date.parse(clock.now()));
  return new Date(latest).toISOString();
}
/** More than any test stores. */
const plenty: Quota = { deployments: 1e9, bytes: 1e12 };

/** What the service does with a store, without HTTP. */
export class StoreUser {
  readonly store: TenantStore;
  readonly caller: Caller;
  readonly quota: Quota;

  constructor(store: Store, organisation: string, quota: Quota = plenty) {
    this.quota = quota;
    this.store = store.for(organisation);
    this.caller = {
      organisation,
      actor: 'octocat',
      repository: `${organisation}/checkout`,
      workflow: 'release',
      job: {
        actorId: '583231',
        repositoryId: '1296269',
        ref: 'refs/heads/main',
        commitSha: '4f0c6b1c',
        runId: '1001',
        runAttempt: '2',
        eventName: 'push',
        environment: null,
        workflowRef: 'acme/checkout/.github/workflows/release.yml@refs/heads/main',
      },
      source: 'oidc',
    };
  }

  create(
    fields: Partial<DeploymentCreate> = {},
    idempotency?: IdempotentRequest,
  ): Promise<Creation> {
    return this.store.change('createDeployment', () =>
      once(idempotency, { caller: this.caller, action: 'register' }, () =>
        withinQuota(this.quota, create(deploymentBody(fields), this.caller, clock.newIdentity())),
      ),
    );
  }

  /** Creates a deployment and moves it through statuses. */
  async place(
    fields: Partial<DeploymentCreate>,
    ...statuses: DeploymentStatus[]
  ): Promise<StoredDeployment> {
    let { stored } = await this.create(fields);
    for (const status of statuses) stored = (await this.move(stored.deployment.id, status)).stored;
    return stored;
  }

  move(id: string, status: DeploymentStatus): Promise<Update> {
    return this.update(id, { status });
  }

  async update(id: string, fields: DeploymentUpdate): Promise<Update> {
    const command = { id, fields, caller: this.caller, precondition: () => undefined };
    const held = await this.store.change('updateDeployment', () => update(command, later()));
    if ('lost' in held) throw held.lost;
    return held;
  }

  events(id: string, { after = 0, limit = 1000 } = {}): Promise<readonly DeploymentEvent[]> {
    return this.store.read({ read: 'events', id, after, limit });
  }

  get(id: string): Promise<StoredDeployment | undefined> {
    return this.store.read({ read: 'deployment', id });
  }

  /** The taxonomy of what the user creates with these fields. */
  taxonomy(fields: Partial<DeploymentCreate> = {}): Taxonomy {
    const { name, environment, provider, cloud_account_id, region, cell } = deploymentBody(fields);
    return {
      organisation: this.caller.organisation,
      name,
      environment,
      provider,
      cloud_account_id: cloud_account_id ?? null,
      region: region ?? null,
      cell: cell ?? null,
    };
  }

  rollback(
    fields: Partial<DeploymentCreate> = {},
    targetVersion?: string,
    idempotency?: IdempotentRequest,
  ): Promise<Creation> {
    const selector = { taxonomy: this.taxonomy(fields) };
    return this.rollbackOf(selector, targetVersion, idempotency, fields.auto);
  }

  rollbackOf(
    selector: RollbackSelector,
    targetVersion?: string,
    idempotency?: IdempotentRequest,
    auto?: boolean,
  ): Promise<Creation> {
    return this.store.change('rollback', () =>
      once(idempotency, { caller: this.caller, action: 'rollback' }, () =>
        withinQuota(
          this.quota,
          rollback({ selector, targetVersion, auto }, this.caller, clock.newIdentity()),
        ),
      ),
    );
  }

  list(query: Partial<ListQuery> = {}): Promise<Page> {
    return this.store.read({ read: 'deployments', filter: {}, limit: 1000, ...query });
  }

  async versions(filter: ListFilter = {}): Promise<string[]> {
    return (await this.list({ filter })).deployments.map(({ version }) => version);
  }
}

/** A request under an `Idempotency-Key`, now unless said otherwise. */
export function keyed(key: string, fingerprint = 'a', at = clock.now()): IdempotentRequest {
  return { owner: 'repository acme/checkout', key, fingerprint, at };
}
