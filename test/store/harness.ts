import { createClock } from '../../src/platform/clock.js';
import { create } from '../../src/domain/deployments/create.js';
import type {
  Caller,
  DeploymentCreate,
  DeploymentStatus,
  StoredDeployment,
} from '../../src/domain/deployments/deployment.js';
import type { Creation, DeploymentStore, Update } from '../../src/store/store.js';
import type { IdempotentRequest } from '../../src/domain/idempotency/idempotency.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import type { Taxonomy } from '../../src/domain/deployments/taxonomy.js';
import { update } from '../../src/domain/deployments/update.js';
import { deploymentBody } from '../support/deployments.js';

/** A store under test, and how to open it once more on the same data. */
export interface OpenedStore {
  readonly store: DeploymentStore;
  reopen(): Promise<DeploymentStore>;
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

/** What the service does with a store, without HTTP. */
export class StoreUser {
  readonly store: DeploymentStore;
  readonly caller: Caller;

  constructor(store: DeploymentStore, organisation: string) {
    this.store = store;
    this.caller = {
      organisation,
      actor: 'octocat',
      repository: `${organisation}/checkout`,
      workflow: 'release',
      source: 'oidc',
    };
  }

  create(
    fields: Partial<DeploymentCreate> = {},
    idempotency?: IdempotentRequest,
  ): Promise<Creation> {
    return this.store.create(this.caller.organisation, idempotency, () =>
      create(deploymentBody(fields), this.caller, clock.newIdentity()),
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

  async move(id: string, status: DeploymentStatus): Promise<Update> {
    const { caller } = this;
    const result = await this.store.update(
      caller.organisation,
      id,
      status === 'deployed',
      (slice) => update(slice, { status }, caller, clock.now()),
    );
    if (result === undefined) throw new Error(`No deployment ${id}`);
    return result;
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

  async rollback(
    fields: Partial<DeploymentCreate> = {},
    targetVersion?: string,
    idempotency?: IdempotentRequest,
  ): Promise<Creation> {
    const creation = await this.store.rollback(
      { taxonomy: this.taxonomy(fields) },
      targetVersion,
      idempotency,
      (members, request) => rollback(members, request, this.caller, clock.newIdentity()),
    );
    if (creation === undefined) throw new Error('A taxonomy always selects something');
    return creation;
  }

  async versions(filter = {}): Promise<string[]> {
    const { organisation } = this.caller;
    const page = await this.store.list({ organisation, filter, limit: 1000 });
    return page.deployments.map(({ version }) => version);
  }
}

/** A request under an `Idempotency-Key`, now unless said otherwise. */
export function keyed(key: string, fingerprint = 'a', at = clock.now()): IdempotentRequest {
  return { key, fingerprint, at };
}
