import { expect } from 'chai';
import type { Caller } from '../../src/domain/callers/caller.js';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import type { Lease, WorkSelector } from '../../src/domain/queue/entries.js';
import type { ClaimService } from './claim-service.js';
import { ModelGates } from './gates.js';
import type { ClosedGate } from './gates.js';
import { taxonomyOf } from './turns.js';
import type { QueueView, Waiter } from './turns.js';

/** Who holds a lease, as its holder knows it. */
export interface Held {
  readonly token: string;
  readonly fence: number;
  readonly seconds: number;
  readonly grantedAt: number;
  expiresAt: number;
  /** Until when the place stays taken although the deployment was cancelled. */
  ended: boolean;
  /** Whether it was seen to have run out. */
  isOver: boolean;
}

/** Who starts something although gates are closed, and why. */
export interface Overriding {
  readonly caller: Caller;
  readonly reason: string;
}

/** Who waits for a deployment, as that one knows it. */
interface KnownWaiter extends Waiter {
  readonly override?: Overriding | undefined;
}

/** A worker that waits; one that is dead has told nobody. */
export interface KnownWorker {
  readonly selector: WorkSelector;
  readonly until: number;
  dead: boolean;
}

/** What pipelines and workers were told, which is all that they know. Instants are milliseconds. */
export class Knowledge {
  settings: EnvironmentPut = {};
  readonly ids: string[] = [];
  readonly held = new Map<string, Held>();
  /** Who waits for a deployment. */
  readonly waiting = new Map<string, KnownWaiter>();
  /** Workers that wait, by their calls. */
  readonly workers = new Map<string, KnownWorker>();
  /** Those that were started without a claim. */
  readonly unleased = new Set<string>();
  /** When what has ended did so last, also what has been put back since. */
  readonly ended = new Map<string, number>();
  /** When a lease was seen to have run out: to the service it has ended then, or a moment before. */
  readonly ranOut = new Map<string, number>();
  /** When one of a taxonomy was started last under a lease. */
  readonly started = new Map<string, number>();
  /** What was locked, frozen and approved. */
  readonly gates = new ModelGates();
  /** Deployments as they were seen last. */
  readonly #seen = new Map<string, Deployment>();
  #calls = 0;
  #fence = 0;
  /** The fences that were given out in a race, in any order. */
  #racing: number[] | undefined;

  /** The names of one more call, and of its token. */
  nextCall(): { call: string; token: string } {
    this.#calls += 1;
    return { call: `call ${this.#calls}`, token: `token ${this.#calls}` };
  }

  waits(id: string, now: number): boolean {
    return (this.waiting.get(id)?.until ?? 0) > now;
  }

  /** Whether somebody holds the deployment, to their knowledge. */
  isHeld(id: string, now: number): boolean {
    const held = this.held.get(id);
    return held !== undefined && !held.ended && held.expiresAt > now;
  }

  isUnleased({ id, status }: Deployment): boolean {
    return status === 'in_progress' && this.unleased.has(id);
  }

  /** Whether what was started without a claim keeps no place any more. */
  isPast(deployment: Deployment, now: number): boolean {
    const { unleased_hold_seconds: seconds } = this.settings;
    const start = Date.parse(deployment.started_at ?? '');
    return this.isUnleased(deployment) && seconds != null && start + seconds * 1000 <= now;
  }

  /** Whether its lease has run out, and nobody has taken note yet. */
  isOverdue(deployment: Deployment, now: number): boolean {
    const { id, status } = deployment;
    return status === 'in_progress' && !this.isUnleased(deployment) && !this.isHeld(id, now);
  }

  /** The gates that stand closed for a deployment. */
  closedFor(deployment: Deployment, now: number): ClosedGate[] {
    const { required_approvals: required = 0 } = this.settings;
    const isOverdue = this.isOverdue(deployment, now);
    return this.gates.closedFor(deployment, { required, now, isOverdue });
  }

  get isRacing(): boolean {
    return this.#racing !== undefined;
  }

  /** Those who are given something at the same moment may be told of it in any order. */
  async race(racers: readonly (() => Promise<void>)[]): Promise<void> {
    const fences: number[] = (this.#racing = []);
    await Promise.all(racers.map((race) => race()));
    this.#racing = undefined;
    expect(new Set(fences).size, 'no fence is given twice').to.equal(fences.length);
    this.#fence = Math.max(this.#fence, ...fences);
  }

  /** Takes note of a lease. */
  hold(lease: Lease, deployment: Deployment, token: string, now: number): void {
    const { id, fence, seconds, expiresAt } = lease;
    // What had run out, and nobody had taken note of, ends as it is started again.
    const before = this.#seen.get(id);
    if (before !== undefined && this.isOverdue(before, now)) this.ended.set(id, now);
    this.started.set(taxonomyOf(deployment), now);
    expect(fence, 'fences only grow').to.be.greaterThan(this.#fence);
    if (this.#racing === undefined) this.#fence = fence;
    else this.#racing.push(fence);
    const held = { token, fence, seconds, grantedAt: now, expiresAt: Date.parse(expiresAt) };
    this.held.set(id, { ...held, ended: false, isOver: false });
  }

  /** Takes note of what has ended. Of each deployment all changes but those of one call have been seen. */
  noteEnds(deployments: readonly Deployment[]): void {
    for (const deployment of deployments) {
      const { id, status, finished_at: end } = deployment;
      if (hasEnded(this.#seen.get(id), deployment)) this.gates.endAttempt(id);
      this.#seen.set(id, deployment);
      if (end !== null) this.ended.set(id, Date.parse(end));
      if (status !== 'in_progress') this.unleased.delete(id);
    }
  }

  noteRanOut(now: number): void {
    for (const [id, held] of this.held) {
      if (held.isOver || held.expiresAt > now) continue;
      held.isOver = true;
      this.ranOut.set(id, now);
    }
  }

  /** How things stand before somebody is given something. */
  view(deployments: readonly Deployment[], now: number): QueueView {
    this.noteEnds(deployments);
    const unleased = deployments.filter((each) => this.isUnleased(each) && !this.isPast(each, now));
    const leased = [...this.held].filter(([, { expiresAt }]) => expiresAt > now);
    return {
      settings: this.settings,
      now,
      deployments,
      waiting: this.waiting,
      hasWorkers: this.workers.size > 0,
      holders: new Set([...leased.map(([id]) => id), ...unleased.map(({ id }) => id)]),
      leased: new Set(leased.flatMap(([id, { ended }]) => (ended ? [] : [id]))),
      unleased: this.unleased,
      ended: this.ended,
      started: this.started,
      closedFor: (deployment) => this.closedFor(deployment, now),
    };
  }
}

/** Whether an attempt was over in between. */
function hasEnded(
  before: Deployment | undefined,
  { status, started_at: started }: Deployment,
): boolean {
  if (status === 'in_progress') {
    return before?.status === 'in_progress' && before.started_at !== started;
  }
  return status !== 'scheduled' && before?.status !== status;
}

/** The service, and what its callers know. */
export interface Scene {
  readonly service: ClaimService;
  readonly known: Knowledge;
}
