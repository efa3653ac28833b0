import { nextControls } from '../controls/controls.js';
import type { Controls } from '../controls/controls.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { Identity } from '../deployments/deployment.js';
import { ApplicationError, contractViolation } from '../errors.js';
import { requireSoundRule } from '../freezes/faults.js';
import { requireAccess } from '../policies/access.js';
import { isOver } from './closed.js';
import type { Freeze, FreezeCreate } from './gate.js';
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
 * A freeze.
 *
 * @throws ApplicationError `freeze-not-found`
 */
export function findFreeze({ freezes }: Controls, id: string): Freeze {
  const freeze = freezes.find(({ gate }) => gate.id === id)?.gate;
  if (freeze !== undefined) return freeze;
  throw new ApplicationError('freeze-not-found', `No freeze with id ${id}; it may be over`);
}

/** The freezes that are closed now, or will be. */
export function lastingFreezes({ freezes }: Controls, at: string): readonly Kept<Freeze>[] {
  return freezes.filter(({ gate }) => !isOver(gate, at));
}
