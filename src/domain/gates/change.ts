import type { Caller } from '../callers/caller.js';
import { gatesName, nextControls } from '../controls/controls.js';
import type { Controls, ControlsChange } from '../controls/controls.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { Deployment, Identity } from '../deployments/deployment.js';
import { sourceOf } from '../deployments/events.js';
import { ApplicationError, contractViolation } from '../errors.js';
import { requireSoundRule } from '../freezes/faults.js';
import { repeats } from '../idempotency/idempotency.js';
import type { IdempotentRequest } from '../idempotency/idempotency.js';
import { instantOf } from '../instants.js';
import { requireAccess } from '../policies/access.js';
import { scopeFaults, scopeInOneForm, scopeOf } from '../scopes/scope.js';
import type { Scope } from '../scopes/scope.js';
import { isExpired, isOver } from './closed.js';
import type { Kept } from './kept.js';
import { maxFreezes, maxGates } from './gate.js';
import type { Freeze, FreezeCalendar, FreezeCreate, GateEvent, Lock, LockCreate } from './gate.js';

/** Who closes a gate, under which `Idempotency-Key` if there is one. */
export interface CloseCommand {
  readonly caller: Caller;
  readonly request: IdempotentRequest | undefined;
}

/** Who opens which gate, and why. */
export interface OpenCommand {
  readonly id: string;
  readonly caller: Caller;
  readonly reason: string | null;
}

/** A lock or a freeze that was created, now or by the same request before. */
export interface Closed<Gate> {
  readonly gate: Gate;
  readonly replayed: boolean;
}

/**
 * Places a lock.
 *
 * @throws ApplicationError `contract-violation`, `forbidden`, `gates-full`, `idempotency-key-reused`
 */
export function* createLock(
  { caller, request }: CloseCommand,
  create: LockCreate,
  { id, at }: Identity,
): Decision<Closed<Lock>> {
  const scope = requireScope(create.scope);
  const expiresAt = instantOf(create.expires_at, '#/expires_at');
  if (expiresAt !== null && expiresAt <= at) {
    throw contractViolation([{ pointer: '#/expires_at', message: 'must be in the future' }]);
  }
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  requireAccess({ caller, action: 'lock', where: scope }, controls);
  const before = ofRequest(controls.locks, request);
  if (before !== undefined) return { changes: {}, result: { gate: before, replayed: true } };
  const { reason, allow = allowedByDefault } = create;
  const gate = { ...newGate({ scope, reason, allow }, caller, { id, at }), expires_at: expiresAt };
  const lock: Lock = { ...gate, deployment_id: null };
  return {
    changes: { controls: withLock(controls, { gate: lock, request: request ?? null }, caller, at) },
    result: { gate: lock, replayed: false },
  };
}

/**
 * Locks the taxonomy of a rollback, so that what is rolled back from is not deployed again before somebody has
 * released the lock, which has the rollback's id.
 *
 * @param why in words
 * @throws ApplicationError `gates-full`
 */
export function lockedBy(
  rollback: Deployment,
  why: string,
  controls: Controls,
  caller: Caller,
): ControlsChange {
  const { id, created_at: at } = rollback;
  const reason = Array.from(why).slice(0, maxReason).join('');
  const gate = newGate({ scope: scopeOf(rollback), reason, allow: ['rollback'] }, caller, {
    id,
    at,
  });
  const lock: Lock = { ...gate, expires_at: null, deployment_id: id };
  return withLock(controls, { gate: lock, request: null }, caller, at);
}

/** What passes a lock or a freeze unless it says otherwise. */
const allowedByDefault: Lock['allow'] = ['rollback'];

/** How long a reason may be. */
const maxReason = 1_024;

/** The controls with one lock more. */
function withLock(
  controls: Controls,
  lock: Kept<Lock>,
  caller: Caller,
  at: string,
): ControlsChange {
  const next = nextControls(controls, { locks: [...lastingLocks(controls, at), lock] }, at);
  requireRoom(next);
  const event = { type: 'lock.created', reason: lock.gate.reason, lock: lock.gate } as const;
  return changeOf(next, event, caller, at);
}

/**
 * Releases a lock, and no other.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `lock-not-found`, `forbidden`
 */
export function* releaseLock({ id, caller, reason }: OpenCommand, at: string): Decision<undefined> {
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  const lock = findLock(controls, id, at);
  requireAccess({ caller, action: 'lock', where: lock.scope }, controls);
  const locks = lastingLocks(controls, at).filter(({ gate }) => gate.id !== id);
  const next = nextControls(controls, { locks }, at);
  const change = changeOf(next, { type: 'lock.released', reason, lock }, caller, at);
  return { changes: { controls: change }, result: undefined };
}

/**
 * Creates a freeze.
 *
 * @throws ApplicationError `contract-violation`, `forbidden`, `gates-full`, `idempotency-key-reused`
 */
export function* createFreeze(
  { caller, request }: CloseCommand,
  create: FreezeCreate,
  { id, at }: Identity,
): Decision<Closed<Freeze>> {
  const scope = requireScope(create.scope);
  const { time_zone, starts, ends, rrule = null } = create;
  const rule = { time_zone, starts, ends, rrule };
  requireSoundRule(rule);
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  requireAccess({ caller, action: 'lock', where: scope }, controls);
  const before = ofRequest(controls.freezes, request);
  if (before !== undefined) return { changes: {}, result: { gate: before, replayed: true } };
  const { reason, allow = allowedByDefault } = create;
  const freeze: Freeze = { ...newGate({ scope, reason, allow }, caller, { id, at }), ...rule };
  if (isOver(freeze, at)) {
    const message = 'must be in the future: the freeze would be over already';
    throw contractViolation([{ pointer: '#/ends', message }]);
  }
  const kept = { gate: freeze, request: request ?? null };
  const next = nextControls(controls, { freezes: [...lastingFreezes(controls, at), kept] }, at);
  requireRoom(next);
  const change = changeOf(next, { type: 'freeze.created', reason, freeze }, caller, at);
  return { changes: { controls: change }, result: { gate: freeze, replayed: false } };
}

/**
 * Deletes a freeze: it is open from now on.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `freeze-not-found`, `forbidden`
 */
export function* deleteFreeze(
  { id, caller, reason }: OpenCommand,
  at: string,
): Decision<undefined> {
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  const freeze = findFreeze(controls, id);
  requireAccess({ caller, action: 'lock', where: freeze.scope }, controls);
  const freezes = lastingFreezes(controls, at).filter(({ gate }) => gate.id !== id);
  const next = nextControls(controls, { freezes }, at);
  const change = changeOf(next, { type: 'freeze.deleted', reason, freeze }, caller, at);
  return { changes: { controls: change }, result: undefined };
}

/**
 * A lock that is closed.
 *
 * @throws ApplicationError `lock-not-found`
 */
export function findLock({ locks }: Controls, id: string, at: string): Lock {
  const lock = locks.find(({ gate }) => gate.id === id)?.gate;
  if (lock !== undefined && !isExpired(lock, at)) return lock;
  throw new ApplicationError('lock-not-found', `No lock with id ${id}; it may have been released`);
}

/**
 * A freeze.
 *
 * @throws ApplicationError `freeze-not-found`
 */
export function findFreeze({ freezes }: Controls, id: string): Freeze {
  const freeze = freezes.find(({ gate }) => gate.id === id)?.gate;
  if (freeze !== undefined) return freeze;
  throw new ApplicationError('freeze-not-found', `No freeze with id ${id}; it may be over`);
}

/** The locks that have not expired. */
export function lastingLocks({ locks }: Controls, at: string): readonly Kept<Lock>[] {
  return locks.filter(({ gate }) => !isExpired(gate, at));
}

/** The freezes that are closed now, or will be. */
export function lastingFreezes({ freezes }: Controls, at: string): readonly Kept<Freeze>[] {
  return freezes.filter(({ gate }) => !isOver(gate, at));
}

/**
 * A scope in one form.
 *
 * @throws ApplicationError `contract-violation` with each fault of its globs
 */
export function requireScope(scope: Scope): Scope {
  const faults = scopeFaults(scope);
  if (faults.length > 0) throw contractViolation(faults);
  return scopeInOneForm(scope);
}

/** What the same request has created before, while that is there. */
function ofRequest<Gate>(
  kept: readonly Kept<Gate>[],
  request: IdempotentRequest | undefined,
): Gate | undefined {
  if (request === undefined) return undefined;
  const { owner, key } = request;
  const first = kept.find((one) => one.request?.owner === owner && one.request.key === key);
  if (first?.request == null) return undefined;
  const { fingerprint, at: rememberedAt } = first.request;
  return repeats({ fingerprint, rememberedAt }, request) ? first.gate : undefined;
}

/** What locks and freezes have in common. */
function newGate(
  { scope, reason, allow }: Pick<Lock, 'scope' | 'reason' | 'allow'>,
  { actor, repository, workflow }: Caller,
  { id, at }: Identity,
) {
  return {
    id,
    scope,
    reason,
    allow,
    created_at: at,
    created_by_actor: actor,
    created_by_repo: repository,
    created_by_workflow: workflow,
  };
}

function requireRoom({ locks, freezes }: Controls): void {
  if (locks.length + freezes.length > maxGates) {
    const message = `An organisation has at most ${maxGates} locks and freezes; release some first`;
    throw new ApplicationError('gates-full', message);
  }
  if (freezes.length > maxFreezes) {
    const message = `An organisation has at most ${maxFreezes} freezes; delete some first`;
    throw new ApplicationError('gates-full', message);
  }
}

/** What is created or opened, and why. */
type GateChange = Pick<GateEvent, 'type' | 'reason'> &
  ({ readonly lock: Lock } | { readonly freeze: Freeze } | { readonly calendar: FreezeCalendar });

/** The change to the next controls, with its event. */
export function changeOf(
  to: Controls,
  change: GateChange,
  caller: Caller,
  at: string,
): ControlsChange {
  const { type, reason } = change;
  const gate =
    'lock' in change ? change.lock : 'freeze' in change ? change.freeze : change.calendar;
  const event: GateEvent = {
    revision: to.revision,
    type,
    gate_id: gate.id,
    occurred_at: at,
    scope: gate.scope,
    reason,
    lock: 'lock' in change ? change.lock : null,
    freeze: 'freeze' in change ? ruleOf(change.freeze) : null,
    ...sourceOf(caller),
  };
  return { organisation: caller.organisation, name: gatesName, to, event };
}

function ruleOf({ time_zone, starts, ends, rrule, allow }: Freeze): GateEvent['freeze'] {
  return { time_zone, starts, ends, rrule, allow };
}
