import type { Controls } from '../controls/controls.js';
import type { Deployment } from '../deployments/deployment.js';
import type { Environment } from '../environments/environment.js';
import { ApplicationError } from '../errors.js';
import { closedAt, nextClosed } from '../freezes/closed.js';
import { compileScope } from '../scopes/scope.js';
import type { Place, Scope } from '../scopes/scope.js';
import type { ClosedGate, Freeze, Lock } from './gate.js';

/** What gates ask of a deployment that is to start. */
export interface Subject {
  readonly place: Place;
  readonly isRollback: boolean;
  /** How many people have approved it. */
  readonly approvals: number;
}

/** A lock or a freeze, compiled. */
interface Gate {
  readonly covers: (place: Place) => boolean;
  readonly allowsRollbacks: boolean;
  /** As it stands closed at an instant; `undefined` when it is open. */
  readonly closedAt: (at: string) => ClosedGate | undefined;
}

/** How many gates are named. */
const maxNamed = 20;

const none: readonly ClosedGate[] = [];

/** Controls do not change, so each is compiled once, for as long as it is held. */
const compiled = new WeakMap<Controls, readonly Gate[]>();

/**
 * The gates that are closed for what is to start.
 *
 * @param settings of its environment
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function closedGates(
  controls: Controls,
  settings: Environment,
  { place, isRollback, approvals }: Subject,
  at: string,
): readonly ClosedGate[] {
  const missing = isRollback ? 0 : settings.required_approvals - approvals;
  const gates = gatesOf(controls);
  if (gates.length === 0 && missing <= 0) return none;
  const closed = gates.flatMap((gate) => {
    const passes = (isRollback && gate.allowsRollbacks) || !gate.covers(place);
    return passes ? [] : (gate.closedAt(at) ?? []);
  });
  return missing <= 0 ? closed : [...closed, unapproved(approvals, settings.required_approvals)];
}

/** The gates that are closed for a deployment. */
export function closedFor(
  deployment: Deployment,
  controls: Controls,
  settings: Environment,
  at: string,
): readonly ClosedGate[] {
  const { trigger, approvals } = deployment;
  const isRollback = trigger === 'rollback';
  const subject = { place: deployment, isRollback, approvals: approvals.length };
  return closedGates(controls, settings, subject, at);
}

/**
 * Refuses a start while a gate is closed.
 *
 * @throws ApplicationError `gate-closed`, with those that are
 */
export function requireOpen(closed: readonly ClosedGate[], deployment: Deployment): void {
  if (closed.length > 0) throw new GateClosed(deployment, closed);
}

/** A start is refused, since gates are closed. */
export class GateClosed extends ApplicationError {
  readonly deployment: Deployment;
  readonly closed: readonly ClosedGate[];

  constructor(deployment: Deployment, closed: readonly ClosedGate[]) {
    const why = closed.slice(0, 3).map(describeGate).join('; ');
    const more = closed.length > 3 ? `; and ${closed.length - 3} more` : '';
    super(
      'gate-closed',
      `Deployment ${deployment.id} cannot start: ${why}${more}. Who may override can start it ` +
        'with a reason',
      { blockedBy: closed.slice(0, maxNamed) },
    );
    this.deployment = deployment;
    this.closed = closed;
  }
}

/** A gate in words. */
export function describeGate({ kind, reason, owner, until }: ClosedGate): string {
  if (kind === 'approval') return `it has ${reason}`;
  const whose = owner === null ? '' : ` of ${owner}`;
  const end = until === null ? 'until it is opened' : `until ${until}`;
  return `a ${kind}${whose} is closed ${end} (${reason})`;
}

function unapproved(approvals: number, required: number): ClosedGate {
  const reason = `${approvals} of ${required} approvals`;
  return { kind: 'approval', gate_id: null, reason, owner: null, until: null };
}

function gatesOf(controls: Controls): readonly Gate[] {
  let gates = compiled.get(controls);
  if (gates === undefined) {
    gates = [
      ...controls.locks.map(({ gate }) => compileLock(gate)),
      ...controls.freezes.map(({ gate }) => compileFreeze(gate)),
    ];
    compiled.set(controls, gates);
  }
  return gates;
}

function compileLock(lock: Lock): Gate {
  const { expires_at: until } = lock;
  const closed = describe('lock', lock, until);
  return compile(lock, (at) => (isExpired(lock, at) ? undefined : closed));
}

function compileFreeze(freeze: Freeze): Gate {
  return compile(freeze, (at) => {
    const stretch = closedAt(freeze, at);
    return stretch && describe('freeze', freeze, stretch.until);
  });
}

function compile(
  { scope, allow }: { readonly scope: Scope; readonly allow: Lock['allow'] },
  closed: Gate['closedAt'],
): Gate {
  return {
    covers: compileScope(scope),
    allowsRollbacks: allow.includes('rollback'),
    closedAt: closed,
  };
}

function describe(kind: 'lock' | 'freeze', gate: Lock | Freeze, until: string | null): ClosedGate {
  const owner = gate.created_by_actor ?? gate.created_by_repo;
  return { kind, gate_id: gate.id, reason: gate.reason, owner, until };
}

/** Whether a freeze is open and will not close again. */
export function isOver(freeze: Freeze, at: string): boolean {
  return closedAt(freeze, at) === undefined && nextClosed(freeze, at) === undefined;
}

/** Whether a lock has opened by itself. */
export function isExpired({ expires_at: until }: Lock, at: string): boolean {
  return until !== null && until <= at;
}
