import type { Caller } from '../callers/caller.js';
import { nextControls } from '../controls/controls.js';
import type { Controls, ControlsChange } from '../controls/controls.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { Deployment, Identity } from '../deployments/deployment.js';
import { ApplicationError, contractViolation } from '../errors.js';
import { instantOf } from '../instants.js';
import { requireAccess } from '../policies/access.js';
import { scopeOf } from '../scopes/scope.js';
import { isExpired } from './closed.js';
import type { Lock, LockCreate } from './gate.js';
import type { Kept } from './kept.js';
import {
  allowedByDefault,
  changeOf,
  newGate,
  ofRequest,
  requireRoom,
  requireScope,
} from './record.js';
import type { CloseCommand, Closed, OpenCommand } from './record.js';

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
 * A lock that is closed.
 *
 * @throws ApplicationError `lock-not-found`
 */
export function findLock({ locks }: Controls, id: string, at: string): Lock {
  const lock = locks.find(({ gate }) => gate.id === id)?.gate;
  if (lock !== undefined && !isExpired(lock, at)) return lock;
  throw new ApplicationError('lock-not-found', `No lock with id ${id}; it may have been released`);
}

/** The locks that have not expired. */
export function lastingLocks({ locks }: Controls, at: string): readonly Kept<Lock>[] {
  return locks.filter(({ gate }) => !isExpired(gate, at));
}
