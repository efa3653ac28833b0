/** A queue in memory: decisions run over it one after the other, and what they change is kept. */
import type { Decided, Decision } from '../../src/domain/decision.js';
import type { Caller } from '../../src/domain/callers/caller.js';
import type { ChangeSet } from '../../src/domain/changes.js';
import { noControls } from '../../src/domain/controls/controls.js';
import type { ControlsChange } from '../../src/domain/controls/controls.js';
import { approve, reject } from '../../src/domain/deployments/approve.js';
import type { Approved } from '../../src/domain/deployments/approve.js';
import type {
  Deployment,
  DeploymentEvent,
  DeploymentUpdate,
  StoredDeployment,
} from '../../src/domain/deployments/deployment.js';
import { update } from '../../src/domain/deployments/update.js';
import type { Update } from '../../src/domain/deployments/update.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import type { RollbackRequest } from '../../src/domain/deployments/rollback.js';
import { putEnvironment } from '../../src/domain/environments/change.js';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import { createFreeze, deleteFreeze } from '../../src/domain/gates/freezes.js';
import { createLock, releaseLock } from '../../src/domain/gates/locks.js';
import type { FreezeCreate, GateEvent, LockCreate } from '../../src/domain/gates/gate.js';
import type {
  IdempotentRequest,
  RememberedResponse,
} from '../../src/domain/idempotency/idempotency.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { currentOf } from '../../src/domain/overview/current.js';
import type { CurrentState } from '../../src/domain/overview/current.js';
import { cancel } from '../../src/domain/queue/cancel.js';
import { claim } from '../../src/domain/queue/claim.js';
import type { Claimed } from '../../src/domain/queue/claim.js';
import { claimNext } from '../../src/domain/queue/claim-next.js';
import type { QueueEntry, WorkSelector } from '../../src/domain/queue/entries.js';
import { expire } from '../../src/domain/queue/expire.js';
import type { Expiry } from '../../src/domain/queue/expire.js';
import { leave, leaveWork, release, renew } from '../../src/domain/queue/hold.js';
import type { Held } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/tokens.js';
import { nextTurns } from '../../src/domain/queue/next.js';
import type { NextTurns } from '../../src/domain/queue/next.js';
import { positionOf } from '../../src/domain/queue/position.js';
import type { QueuePosition } from '../../src/domain/queue/position.js';
import { decideOver } from './reference-reads.js';
import type { QueueState, World } from './reference-reads.js';
import { caller, idOf, instantOf, storedDeployment } from './stored.js';

/** What differs of a claim. */
export interface ClaimOptions {
  readonly call?: string;
  readonly isFirst?: boolean;
  readonly wait?: number;
  readonly lease?: number;
  readonly token?: string;
  readonly request?: IdempotentRequest;
  readonly by?: Caller;
  /** Why it is to start although gates are closed. */
  readonly override?: string;
}

/** What differs of a worker's claim. */
export interface WorkOptions extends Pick<ClaimOptions, 'isFirst' | 'wait' | 'token' | 'request'> {
  readonly caller?: Caller;
}

export class QueueWorld {
  /** In seconds. */
  now = 1_000;
  readonly #deployments = new Map<string, StoredDeployment>();
  readonly #events = new Map<string, DeploymentEvent[]>();
  readonly #queues = new Map<string, QueueState>();
  readonly #responses = new Map<string, RememberedResponse>();
  #fence = 0;
  #controls = noControls;
  #controlsChanges: readonly ControlsChange[] = [];
  #gates = 0;

  /** Registers the deployment of a number. */
  add(number: number, fields: Partial<Deployment> = {}): void {
    const stored = storedDeployment(number, { version: String(number), ...fields });
    this.#deployments.set(stored.deployment.id, stored);
  }

  get(number: number): Deployment {
    const stored = this.#deployments.get(idOf(number));
    if (stored === undefined) throw new Error(`There is no deployment ${number}`);
    return stored.deployment;
  }

  statuses(): Record<number, string> {
    return Object.fromEntries(
      [...this.#deployments.values()].map(({ deployment }) => [
        Number(deployment.id.slice(-12)),
        deployment.status,
      ]),
    );
  }

  events(number: number): readonly DeploymentEvent[] {
    return this.#events.get(idOf(number)) ?? [];
  }

  entries(environment = 'production'): readonly QueueEntry[] {
    return this.#queues.get(environment)?.entries ?? [];
  }

  set(put: EnvironmentPut, environment = 'production'): void {
    const command = { name: environment, caller: owner, precondition: () => undefined };
    this.#run(putEnvironment(command, put, this.#at()));
  }

  /** Claims; the call and the token are named after the deployment unless said otherwise. */
  claim(number: number, options: ClaimOptions = {}): Claimed {
    const { call = `call ${number}`, isFirst = true, wait = 30, lease = 60 } = options;
    const { token = `token ${number}`, request, by = caller, override } = options;
    const command = {
      id: idOf(number),
      caller: by,
      call,
      isFirst,
      waitSeconds: wait,
      leaseSeconds: lease,
      tokenHash: hashToken(token),
      request,
      override: override === undefined ? undefined : { reason: override },
    };
    return this.#run(claim(command, this.#at()));
  }

  /** Whether a claim got the lease. */
  start(number: number, options: ClaimOptions = {}): boolean {
    return this.claim(number, options).lease !== undefined;
  }

  /** What a deployment that is claimed waits for: kinds, with the number of the deployment where there is one. */
  blockers(number: number): string[] {
    return this.position(number).blocked_by.map(({ kind, deployment_id: id }) =>
      id === null ? kind : `${kind} ${Number(id.slice(-12))}`,
    );
  }

  position(number: number): QueuePosition {
    return this.#run(positionOf(idOf(number), this.#at()));
  }

  /** @param here the calls of the workers that can be told */
  next(here: readonly string[] = [], environment = 'production'): NextTurns {
    return this.#run(nextTurns(environment, new Set(here), this.#at()));
  }

  /** What a worker gets: the number of a deployment. */
  work(
    call: string,
    selector: Partial<WorkSelector> = {},
    options: WorkOptions = {},
  ): number | undefined {
    const { isFirst = true, wait = 30, caller: by = caller, token = call, request } = options;
    const command = {
      selector: { environment: 'production', ...selector },
      caller: by,
      call,
      isFirst,
      waitSeconds: wait,
      leaseSeconds: 60,
      tokenHash: hashToken(token),
      request,
    };
    const { lease } = this.#run(claimNext(command, this.#at()));
    return lease === undefined ? undefined : Number(lease.id.slice(-12));
  }

  leaveWork(call: string): void {
    this.#run(leaveWork({ environment: 'production', call }, this.#at()));
  }

  /** The numbers of those whose turn it is. */
  ready(environment = 'production'): number[] {
    return [...this.next([], environment).ready.keys()].map((id) => Number(id.slice(-12))).sort();
  }

  /** @param by who asks, and why it is to start although gates are closed */
  patch(
    number: number,
    fields: DeploymentUpdate,
    leaseToken?: string,
    by: { readonly caller?: Caller; readonly override?: string } = {},
  ): Held<Update> {
    const precondition = (): void => undefined;
    const override = by.override === undefined ? undefined : { reason: by.override };
    const asked = { caller: by.caller ?? caller, override };
    const command = { id: idOf(number), fields, leaseToken, precondition, ...asked };
    return this.#run(update(command, this.#at()));
  }

  /** Reports an outcome under the lease of a claim. */
  finish(number: number, status: 'deployed' | 'failed' | 'cancelled' = 'deployed'): void {
    const held = this.patch(number, { status }, `token ${number}`);
    if ('lost' in held) throw held.lost;
  }

  renew(number: number, token = `token ${number}`) {
    return this.#run(renew({ id: idOf(number), caller, token }, this.#at()));
  }

  release(number: number, token = `token ${number}`) {
    return this.#run(release({ id: idOf(number), caller, token }, this.#at()));
  }

  /** Cancels deployments of production, as an operator does. */
  cancel(numbers: readonly number[], reason: string | null = null): readonly StoredDeployment[] {
    const command = { environment: 'production', ids: numbers.map(idOf), reason, caller: owner };
    return this.#run(cancel(command, this.#at()));
  }

  /** Places a lock; its id. */
  lock(create: Partial<LockCreate> = {}, by: Caller = caller): string {
    const whole = { scope: {}, reason: 'an incident', allow: ['rollback' as const], ...create };
    const command = { caller: by, request: undefined };
    return this.#run(createLock(command, whole, this.#newGate())).gate.id;
  }

  unlock(id: string, reason: string | null = null, by: Caller = caller): void {
    this.#run(releaseLock({ id, caller: by, reason }, this.#at()));
  }

  /** Creates a freeze; its id. */
  freeze(create: Pick<FreezeCreate, 'starts' | 'ends'> & Partial<FreezeCreate>): string {
    const rest = { scope: {}, reason: 'holidays', time_zone: 'Etc/UTC' };
    const whole = { ...rest, allow: ['rollback' as const], ...create };
    const command = { caller, request: undefined };
    return this.#run(createFreeze(command, whole, this.#newGate())).gate.id;
  }

  thaw(id: string): void {
    this.#run(deleteFreeze({ id, caller, reason: null }, this.#at()));
  }

  approve(number: number, by: Caller, reason: string | null = null): Approved {
    return this.#run(approve({ id: idOf(number), caller: by, reason }, this.#at()));
  }

  reject(number: number, by: Caller, reason: string | null = null): Approved {
    return this.#run(reject({ id: idOf(number), caller: by, reason }, this.#at()));
  }

  /** The events of locks and freezes. */
  gateEvents(): readonly GateEvent[] {
    return this.#controlsChanges.map(({ event }) => event as GateEvent);
  }

  #newGate() {
    return { id: idOf(900_000 + (this.#gates += 1)), at: this.#at() };
  }

  /** Rolls back, as the deployment of a number. */
  rollBack(
    number: number,
    request: Omit<RollbackRequest, 'selector'> & { of: number },
  ): Deployment {
    const { of, ...rest } = request;
    const identity = { id: idOf(number), at: this.#at() };
    const decision = rollback({ selector: { id: idOf(of) }, ...rest }, caller, identity);
    return this.#run(decision).deployment;
  }

  leave(number: number, call = `call ${number}`): void {
    this.#run(leave({ id: idOf(number), call }, this.#at()));
  }

  expire(environment = 'production'): Expiry {
    return this.#run(expire(environment, this.#at()));
  }

  /** What runs where, and what waits. */
  current(): readonly CurrentState[] {
    const all = [...this.#deployments.values()].map(({ deployment }) => deployment);
    const taxonomies = new Map(all.map((deployment) => [taxonomyKey(deployment), deployment]));
    return this.#run(currentOf([...taxonomies.values()], this.#at()));
  }

  #at(): string {
    return instantOf(this.now);
  }

  #run<Result>(decision: Decision<Result> | Decided<Result>): Result {
    const world: World = {
      deployments: [...this.#deployments.values()],
      events: this.#events,
      queues: this.#queues,
      responses: this.#responses,
      fence: this.#fence,
      controls: this.#controls,
      controlsChanges: this.#controlsChanges,
    };
    const { changes, result } = decideOver(world, decision);
    this.#keep(changes);
    return result;
  }

  #keep({ deployments = {}, events = [], queue, fence, response, controls }: ChangeSet): void {
    for (const stored of deployments.created ?? []) {
      this.#deployments.set(stored.deployment.id, stored);
    }
    if (controls !== undefined) {
      if (controls.to.revision !== this.#controls.revision + 1) throw new Error('no next controls');
      this.#controls = controls.to;
      this.#controlsChanges = [...this.#controlsChanges, controls];
    }
    for (const { from, to } of deployments.updated ?? []) {
      const { id } = to.deployment;
      if (this.#deployments.get(id)?.revision !== from) throw new Error(`${id} is not at ${from}`);
      this.#deployments.set(id, to);
    }
    for (const { deploymentId, event } of events) {
      this.#events.set(deploymentId, [...(this.#events.get(deploymentId) ?? []), event]);
    }
    if (fence !== undefined) {
      if (fence <= this.#fence) throw new Error(`The fence ${fence} does not grow`);
      this.#fence = fence;
    }
    if (response !== undefined) {
      const { owner, key, fingerprint, at: rememberedAt, deployment } = response;
      this.#responses.set(`${owner} ${key}`, { fingerprint, rememberedAt, deployment });
    }
    if (queue === undefined) return;
    const name = queue.to.stored.environment.environment;
    const before = this.#queues.get(name) ?? { head: { revision: 0 }, entries: [] };
    if (before.head.revision !== queue.from) throw new Error(`${name} is not at ${queue.from}`);
    const gone = new Set([...queue.removed, ...queue.put].map(({ kind, id }) => `${kind} ${id}`));
    const left = before.entries.filter(({ kind, id }) => !gone.has(`${kind} ${id}`));
    this.#queues.set(name, { head: queue.to, entries: [...left, ...queue.put] });
  }
}

/** One who may override and configure. */
export const owner = { ...caller, source: 'pat', role: 'admin' } as const;
