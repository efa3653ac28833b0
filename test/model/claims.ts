import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Decided, Decision } from '../../src/domain/decision.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { create } from '../../src/domain/deployments/create.js';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { update } from '../../src/domain/deployments/update.js';
import { putEnvironment } from '../../src/domain/environments/change.js';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import { cancel } from '../../src/domain/queue/cancel.js';
import { claim } from '../../src/domain/queue/claim.js';
import { claimNext } from '../../src/domain/queue/claim-next.js';
import type { Lease, WorkSelector } from '../../src/domain/queue/entries.js';
import { expire } from '../../src/domain/queue/expire.js';
import { leave, leaveWork, release, renew } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/queue/lease.js';
import { nextTurns } from '../../src/domain/queue/next.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import type { Store } from '../../src/store/store.js';
import { deploymentBody } from '../support/deployments.js';
import { createMovedClock } from '../support/moved-clock.js';
import { caller } from '../support/stored.js';
import { settingsOf, step } from './claim-steps.js';
import type { Step } from './claim-steps.js';
import { capacityOf, groupOf, isClaimRefused, requireTurn, taxonomyOf } from './turns.js';
import type { QueueView, Waiter } from './turns.js';

const environment = 'production';
const waitSeconds = 30;
/** As the design has it, beside the wait. */
const keptSeconds = 30;
/** How long a worker counts beyond its wait. */
const graceSeconds = 5;

/** A place for a store that is empty. */
interface Ground {
  /** Opens the store, for the first time or once more. */
  open(): Promise<Store>;
  clear(): Promise<void>;
}

async function newFile(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
  return {
    open: () => openSqliteStore(join(folder, 'deployments.db')),
    clear: () => rm(folder, { recursive: true }),
  };
}

/** Whatever pipelines do, on a store of their own, the promises of the queue are kept. */
export function keepsPromises(newGround = newFile) {
  return fc.asyncProperty(stepsOf(), async ({ settings, hasWorkers, steps }) => {
    const ground = await newGround();
    const world = new ClaimsWorld(() => ground.open());
    try {
      await world.begin(settings);
      for (const step of steps) if (hasWorkers || !isOfWorkers(step)) await world.take(step);
      await world.finish();
    } finally {
      await world.end();
      await ground.clear();
    }
  });
}

/** Settings, whether there are workers, and what is done. */
function stepsOf(): fc.Arbitrary<{
  settings: EnvironmentPut;
  hasWorkers: boolean;
  steps: Step[];
}> {
  return fc.record({
    settings: settingsOf,
    // Where none is, it is known of everybody since when they wait.
    hasWorkers: fc.boolean(),
    steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
  });
}

/** Makes a decision. */
type Decide<Result> = () => Decision<Result> | Decided<Result>;

/** Who holds a lease, as its holder knows it. */
interface Held {
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

/** Pipelines and workers of one environment, who know what they were told and nothing else. */
class ClaimsWorld {
  readonly #open: () => Promise<Store>;
  readonly #clock = createMovedClock();
  #store: Store | undefined;
  #settings: EnvironmentPut = {};
  #calls = 0;
  #fence = 0;
  /** The fences that were given out in a race, in any order. */
  #racing: number[] | undefined;
  readonly #ids: string[] = [];
  readonly #held = new Map<string, Held>();
  /** Who waits for a deployment. */
  readonly #waiting = new Map<string, Waiter>();
  /** Workers that wait, by their calls; those that are dead have told nobody. */
  readonly #workers = new Map<string, { selector: WorkSelector; until: number; dead: boolean }>();

  /** When what has ended did so last, also what has been put back since. */
  readonly #ended = new Map<string, number>();
  /** When a lease was seen to have run out: to the service it has ended then, or a moment before. */
  readonly #ranOut = new Map<string, number>();
  /** When one of a taxonomy was started last under a lease. */
  readonly #started = new Map<string, number>();
  /** Those that were started without a claim. */
  readonly #unleased = new Set<string>();

  constructor(open: () => Promise<Store>) {
    this.#open = open;
  }

  async begin(settings: EnvironmentPut): Promise<void> {
    this.#store = await this.#open();
    this.#settings = settings;
    const owner = { ...caller, source: 'development' } as const;
    const command = { name: environment, caller: owner, precondition: () => undefined };
    await this.#change(() => putEnvironment(command, settings, this.#at()));
    // Something to return to.
    for (const nth of [0, 1]) {
      await this.#perform({ do: 'register', component: 0, place: 0, auto: true });
      await this.#with(nth, (id) => this.#patch(id, 'deployed'));
    }
    this.#clock.forward(100);
  }

  async end(): Promise<void> {
    await this.#store?.close();
  }

  /** Does one thing, lets all whose turn it is go, and looks at what must hold. */
  async take(step: Step): Promise<void> {
    // No two come at the same instant.
    this.#clock.forward(1);
    this.#noteRanOut();
    await this.#perform(step);
    await this.#letGo();
    await this.#check();
  }

  /** Everybody does what is left to do; then nothing is in anybody's way. */
  async finish(): Promise<void> {
    for (let round = 0; round < 3 * this.#ids.length + 3; round += 1) {
      for (const id of [...this.#held.keys()]) await this.#report(id, 'deployed');
      this.#clock.forward(60);
      await this.#change(() => expire(environment, this.#at()));
      const { status, id } = (await this.#deployments()).find(isScheduled) ?? {};
      if (status === undefined || id === undefined) break;
      await this.#claim(id, 60);
      await this.#letGo();
      await this.#check();
    }
    for (const id of [...this.#held.keys()]) await this.#report(id, 'deployed');
    const left = (await this.#deployments()).filter(isScheduled);
    // What was started without a claim may run for ever, and keep its taxonomy.
    const unleased = (await this.#deployments()).some(({ status }) => status === 'in_progress');
    if (!unleased) expect(left.map(({ version }) => version)).to.deep.equal([]);
    await this.#checkEvents();
  }

  async #perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'register': {
        const fields = {
          name: `component-${step.component}`,
          region: `region-${step.place}`,
          version: String(this.#ids.length),
          auto: step.auto,
        };
        const { deployment } = await this.#change(() =>
          create(deploymentBody(fields), caller, this.#clock.newIdentity()),
        );
        this.#ids.push(deployment.id);
        // A pipeline that registers waits for its turn.
        if (!step.auto) await this.#claim(deployment.id, 60);
        return;
      }
      case 'rollback':
        return this.#rollBack(step);
      case 'work':
        return this.#work(selectorOf(step.place));
      case 'workersRace':
        await this.#race(
          Array.from({ length: step.count }, () => () => this.#work(selectorOf(undefined))),
        );
        return;
      case 'workerLeaves':
      case 'workerDies': {
        const calls = [...this.#workers.keys()];
        const call = calls[step.who % Math.max(1, calls.length)];
        const worker = call === undefined ? undefined : this.#workers.get(call);
        if (call === undefined || worker === undefined) return;
        worker.dead = true;
        if (step.do === 'workerDies') return;
        this.#workers.delete(call);
        await this.#change(() => leaveWork({ environment, call }, this.#at()));
        return;
      }
      case 'time':
        this.#clock.forward(step.seconds);
        return;
      case 'expire':
        return this.#expire();
      case 'restart':
        await this.#store?.close();
        this.#store = await this.#open();
        return;
      case 'race':
        await this.#race(
          step.whos.map((one) => () => this.#with(one, (id) => this.#claim(id, 60))),
        );
        return;
      default:
        await this.#with(step.who, (id) => this.#act(step, id));
    }
  }

  /** Those who are given something at the same moment may be told of it in any order. */
  async #race(racers: readonly (() => Promise<void>)[]): Promise<void> {
    const fences: number[] = (this.#racing = []);
    await Promise.all(racers.map((race) => race()));
    this.#racing = undefined;
    expect(new Set(fences).size, 'no fence is given twice').to.equal(fences.length);
    this.#fence = Math.max(this.#fence, ...fences);
  }

  async #with(number: number, act: (id: string) => Promise<void>): Promise<void> {
    const id = this.#ids[number % Math.max(1, this.#ids.length)];
    if (id !== undefined) await act(id);
  }

  async #act(step: Extract<Step, { readonly who: number }>, id: string): Promise<void> {
    switch (step.do) {
      case 'claim':
        return this.#claim(id, step.lease);
      case 'report': {
        const isHeld = this.#held.has(id);
        await this.#report(id, step.status);
        // A pipeline that has failed runs again.
        if (isHeld && step.status === 'failed') await this.#claim(id, 60);
        return;
      }
      case 'renew':
        return this.#renew(id);
      case 'release':
        return this.#release(id);
      case 'cancel':
        return this.#cancel(id);
      case 'look':
        return;
      case 'intrude':
        return this.#intrude(id);
      case 'overtake':
        return this.#overtake(id);
      case 'leave': {
        const call = this.#waiting.get(id)?.call ?? 'nobody';
        this.#waiting.delete(id);
        await this.#change(() => leave({ id, call }, this.#at()));
        return;
      }
      case 'patch':
        return this.#patch(id, step.status);
    }
  }

  async #claim(id: string, seconds: number, call?: string): Promise<void> {
    this.#calls += 1;
    const name = call ?? `call ${this.#calls}`;
    const token = `token ${this.#calls}`;
    const now = this.#now();
    const command = {
      id,
      caller,
      call: name,
      isFirst: call === undefined,
      waitSeconds,
      leaseSeconds: seconds,
      tokenHash: hashToken(token),
      request: undefined,
    };
    const view = this.#racing === undefined ? await this.#view(now) : undefined;
    const claimed = await this.#unlessRefused(() => claim(command, this.#at(now)));
    if (view !== undefined && call === undefined) {
      expect(claimed === undefined, `${id} is refused`).to.equal(isClaimRefused(view, id));
    }
    if (claimed === undefined) {
      // As the service does it: who is refused while waiting gives the place up.
      if (call === undefined) return;
      this.#waiting.delete(id);
      await this.#change(() => leave({ id, call }, this.#at()));
      return;
    }
    if (claimed.lease === undefined) {
      if (call === undefined) {
        const since = this.#waits(id, now) ? (this.#waiting.get(id)?.since ?? now) : now;
        const until = now + (waitSeconds + keptSeconds) * 1000;
        const isRetry = claimed.stored.deployment.status === 'failed';
        this.#waiting.set(id, { call: name, since, until, isRetry });
      }
      expect(claimed.position.position, 'who waits has a position').to.be.a('number');
      return;
    }
    if (view !== undefined) requireTurn(view, id);
    this.#waiting.delete(id);
    this.#hold(claimed.lease, claimed.stored.deployment, token, now);
  }

  /** Under a token that nobody was given nothing is to be had, and nothing changes. */
  async #intrude(id: string): Promise<void> {
    const before = await this.store.read({ read: 'deployment', id });
    const stranger = { id, caller, token: 'that of nobody' };
    expect(await this.#change(() => release(stranger, this.#at()))).to.have.property('lost');
    expect(await this.#change(() => renew(stranger, this.#at()))).to.have.property('lost');
    const report = {
      ...stranger,
      leaseToken: stranger.token,
      fields: { status: 'failed' },
    } as const;
    const answer = await this.#unlessRefused(() =>
      update({ ...report, precondition: () => undefined }, this.#at()),
    );
    if (answer !== undefined) expect(answer).to.have.property('lost');
    expect(await this.store.read({ read: 'deployment', id })).to.deep.equal(before);
  }

  /** A call that a later one has come after gets nothing, even if the turn is free when it looks. */
  async #overtake(id: string): Promise<void> {
    const call = this.#waiting.get(id)?.call;
    if (call === undefined || !this.#waits(id, this.#now())) return;
    await this.#claim(id, 60);
    if (this.#held.has(id)) return;
    for (const held of [...this.#held.keys()]) await this.#report(held, 'failed');
    const tokenHash = hashToken('that of a call which is over');
    const command = { id, caller, call, isFirst: false, waitSeconds, leaseSeconds: 60, tokenHash };
    const claimed = await this.#unlessRefused(() =>
      claim({ ...command, request: undefined }, this.#at()),
    );
    expect(claimed?.lease, 'the newest call for a deployment is served').to.equal(undefined);
  }

  async #rollBack({ component, place, auto }: Extract<Step, { do: 'rollback' }>): Promise<void> {
    const { name, region } = { name: `component-${component}`, region: `region-${place}` };
    const { provider } = deploymentBody();
    const taxonomy = { organisation: caller.organisation, name, environment, provider, region };
    const selector = { taxonomy: { ...taxonomy, cloud_account_id: null, cell: null } };
    const made = await this.#unlessRefused(() =>
      rollback({ selector, auto }, caller, this.#clock.newIdentity()),
    );
    if (made === undefined) return;
    this.#ids.push(made.deployment.id);
    if (!auto) await this.#claim(made.deployment.id, 60);
  }

  async #expire(): Promise<void> {
    const unleased = (await this.#deployments()).filter((each) => this.#isUnleased(each));
    const now = this.#now();
    await this.#change(() => expire(environment, this.#at(now)));
    const after = new Map((await this.#deployments()).map((each) => [each.id, each.status]));
    for (const [id, { expiresAt, ended }] of this.#held) {
      // What was started again without a claim is nothing of its holder's.
      if (expiresAt > now || ended || this.#unleased.has(id)) continue;
      expect(after.get(id), 'who lets a lease run out').not.to.equal('in_progress');
    }
    for (const { id } of unleased) {
      expect(after.get(id), 'what has no lease lets none run out').to.equal('in_progress');
    }
  }

  #isUnleased({ id, status }: Deployment): boolean {
    return status === 'in_progress' && this.#unleased.has(id);
  }

  /** Whether what was started without a claim keeps no place any more. */
  #isPast(deployment: Deployment, now: number): boolean {
    const { unleased_hold_seconds: seconds } = this.#settings;
    const start = Date.parse(deployment.started_at ?? '');
    return this.#isUnleased(deployment) && seconds != null && start + seconds * 1000 <= now;
  }

  /** How things stand before somebody is given something. */
  async #view(now: number): Promise<QueueView> {
    const deployments = await this.#deployments();
    this.#noteEnds(deployments);
    const unleased = deployments.filter(
      (each) => this.#isUnleased(each) && !this.#isPast(each, now),
    );
    const leased = [...this.#held].filter(([, { expiresAt }]) => expiresAt > now);
    return {
      settings: this.#settings,
      now,
      deployments,
      waiting: this.#waiting,
      hasWorkers: this.#workers.size > 0,
      holders: new Set([...leased.map(([id]) => id), ...unleased.map(({ id }) => id)]),
      leased: new Set(leased.flatMap(([id, { ended }]) => (ended ? [] : [id]))),
      unleased: this.#unleased,
      ended: this.#ended,
      started: this.#started,
    };
  }

  #noteEnds(deployments: readonly Deployment[]): void {
    for (const { id, status, finished_at: end } of deployments) {
      if (end !== null) this.#ended.set(id, Date.parse(end));
      if (status !== 'in_progress') this.#unleased.delete(id);
    }
  }

  #noteRanOut(): void {
    const now = this.#now();
    for (const [id, held] of this.#held) {
      if (held.isOver || held.expiresAt > now) continue;
      held.isOver = true;
      this.#ranOut.set(id, now);
    }
  }

  #hold(lease: Lease, deployment: Deployment, token: string, now: number): void {
    const { id, fence, seconds, expiresAt } = lease;
    this.#started.set(taxonomyOf(deployment), now);
    expect(fence, 'fences only grow').to.be.greaterThan(this.#fence);
    if (this.#racing === undefined) this.#fence = fence;
    else this.#racing.push(fence);
    const held = { token, fence, seconds, grantedAt: now, expiresAt: Date.parse(expiresAt) };
    this.#held.set(id, { ...held, ended: false, isOver: false });
  }

  /** A worker asks for something to do, and waits when there is nothing. */
  async #work(selector: WorkSelector, known?: string): Promise<void> {
    this.#calls += 1;
    const call = known ?? `worker ${this.#calls}`;
    const token = `token ${this.#calls}`;
    const now = this.#now();
    const command = {
      selector,
      caller,
      call,
      isFirst: known === undefined,
      waitSeconds,
      leaseSeconds: 60,
      tokenHash: hashToken(token),
      request: undefined,
    };
    const view = this.#racing === undefined ? await this.#view(now) : undefined;
    const { lease } = await this.#change(() => claimNext(command, this.#at(now)));
    if (lease === undefined) {
      const until = now + (waitSeconds + graceSeconds) * 1000;
      if (known === undefined) this.#workers.set(call, { selector, until, dead: false });
      return;
    }
    const { deployment } = (await this.store.read({ read: 'deployment', id: lease.id })) ?? {};
    expect(deployment?.auto, 'workers get what is auto').to.equal(true);
    expect(selector.region ?? deployment?.region).to.equal(deployment?.region);
    expect(this.#waits(lease.id, now), 'workers get nothing that is claimed by its id').to.equal(
      false,
    );
    if (view !== undefined) requireTurn(view, lease.id);
    this.#workers.delete(call);
    if (deployment !== undefined) this.#hold(lease, deployment, token, now);
  }

  #waits(id: string, now: number): boolean {
    return (this.#waiting.get(id)?.until ?? 0) > now;
  }

  async #report(id: string, status: 'deployed' | 'failed'): Promise<void> {
    const held = this.#held.get(id);
    if (held === undefined) return;
    const isLive = !held.ended && held.expiresAt > this.#now();
    const command = {
      id,
      fields: { status },
      caller,
      leaseToken: held.token,
      precondition: () => undefined,
    };
    const answer = await this.#change(() => update(command, this.#at()));
    expect('lost' in answer, 'a lease is lost once it has run out, and not before').to.equal(
      !isLive,
    );
    this.#held.delete(id);
    if (isLive && status === 'deployed') await this.#checkSkips(id);
  }

  /** Once one is deployed, nothing older waits, unless every version has its turn. */
  async #checkSkips(id: string): Promise<void> {
    if (this.#settings.order === 'oldest') return;
    const deployments = await this.#deployments();
    const deployed = deployments.findIndex((each) => each.id === id);
    const taxonomy = deployments
      .slice(deployed, deployed + 1)
      .map(taxonomyOf)
      .join('');
    const waiting = deployments
      .slice(deployed)
      .filter((each) => isScheduled(each) && taxonomyOf(each) === taxonomy);
    expect(waiting.map(({ version }) => version)).to.deep.equal([]);
  }

  async #renew(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (held === undefined) return;
    const now = this.#now();
    const isLive = !held.ended && held.expiresAt > now;
    const answer = await this.#change(() =>
      renew({ id, caller, token: held.token }, this.#at(now)),
    );
    expect('lease' in answer, 'a lease is renewed while it lives').to.equal(isLive);
    if (!('lease' in answer)) {
      this.#held.delete(id);
      return;
    }
    held.expiresAt = Date.parse(answer.lease.expiresAt);
    const { max_hold_seconds: hold } = this.#settings;
    const most = hold == null ? Infinity : held.grantedAt + hold * 1000;
    expect(held.expiresAt).to.equal(Math.min(now + held.seconds * 1000, most));
  }

  async #release(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (held === undefined) return;
    const isLive = !held.ended && held.expiresAt > this.#now();
    const answer = await this.#change(() => release({ id, caller, token: held.token }, this.#at()));
    expect('lost' in answer, 'a lease is given back while it lives').to.equal(!isLive);
    if ('stored' in answer) expect(answer.stored.deployment.status).to.equal('scheduled');
    this.#held.delete(id);
  }

  async #cancel(id: string): Promise<void> {
    await this.#change(() => cancel({ environment, ids: [id], reason: null, caller }, this.#at()));
    const held = this.#held.get(id);
    if (held !== undefined) held.ended = true;
    // What has failed stays as it is, and so does who waits to try it again.
    const { deployment } = (await this.store.read({ read: 'deployment', id })) ?? {};
    if (deployment?.status === 'cancelled') this.#waiting.delete(id);
  }

  /** What a pipeline does that knows nothing of leases. */
  async #patch(
    id: string,
    status: Extract<Step, { readonly do: 'patch' }>['status'],
  ): Promise<void> {
    const before = (await this.#deployments()).find((one) => one.id === id);
    const events = await this.#events(id);
    const held = this.#held.get(id);
    const isLive = held !== undefined && !held.ended && held.expiresAt > this.#now();
    const command = { id, fields: { status }, caller, precondition: () => undefined };
    const answer = await this.#unlessRefused(() => update(command, this.#at()));
    if (isLive) expect(answer, 'only its holder changes the status').to.equal(undefined);
    if (answer === undefined || before === undefined) return;
    // Of what has run out, somebody may not have taken note yet.
    const isOverdue = before.status === 'in_progress' && !isLive && !this.#isUnleased(before);
    const from = isOverdue ? 'failed' : before.status;
    if (before.status !== status) this.#waiting.delete(id);
    if (from === status) return;
    if (status === 'in_progress') {
      expect(this.#settings.lease_required, 'a lease is required to start').to.equal(false);
      this.#unleased.add(id);
    }
    if (status !== 'deployed') return;
    const ranOut = events.findLast(({ to_status: to }) => to === 'failed')?.cause;
    const isLate = isOverdue || (from === 'failed' && ranOut === 'lease_expired');
    expect((await this.#events(id)).at(-1)?.cause).to.equal(isLate ? 'late' : 'request');
    await this.#checkSkips(id);
  }

  /** Those whose turn it is go, as the service wakes them: after that, nobody's turn is free. */
  async #letGo(): Promise<void> {
    for (let round = 0; ; round += 1) {
      const now = this.#now();
      const here = [...this.#workers].flatMap(([call, { dead, until }]) =>
        dead || until <= now ? [] : [call],
      );
      const { ready } = await this.#change(() =>
        nextTurns(environment, new Set(here), this.#at(now)),
      );
      if (ready.size === 0) return;
      expect(round, 'who is woken goes, or is told why not').to.be.lessThan(this.#ids.length + 1);
      for (const [id, call] of ready) {
        const worker = this.#workers.get(id);
        if (worker !== undefined) {
          await this.#work(worker.selector, call);
          continue;
        }
        expect(this.#waiting.get(id)?.call, 'only who waits is woken').to.equal(call);
        await this.#claim(id, 60, call);
      }
    }
  }

  async #check(): Promise<void> {
    this.#noteRanOut();
    const now = this.#now();
    const deployments = await this.#deployments();
    const known = new Map(deployments.map((deployment) => [deployment.id, deployment]));
    this.#noteEnds(deployments);
    if (this.#settings.order === 'oldest') {
      expect(deployments.map(({ status }) => status)).not.to.include('skipped');
    }
    const places = [...this.#held].flatMap(([id, held]) => {
      const deployment = known.get(id);
      return deployment !== undefined && held.expiresAt > now ? [deployment] : [];
    });
    const inGroup = (deployment: Deployment): string => groupOf(this.#settings, deployment);
    for (const group of new Set(places.map(inGroup))) {
      const members = places.filter((deployment) => inGroup(deployment) === group);
      expect(members.length, `those that hold a place of ${group}`).to.be.at.most(
        capacityOf(this.#settings),
      );
      const taxonomies = members.map(taxonomyOf);
      expect(new Set(taxonomies).size, 'of one taxonomy never two').to.equal(taxonomies.length);
    }
    // Who waits does so for a reason: something runs, or ended just now.
    const { buffer_seconds: buffer = 0 } = this.#settings;
    const workers = [...this.#workers.values()].filter(({ until }) => until > now);
    // What one that is dead would have started keeps others waiting until it is known to be gone.
    if (workers.some(({ dead }) => dead)) return;
    for (const waiting of deployments) {
      const { id, status, auto, region } = waiting;
      const isWork =
        auto &&
        status === 'scheduled' &&
        workers.some(({ selector }) => (selector.region ?? region) === region);
      const isClaimed = this.#waits(id, now) && (status === 'scheduled' || status === 'failed');
      if (!isWork && !isClaimed) continue;
      const others = deployments.filter((other) => inGroup(other) === inGroup(waiting));
      const isBusy = others.some(
        (other) =>
          (other.status === 'in_progress' && !this.#isPast(other, now)) ||
          (this.#held.get(other.id)?.expiresAt ?? 0) > now,
      );
      const isBuffered =
        waiting.trigger !== 'rollback' &&
        others.some(({ id: other }) =>
          [this.#ended.get(other), this.#ranOut.get(other)].some(
            (end = -Infinity) => end + buffer * 1000 > now,
          ),
        );
      expect(
        isBusy || isBuffered,
        `nobody waits while its turn is free: ${waiting.version}`,
      ).to.equal(true);
    }
  }

  async #checkEvents(): Promise<void> {
    for (const id of this.#ids) {
      const events = await this.#events(id);
      const stored = await this.store.read({ read: 'deployment', id });
      expect(events.map(({ revision }) => revision)).to.deep.equal(
        Array.from({ length: stored?.revision ?? 0 }, (_, index) => index + 1),
      );
      expect(events.at(-1)?.to_status).to.equal(stored?.deployment.status);
    }
  }

  #events(id: string) {
    return this.store.read({ read: 'events', id, after: 0, limit: 1_000 });
  }

  get store() {
    if (this.#store === undefined) throw new Error('The world has not begun');
    return this.#store.for(caller.organisation);
  }

  async #deployments(): Promise<readonly Deployment[]> {
    const query = { read: 'deployments', filter: {}, limit: 1_000 } as const;
    return (await this.store.read(query)).deployments;
  }

  #change<Result>(decide: Decide<Result>): Promise<Result> {
    return this.store.change('model', decide);
  }

  async #unlessRefused<Result>(decide: Decide<Result>): Promise<Result | undefined> {
    try {
      return await this.#change(decide);
    } catch (error) {
      if (error instanceof ApplicationError && error.code !== 'unavailable') return undefined;
      throw error;
    }
  }

  #now(): number {
    return Date.parse(this.#clock.now());
  }

  #at(now = this.#now()): string {
    return new Date(now).toISOString();
  }
}

function isScheduled({ status }: Deployment): boolean {
  return status === 'scheduled';
}

function isOfWorkers({ do: what }: Step): boolean {
  return what.startsWith('work');
}

function selectorOf(place: number | undefined): WorkSelector {
  return place === undefined ? { environment } : { environment, region: `region-${place}` };
}
