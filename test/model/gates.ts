/**
 * The design's rules of gates, told a second time and in the plainest way. Nothing here comes from `src`, so that
 * the two can contradict each other.
 */
import type { components } from '../../generated/openapi.js';

type Schemas = components['schemas'];
type Deployment = Schemas['Deployment'];
type Scope = Schemas['Scope'];
export type ClosedGate = Schemas['ClosedGate'];

/** What a scope says, and which of the model's places it has. */
interface ModelScope {
  readonly said: Scope;
  covers(place: Deployment): boolean;
}

export const scopes: readonly ModelScope[] = [
  { said: {}, covers: () => true },
  { said: { environment: 'Production' }, covers: () => true },
  { said: { name: 'component-0' }, covers: ({ name }) => name === 'component-0' },
  { said: { region: 'region-0' }, covers: ({ region }) => region === 'region-0' },
  { said: { region: null }, covers: ({ region }) => region === null },
  {
    said: { name: '*-1', region: 'region-*' },
    covers: (at) => at.name === 'component-1' && at.region !== null,
  },
  { said: { environment: 'staging' }, covers: () => false },
];

/** The scope of one taxonomy. */
export function scopeOf({ name, region }: Deployment): Pick<ModelScope, 'covers'> {
  return { covers: (place) => place.name === name && place.region === region };
}

/** A lock, or a freeze that is closed once. Instants are in milliseconds since the epoch. */
export interface ModelGate {
  readonly kind: 'lock' | 'freeze';
  readonly id: string;
  readonly scope: Pick<ModelScope, 'covers'>;
  readonly allowsRollbacks: boolean;
  readonly reason: string;
  readonly owner: string;
  readonly from: number;
  /** `null` for as long as nobody opens it. */
  readonly until: number | null;
  /** Whether somebody has opened it. */
  isOpened: boolean;
}

/** One change of a gate, as its event has to tell it. */
export type ModelGateEvent = Pick<Schemas['GateEvent'], 'type' | 'gate_id' | 'reason' | 'actor'>;

/** How things stand for a deployment. */
interface Standing {
  readonly required: number;
  readonly now: number;
  /** Whether its attempt is over, although nobody has taken note. */
  readonly isOverdue: boolean;
}

/** All locks, freezes and approvals. */
export class ModelGates {
  /** All that there have been, the oldest first. */
  readonly all: ModelGate[] = [];
  readonly events: ModelGateEvent[] = [];
  /** By deployment, who has approved the attempt. */
  readonly #approvals = new Map<string, string[]>();

  close(gate: Omit<ModelGate, 'isOpened'>): void {
    this.all.push({ ...gate, isOpened: false });
    this.#tell(gate, gate.kind === 'lock' ? 'lock.created' : 'freeze.created', gate);
  }

  open(gate: ModelGate, by: { readonly reason: string | null; readonly owner: string }): void {
    gate.isOpened = true;
    this.#tell(gate, gate.kind === 'lock' ? 'lock.released' : 'freeze.deleted', by);
  }

  #tell(
    { id }: Pick<ModelGate, 'id'>,
    type: ModelGateEvent['type'],
    { reason, owner }: { readonly reason: string | null; readonly owner: string },
  ): void {
    this.events.push({ type, gate_id: id, reason, actor: owner });
  }

  /** Those of a kind that nobody has opened, and that are closed or will be. */
  lasting(kind: ModelGate['kind'], now: number): ModelGate[] {
    return this.all.filter(
      (gate) => gate.kind === kind && !gate.isOpened && (gate.until === null || gate.until > now),
    );
  }

  approvalsOf(id: string): readonly string[] {
    return this.#approvals.get(id) ?? [];
  }

  /** Whether somebody may approve what waits, or is to be tried again. */
  mayApprove({ status, created_by_actor: registrar }: Deployment, login: string): boolean {
    if (status !== 'scheduled' && status !== 'failed') return false;
    return registrar?.toLowerCase() !== login.toLowerCase();
  }

  /** @returns whether that is one more: twice by one person is once */
  approve(id: string, login: string): boolean {
    const approvals = this.approvalsOf(id);
    if (approvals.some((other) => other.toLowerCase() === login.toLowerCase())) return false;
    this.#approvals.set(id, [...approvals, login]);
    return true;
  }

  /** Approvals are of one attempt. */
  endAttempt(id: string): void {
    this.#approvals.delete(id);
  }

  /** The gates that stand closed for a deployment. */
  closedFor(deployment: Deployment, { required, now, isOverdue }: Standing): ClosedGate[] {
    const isRollback = deployment.trigger === 'rollback';
    const closed = [...this.lasting('lock', now), ...this.lasting('freeze', now)]
      .filter((gate) => gate.from <= now && gate.scope.covers(deployment))
      .filter((gate) => !(isRollback && gate.allowsRollbacks))
      .map(({ kind, id, reason, owner, until }): ClosedGate => {
        const end = until === null ? null : new Date(until).toISOString();
        return { kind, gate_id: id, reason, owner, until: end };
      });
    const approvals = isOverdue ? 0 : this.approvalsOf(deployment.id).length;
    if (isRollback || approvals >= required) return closed;
    const reason = `${approvals} of ${required} approvals`;
    return [...closed, { kind: 'approval', gate_id: null, reason, owner: null, until: null }];
  }
}

/** Gates in one order, without what is beside them. */
export function inOneOrder(gates: readonly ClosedGate[]): ClosedGate[] {
  return gates
    .map(({ kind, gate_id, reason, owner, until }) => ({ kind, gate_id, reason, owner, until }))
    .sort((a, b) => ((a.gate_id ?? '') < (b.gate_id ?? '') ? -1 : 1));
}

/** What is no gate of all that may be in the way. */
const others: readonly string[] = ['running', 'ahead', 'buffer'];

/** The gates among what keeps a deployment from starting. */
export function gatesAmong(blockers: readonly Schemas['QueueBlocker'][]): ClosedGate[] {
  return inOneOrder(blockers.filter(({ kind }) => !others.includes(kind)) as ClosedGate[]);
}
