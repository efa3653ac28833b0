import type { Caller } from '../callers/caller.js';
import { gatesName } from '../controls/controls.js';
import type { Controls, ControlsChange } from '../controls/controls.js';
import type { Identity } from '../deployments/deployment.js';
import { sourceOf } from '../deployments/events.js';
import { ApplicationError, contractViolation } from '../errors.js';
import { repeats } from '../idempotency/idempotency.js';
import type { IdempotentRequest } from '../idempotency/idempotency.js';
import { scopeFaults, scopeInOneForm } from '../scopes/scope.js';
import type { Scope } from '../scopes/scope.js';
import { maxFreezes, maxGates } from './gate.js';
import type { Freeze, FreezeCalendar, GateEvent, Lock } from './gate.js';
import type { Kept } from './kept.js';

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

/** What passes a lock or a freeze unless it says otherwise. */
export const allowedByDefault: Lock['allow'] = ['rollback'];

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
export function ofRequest<Gate>(
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

/** What a gate or a calendar tells of who made it, and when. */
export function madeBy({ actor, repository, workflow }: Caller, at: string) {
  return {
    created_at: at,
    created_by_actor: actor,
    created_by_repo: repository,
    created_by_workflow: workflow,
  };
}

/** What locks and freezes have in common. */
export function newGate(
  { scope, reason, allow }: Pick<Lock, 'scope' | 'reason' | 'allow'>,
  caller: Caller,
  { id, at }: Identity,
) {
  return { id, scope, reason, allow, ...madeBy(caller, at) };
}

/**
 * Refuses more than an organisation may have.
 *
 * @throws ApplicationError `gates-full`
 */
export function requireRoom({ locks, freezes }: Controls): void {
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
