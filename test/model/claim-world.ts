import { expect } from 'chai';
import { putEnvironment } from '../../src/domain/environments/change.js';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import { nextTurns } from '../../src/domain/queue/next.js';
import type { Store } from '../../src/store/store.js';
import { caller } from '../support/stored.js';
import { approve, override, rejectOne, requireApprovals } from './approval-acts.js';
import { claimById, giveUp, intrude, overtake, register, rollBack } from './claim-acts.js';
import { requireEvents, requirePromises } from './claim-checks.js';
import type { Rest } from './claim-checks.js';
import { Knowledge } from './claim-knowledge.js';
import type { Scene } from './claim-knowledge.js';
import { ClaimService, environment } from './claim-service.js';
import type { Step } from './claim-steps.js';
import { createOneFreeze, openAll, placeLock, releaseOne, thawOne } from './gate-acts.js';
import { requireGateEvents } from './gate-checks.js';
import { releaseLease, renewLease, report } from './holder-acts.js';
import { cancelOne, expireDue, patch } from './status-acts.js';
import { endWorker, selectorOf, work } from './worker-acts.js';

/** Pipelines and workers of one environment, who know what they were told and nothing else. */
export class ClaimsWorld implements Scene {
  readonly service: ClaimService;
  readonly known = new Knowledge();

  constructor(open: () => Promise<Store>) {
    this.service = new ClaimService(open);
  }

  async begin(settings: EnvironmentPut): Promise<void> {
    const { service, known } = this;
    await service.start();
    known.settings = settings;
    const owner = { ...caller, source: 'development' } as const;
    const command = { name: environment, caller: owner, precondition: () => undefined };
    await service.change(() => putEnvironment(command, settings, service.at()));
    // Something to return to.
    for (const nth of [0, 1]) {
      await this.#perform({ do: 'register', component: 0, place: 0, auto: true });
      await this.#with(nth, (id) => patch(this, id, 'deployed'));
    }
    service.clock.forward(100);
  }

  async end(): Promise<void> {
    await this.service.end();
  }

  /** Does one thing, lets all whose turn it is go, and looks at what must hold. */
  async take(step: Step): Promise<void> {
    // No two come at the same instant.
    this.service.clock.forward(1);
    this.known.noteRanOut(this.service.now());
    await this.#perform(step);
    await requirePromises(this, await this.#letGo());
  }

  /** Everybody does what is left to do; then nothing is in anybody's way. */
  async finish(): Promise<void> {
    const { service, known } = this;
    await openAll(this);
    await requirePromises(this, await this.#letGo());
    for (let round = 0; round < 3 * known.ids.length + 3; round += 1) {
      for (const id of [...known.held.keys()]) await report(this, id, 'deployed');
      service.clock.forward(60);
      await expireDue(this);
      const next = (await service.deployments()).find(({ status }) => status === 'scheduled');
      if (next === undefined) break;
      await claimById(this, next.id, 60);
      await requirePromises(this, await this.#letGo());
    }
    for (const id of [...known.held.keys()]) await report(this, id, 'deployed');
    const deployments = await service.deployments();
    const left = deployments.filter(({ status }) => status === 'scheduled');
    // What was started without a claim may run for ever, and keep its taxonomy.
    const isTaken = deployments.some(({ status }) => status === 'in_progress');
    if (!isTaken) expect(left.map(({ version }) => version)).to.deep.equal([]);
    await requireEvents(this);
    await requireGateEvents(this);
  }

  async #perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'register':
        return register(this, step);
      case 'rollback':
        return rollBack(this, step);
      case 'work':
        return work(this, selectorOf(step.place));
      case 'workersRace':
        return this.known.race(
          Array.from({ length: step.count }, () => () => work(this, selectorOf(undefined))),
        );
      case 'workerLeaves':
      case 'workerDies':
        return endWorker(this, step.who, step.do === 'workerDies');
      case 'time':
        this.service.clock.forward(step.seconds);
        return;
      case 'expire':
        return expireDue(this);
      case 'restart':
        return this.service.restart();
      case 'race':
        return this.known.race(
          step.whos.map((one) => () => this.#with(one, (id) => claimById(this, id, 60))),
        );
      case 'lock':
        return placeLock(this, step);
      case 'unlock':
        return releaseOne(this, step);
      case 'freeze':
        return createOneFreeze(this, step);
      case 'thaw':
        return thawOne(this, step);
      case 'require':
        return requireApprovals(this, step.people);
      case 'approve':
        return approve(this, step);
      default:
        await this.#with(step.who, (id) => this.#act(step, id));
    }
  }

  async #with(number: number, act: (id: string) => Promise<void>): Promise<void> {
    const { ids } = this.known;
    const id = ids[number % Math.max(1, ids.length)];
    if (id !== undefined) await act(id);
  }

  async #act(step: Extract<Step, { readonly who: number }>, id: string): Promise<void> {
    switch (step.do) {
      case 'claim':
        return claimById(this, id, step.lease);
      case 'report': {
        const isHeld = this.known.held.has(id);
        await report(this, id, step.status);
        // A pipeline that has failed runs again.
        if (isHeld && step.status === 'failed') await claimById(this, id, 60);
        return;
      }
      case 'renew':
        return renewLease(this, id);
      case 'release':
        return releaseLease(this, id);
      case 'cancel':
        return cancelOne(this, id);
      case 'look':
        return;
      case 'intrude':
        return intrude(this, id);
      case 'overtake':
        return overtake(this, id);
      case 'leave':
        return giveUp(this, id);
      case 'patch':
        return patch(this, id, step.status);
      case 'reject':
        return rejectOne(this, id, step.by);
      case 'override':
        return override(this, id, step);
    }
  }

  /** Those whose turn it is go, as the service wakes them: after that, nobody's turn is free. */
  async #letGo(): Promise<Rest> {
    const { service, known } = this;
    for (let round = 0; ; round += 1) {
      const now = service.now();
      const here = [...known.workers].flatMap(([call, { dead, until }]) =>
        dead || until <= now ? [] : [call],
      );
      const { ready, againAt } = await service.change(() =>
        nextTurns(environment, new Set(here), service.at(now)),
      );
      if (ready.size === 0) return { now, againAt };
      expect(round, 'who is woken goes, or is told why not').to.be.lessThan(known.ids.length + 1);
      for (const [id, call] of ready) {
        const worker = known.workers.get(id);
        if (worker !== undefined) {
          await work(this, worker.selector, call);
          continue;
        }
        const waiter = known.waiting.get(id);
        expect(waiter?.call, 'only who waits is woken').to.equal(call);
        await claimById(this, id, 60, { woken: call, override: waiter?.override });
      }
    }
  }
}
