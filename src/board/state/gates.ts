import type { ClosedGate, Freeze, Lock } from '../../client/contract.js';
import type { Place } from './place.js';
import { compileScope } from '../../domain/scopes/scope.js';
import type { Scope } from '../../domain/scopes/scope.js';
import { span } from './words.js';

/** The locks and freezes of the organisation, as the service had them last. */
export interface Gates {
  readonly locks: readonly Lock[];
  readonly freezes: readonly Freeze[];
}

export const noGates: Gates = { locks: [], freezes: [] };

/** A lock or a freeze that is closed now. */
export interface Closed {
  readonly kind: 'lock' | 'freeze';
  readonly id: string;
  readonly scope: Scope;
  readonly reason: string;
  /** Who closed it; `null` where that is nobody whom GitHub knows. */
  readonly owner: string | null;
  readonly createdAt: string;
  /** When it opens by itself; `null` where it does not, or nobody knows. */
  readonly until: string | null;
  /** Whether rollbacks start nevertheless. */
  readonly allowsRollbacks: boolean;
  /** Whether it came with a rollback. */
  readonly isOfRollback: boolean;
}

/** What is closed at an instant: freezes first, which are of more, and of each the newest first. */
export function closedNow({ locks, freezes }: Gates, now: number): readonly Closed[] {
  const closed = [
    ...freezes.filter((freeze) => freeze.closed).map(closedFreeze),
    ...locks.map(closedLock),
  ];
  return closed
    .filter(({ until }) => until === null || Date.parse(until) > now)
    .sort(
      (a, b) => a.kind.localeCompare(b.kind) || Date.parse(b.createdAt) - Date.parse(a.createdAt),
    );
}

function closedLock(lock: Lock): Closed {
  const isOfRollback = lock.deployment_id !== null;
  return { kind: 'lock', ...common(lock), until: lock.expires_at, isOfRollback };
}

function closedFreeze(freeze: Freeze): Closed {
  return { kind: 'freeze', ...common(freeze), until: freeze.closed_until, isOfRollback: false };
}

function common(gate: Lock | Freeze) {
  return {
    id: gate.id,
    scope: gate.scope,
    reason: gate.reason,
    owner: gate.created_by_actor ?? gate.created_by_repo,
    createdAt: gate.created_at,
    allowsRollbacks: gate.allow.includes('rollback'),
  };
}

/** When the next of what is closed opens by itself, in milliseconds since the epoch; nothing where none does. */
export function nextOpening(closed: readonly Closed[]): number | undefined {
  const ends = closed.flatMap(({ until }) => (until === null ? [] : [Date.parse(until)]));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** Finds what is closed for a place; what it found is remembered for as long as the place's row is there. */
export function closedIn(closed: readonly Closed[]): (place: Place) => readonly Closed[] {
  const compiled = closed.map((gate) => ({ gate, has: compileScope(gate.scope) }));
  const found = new WeakMap<Place, readonly Closed[]>();
  return (place) => {
    let here = found.get(place);
    if (here === undefined) {
      here = compiled.filter(({ has }) => has(place)).map(({ gate }) => gate);
      found.set(place, here);
    }
    return here;
  };
}

/** Until when something is closed, with what is left of it: `opens in 3 h`. */
export function endOf({ kind, until }: Pick<Closed, 'kind' | 'until'>, now: number): string {
  if (until !== null) return `opens in ${span(Date.parse(until) - now)}`;
  return kind === 'lock' ? 'until it is unlocked' : 'no end is known';
}

const kinds: Readonly<Record<string, string>> = { lock: 'locked', freeze: 'frozen' };

/** A gate that is or was closed, as queues and events tell of it. */
type Told = Pick<ClosedGate, 'until'> & {
  readonly kind: string;
  readonly owner: string | null;
  readonly reason: string | null;
};

/**
 * What a gate that is closed says, in a line: `locked by octocat, opens in 3 h: The database is failing over`.
 *
 * @param now for what is closed now; without, of what was closed, nothing is said of its end
 */
export function gateInWords({ kind, owner, reason, until }: Told, now?: number): string {
  if (kind === 'approval') return ['not approved yet', reason].filter(Boolean).join(': ');
  const left = now === undefined || until === null ? 0 : Date.parse(until) - now;
  const what = [
    `${kinds[kind] ?? kind.replaceAll('_', ' ')}${owner === null ? '' : ` by ${owner}`}`,
    ...(left > 0 ? [`opens in ${span(left)}`] : []),
  ].join(', ');
  return reason === null ? what : `${what}: ${reason}`;
}

/** Gates that stood closed when something happened, each in a line. */
export function gatesInWords(gates: readonly ClosedGate[]): readonly string[] {
  return gates.map((gate) => gateInWords(gate));
}
