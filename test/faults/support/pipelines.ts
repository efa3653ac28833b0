import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, noCredentials } from '../../../src/client/client.js';
import type { DeploymentQueueClient } from '../../../src/client/client.js';
import type { Processes } from '../../support/process.js';
import type { Random } from '../../support/random.js';
import { LateHolders } from './late-holders.js';
import { holderScript, readNotes } from './notes.js';
import { expiredOf, faultsOf } from './turns.js';
import type { Recorded, Wait } from './turns.js';

/** All of one environment exclude each other. */
const environments = ['staging', 'production', 'sandbox'];
const components = ['checkout', 'search', 'billing'];
/** The shortest lease that there is, in seconds. */
const leaseSeconds = 10;
/** For how long a place is kept for a caller who does not come back, in milliseconds. */
const keptMs = 30_000;
/** How long it may take until the next turn begins or ends, in milliseconds: leases end much sooner. */
const stalledMs = 120_000;

/** How a run of a pipeline came out. */
interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
  /** The deployment, once it was registered. */
  readonly id: string | undefined;
}

/**
 * Pipelines, each a process that runs `deployment-queue run` and another one that it starts: it registers a version,
 * waits for its turn, carries it out under a lease, and reports. Some are killed as they hold or wait; whoever is runs
 * again, until its version is deployed, and goes on to the next one.
 */
export class Pipelines {
  /** How many versions were deployed. */
  turns = 0;
  /** How many holders were killed. */
  holdersKilled = 0;
  /** How many were killed as they waited. */
  waitersKilled = 0;
  /** How many turns began and ended. */
  steps = 0;
  readonly late: LateHolders;
  readonly #url: string;
  readonly #processes: Processes;
  readonly #random: Random;
  readonly #kills: number;
  readonly #client: DeploymentQueueClient;
  readonly #waits: Wait[] = [];
  readonly #registered = new Set<string>();
  #isEnding = false;
  #isStopped = false;
  #isOver = false;
  #failure: unknown;

  /**
   * @param url where the service is, whichever process that is
   * @param kills how many holders are to be killed
   */
  constructor(url: string, processes: Processes, random: Random, kills: number) {
    this.#url = url;
    this.#processes = processes;
    this.#random = random;
    this.#kills = kills;
    const retry = { maxDelayMs: 500, timeoutMs: 300_000 };
    this.#client = createClient({ url, credentials: noCredentials(), retry });
    this.late = new LateHolders(url, random);
  }

  async begin(): Promise<void> {
    for (const environment of environments) {
      const settings = { order: 'oldest', exclusive: 'environment' } as const;
      await this.#client.putEnvironment(environment, settings);
    }
    const all = environments.flatMap((environment) =>
      components.map((name) => this.#pipeline(environment, name)),
    );
    Promise.all(all).then(
      () => (this.#isOver = true),
      (error: unknown) => (this.#failure = error),
    );
  }

  /** Waits until more than so many turns have begun or ended, however slow the machine is. */
  async goOn(steps: number): Promise<void> {
    const end = this.steps + steps;
    await this.#watch(() => this.steps > end);
  }

  /** Goes on until so many holders have been killed, and everybody has had the turn that they wait for. */
  async finish(): Promise<void> {
    this.#isEnding = true;
    await this.#watch(() => this.#isOver);
  }

  /** Runs nothing more, so that what still runs can be ended. */
  stop(): void {
    this.#isStopped = true;
  }

  /** How often it was seen for how long somebody had waited. */
  get waits(): number {
    return this.#waits.length;
  }

  /** What is wrong with what the holders and the service have recorded, and how many leases ran out. */
  async judge(): Promise<{ faults: string[]; expired: number }> {
    const recorded: Recorded[] = [];
    for await (const deployment of this.#client.listAllDeployments({ limit: 1000 })) {
      const events = [];
      for await (const event of this.#client.listAllDeploymentEvents(deployment.id)) {
        events.push(event);
      }
      recorded.push({ deployment, events });
    }
    const stored = new Set(recorded.map(({ deployment }) => deployment.id));
    const lost = [...this.#registered].filter((id) => !stored.has(id));
    const faults = [
      ...lost.map((id) => `${id} was registered, and is lost`),
      ...this.late.heard,
      ...faultsOf(recorded, readNotes(this.#notesPath), this.#waits, leaseSeconds * 1000),
    ];
    if (stored.size !== this.turns) faults.push(`${stored.size} for ${this.turns} versions`);
    return { faults, expired: expiredOf(recorded) };
  }

  /** Waits for something, and for no longer once nobody has a turn any more. */
  async #watch(isDone: () => boolean): Promise<void> {
    let steps = this.steps;
    let since = performance.now();
    while (!isDone()) {
      if (this.#failure !== undefined) throw this.#failure as Error;
      if (this.steps > steps) [steps, since] = [this.steps, performance.now()];
      if (performance.now() - since > stalledMs) throw await this.#stalled();
      await sleep(5);
    }
  }

  async #stalled(): Promise<Error> {
    const { deployments } = await this.#client.listDeployments({ limit: 1000 });
    const left = deployments.filter(({ status }) => status !== 'deployed');
    const states = left.map(
      ({ id, name, environment, status }) => `${id} (${name}, ${environment}, ${status})`,
    );
    return new Error(`Nobody had a turn for ${stalledMs} ms; not deployed: ${states.join(', ')}`);
  }

  get #notesPath(): string {
    return join(this.#processes.folder, 'notes');
  }

  async #pipeline(environment: string, name: string): Promise<void> {
    const isOver = () => this.#isStopped || (this.#isEnding && this.holdersKilled >= this.#kills);
    for (let version = 1; !isOver(); version += 1) {
      let id: string | undefined;
      for (let isDeployed = false; !isDeployed;) {
        const outcome = await this.#run(environment, name, String(version));
        if (id !== undefined && outcome.id !== undefined && outcome.id !== id) {
          throw new Error(`${id} was registered again as ${outcome.id}`);
        }
        id ??= outcome.id;
        if (this.#isStopped) return;
        isDeployed = outcome.code === 0 || (await this.#hasEnded(outcome, id));
      }
      this.turns += 1;
      this.steps += 1;
    }
  }

  /** Waits until nobody holds a deployment any more whose pipeline came to nothing; whether it was deployed. */
  async #hasEnded({ code, stderr }: Outcome, id: string | undefined): Promise<boolean> {
    // It was killed; the deployment is held by somebody else, who was; its lease was lost.
    if (![null, 5, 10].includes(code)) throw new Error(`A pipeline ended with ${code}: ${stderr}`);
    // Some come again at once, and are told that it is held.
    if (id === undefined || (code === null && this.#random.next() < 0.1)) return false;
    for (;;) {
      const { deployment } = await this.#client.getDeployment(id);
      if (deployment.status !== 'in_progress') return deployment.status === 'deployed';
      await sleep(250);
    }
  }

  async #run(environment: string, name: string, version: string): Promise<Outcome> {
    // A few hold for longer than a lease lasts, which they renew.
    const isLong = this.#random.next() < 0.02;
    const holdMs = isLong ? leaseSeconds * 1000 + 1500 : this.#random.next() * 600;
    const settings = {
      DEPLOYMENT_QUEUE_URL: this.#url,
      DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '5m',
      NOTES: this.#notesPath,
      HOLD_SECONDS: String(holdMs / 1000),
    };
    const run = this.#processes.run(settings, 'generated/deployment-queue.js', [
      ...['run', '--name', name, '--version', version, '--environment', environment],
      ...['--provider', 'gcp', '--type', 'k8s', '--lease', `${leaseSeconds}s`],
      ...[
        '--idempotency-key',
        `${environment}-${name}-${version}`,
        '--',
        'sh',
        '-ec',
        holderScript,
      ],
    ]);
    let endedAt = Infinity;
    let holder: { readonly pid: number; readonly token: string } | undefined;
    let stderr = '';
    let id: string | undefined;
    let since: Promise<number | undefined> | undefined;
    const kill = (): void => {
      if (endedAt < Infinity) return;
      endedAt = Date.now();
      run.signal('SIGKILL');
      if (holder === undefined) this.waitersKilled += 1;
      else {
        this.holdersKilled += 1;
        if (id !== undefined) this.late.died(id, holder.token);
        // Its command may live on for a moment, or die with it.
        if (this.#random.next() < 0.5) endGroup(holder.pid);
      }
    };
    run.stdout?.once('data', (text: string) => {
      const [pid, token = ''] = text.trim().split(' ');
      holder = { pid: Number(pid), token };
      this.steps += 1;
      if (id !== undefined) this.late.replaced(id);
      const dies = !isLong && this.holdersKilled < this.#kills && this.#random.next() < 0.85;
      if (dies) setTimeout(kill, this.#random.next() * holdMs);
    });
    run.stderr?.on('data', (text: string) => {
      stderr += text;
      id ??= /\(([0-9a-f-]{36})\)/.exec(stderr)?.[1];
      if (id === undefined) return;
      this.#registered.add(id);
      if (since !== undefined || !stderr.includes(' waits at place ')) return;
      since = this.#waitingSince(id);
      if (!isLong && this.#random.next() < 0.1) setTimeout(kill, this.#random.next() * 2000);
    });
    const [code] = (await run.exited) as [number | null];
    endedAt = Math.min(endedAt, Date.now());
    const from = await since;
    if (id !== undefined && from !== undefined) {
      this.#waits.push({ id, from, until: Math.min(endedAt, from + keptMs) });
    }
    return { code, stderr, id };
  }

  /**
   * Since when the service has a deployment wait; `undefined` where it does so no more. When the pipeline says that
   * it waits tells nothing: it first looks up what those are called that it waits for, and has its turn meanwhile.
   */
  async #waitingSince(id: string): Promise<number | undefined> {
    const { waiting_since: since } = await this.#client.getQueuePosition(id);
    return since === null ? undefined : Date.parse(since);
  }
}

/** Kills a command and all that it has started, if it still runs. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
