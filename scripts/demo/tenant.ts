import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../../src/domain/callers/caller.js';
import { approve } from '../../src/domain/deployments/approve.js';
import { create } from '../../src/domain/deployments/create.js';
import type {
  Deployment,
  DeploymentCreate,
  DeploymentUpdate,
} from '../../src/domain/deployments/deployment.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import { requireFields, update } from '../../src/domain/deployments/update.js';
import { putEnvironment } from '../../src/domain/environments/change.js';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import { createFreeze } from '../../src/domain/gates/freezes.js';
import { createLock } from '../../src/domain/gates/locks.js';
import type { FreezeCreate, LockCreate } from '../../src/domain/gates/gate.js';
import { cancel } from '../../src/domain/queue/cancel.js';
import { claim } from '../../src/domain/queue/claim.js';
import { expire } from '../../src/domain/queue/expire.js';
import { hashToken } from '../../src/domain/tokens.js';
import type { TenantStore } from '../../src/store/store.js';
import type { Random } from '../../test/support/random.js';

/** How a claim waits, and for how long its lease lasts, in seconds. */
export interface ClaimTimes {
  readonly waitSeconds: number;
  readonly leaseSeconds: number;
}

/** The tenant of the demo: what its callers do happens at the instant that its clock stands at. */
export interface DemoTenant {
  /** Sets the clock, in milliseconds since the epoch. */
  readonly goTo: (instant: number) => void;
  readonly now: () => number;
  create(caller: Caller, fields: DeploymentCreate): Promise<Deployment>;
  /** The token of the lease, once it is the deployment's turn; `undefined` while it waits. */
  claim(caller: Caller, id: string, times: ClaimTimes): Promise<string | undefined>;
  update(
    caller: Caller,
    id: string,
    fields: DeploymentUpdate,
    leaseToken?: string,
  ): Promise<Deployment>;
  /** @param lock whether nothing but rollbacks starts there until somebody says so */
  rollBack(caller: Caller, id: string, reason: string, lock?: boolean): Promise<Deployment>;
  approve(caller: Caller, id: string, reason?: string): Promise<void>;
  lock(caller: Caller, lock: LockCreate): Promise<void>;
  freeze(caller: Caller, freeze: FreezeCreate): Promise<void>;
  cancel(caller: Caller, deployment: Deployment, reason: string): Promise<void>;
  /** Fails what holds a lease that has run out. */
  expireLeases(environment: string): Promise<void>;
  putEnvironment(caller: Caller, name: string, settings: EnvironmentPut): Promise<void>;
}

/**
 * Does in a store what the operations of the API do, at instants that are chosen, by callers that are.
 *
 * @param random makes ids that are the same each time
 */
export function createDemoTenant(store: TenantStore, random: Random): DemoTenant {
  let clock = 0;
  let sequence = 0;
  const at = (): string => new Date(clock).toISOString();
  const identity = () => ({
    id: uuidv7({
      msecs: clock,
      seq: (sequence += 1),
      random: Uint8Array.from({ length: 16 }, () => Math.floor(random.next() * 256)),
    }),
    at: at(),
  });
  const calls = new Map<string, string>();

  return {
    goTo(instant) {
      clock = instant;
    },
    now: () => clock,
    async create(caller, fields) {
      const made = identity();
      const { deployment } = await store.change('createDeployment', () =>
        create(fields, caller, made),
      );
      return deployment;
    },
    async claim(caller, id, { waitSeconds, leaseSeconds }) {
      const call = calls.get(id) ?? randomUUID();
      const isFirst = !calls.has(id);
      calls.set(id, call);
      const token = randomUUID();
      const command = {
        ...{ id, call, caller, isFirst, waitSeconds, leaseSeconds },
        tokenHash: hashToken(token),
        request: undefined,
      };
      const { lease } = await store.change('claimDeployment', () => claim(command, at()));
      return lease && token;
    },
    async update(caller, id, fields, leaseToken) {
      requireFields(fields);
      const command = { id, fields, caller, leaseToken, precondition: () => undefined };
      const held = await store.change('updateDeployment', () => update(command, at()));
      if ('lost' in held) throw held.lost;
      return held.stored.deployment;
    },
    async rollBack(caller, id, reason, lock = false) {
      const made = identity();
      const request = { selector: { id }, reason, lock };
      const { deployment } = await store.change('rollback', () => rollback(request, caller, made));
      return deployment;
    },
    async approve(caller, id, reason) {
      const command = { id, caller, reason: reason ?? null };
      await store.change('approveDeployment', () => approve(command, at()));
    },
    async lock(caller, lock) {
      const made = identity();
      const command = { caller, request: undefined };
      await store.change('createLock', () => createLock(command, lock, made));
    },
    async freeze(caller, freeze) {
      const made = identity();
      const command = { caller, request: undefined };
      await store.change('createFreeze', () => createFreeze(command, freeze, made));
    },
    async cancel(caller, { id, environment }, reason) {
      const command = { environment, ids: [id], reason, caller };
      await store.change('cancelDeployments', () => cancel(command, at()));
    },
    async expireLeases(environment) {
      await store.change('expireLeases', () => expire(environment, at()));
    },
    async putEnvironment(caller, name, settings) {
      const command = { name, caller, precondition: () => undefined };
      await store.change('putEnvironment', () => putEnvironment(command, settings, at()));
    },
  };
}
