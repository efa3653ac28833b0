import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import { until } from '../support/until.js';
import { leaseSeconds } from './history.js';
import type { Asked, Call, Outcome, Told } from './history.js';

/** How many claim in an environment. */
const callers = 3;

interface Response {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: {
    readonly id?: string;
    readonly status?: string;
    readonly lease?: { readonly token: string; readonly fence: number };
    readonly type?: string;
    readonly detail?: string;
  };
}

/** What a request comes to; `lost` when nobody can say whether it was carried out. */
type Answer = Response | 'lost' | 'not sent';

/** What a caller who is granted a lease knows. */
interface Grant {
  readonly token: string;
  readonly fence: number;
}

/**
 * Callers of one environment, all of which exclude each other: they register, claim, hold for a moment and report, give
 * back or die. Each goes to any of several services, and again to any when nothing came of it. All is written down.
 */
export class QueueLoad {
  readonly history: Call[] = [];
  /** How many deployments came to rest. */
  turns = 0;
  /** How many holders died without a word. */
  deaths = 0;
  readonly #environment: string;
  readonly #services: () => readonly string[];
  readonly #random: Random;
  #ending = false;
  #running: Promise<unknown> = Promise.resolve();

  /** @param services where services may be, now */
  constructor(environment: string, services: () => readonly string[], random: Random) {
    this.#environment = environment;
    this.#services = services;
    this.#random = random;
  }

  async begin(): Promise<void> {
    const settings = { order: 'oldest', exclusive: 'environment' };
    const path = `/environments/${this.#environment}`;
    await until('there is the environment', async () => {
      const answer = await this.#send('PUT', path, settings);
      return typeof answer === 'object' && answer.status < 300;
    });
    this.#running = Promise.all(Array.from({ length: callers }, (_, nth) => this.#live(nth)));
    // Whoever waits for the end is told.
    this.#running.catch(() => undefined);
  }

  /** Fails as soon as a caller is told what nobody should be. */
  get running(): Promise<unknown> {
    return this.#running;
  }

  /** Nobody registers any more; everybody has the turn that it waits for. */
  async finish(): Promise<void> {
    this.#ending = true;
    await this.#running;
    const ids = this.history.flatMap(({ told }) => (told.is === 'registered' ? [told.id] : []));
    for (const id of new Set(ids)) await this.#read(id);
  }

  async #live(nth: number): Promise<void> {
    for (let version = 1; !this.#ending; version += 1) {
      const id = await this.#register(nth, version);
      await this.#take(id);
      this.turns += 1;
    }
  }

  async #register(nth: number, version: number): Promise<string> {
    const body = {
      name: `component-${nth}`,
      version: String(version),
      environment: this.#environment,
      provider: 'gcp',
      type: 'k8s',
      auto: false,
    };
    const key = `${this.#environment}-${nth}-${version}`;
    for (;;) {
      const told = await this.#ask({ do: 'register', key }, async () => {
        const answer = await this.#send('POST', '/deployments', body, { 'Idempotency-Key': key });
        if (typeof answer !== 'object' || answer.body.id === undefined) return failed(answer);
        return { is: 'registered', id: answer.body.id, replayed: answer.replayed };
      });
      if (told.is === 'registered') return told.id;
      await this.#pause();
    }
  }

  /** Has the turn of a deployment, or as many as it takes until it is over. */
  async #take(id: string): Promise<void> {
    for (;;) {
      if (this.#chance(20)) await this.#read(id);
      // Now and then a second call for the same deployment, of which one is served.
      const granted = this.#chance(15)
        ? (await Promise.all([this.#claim(id), this.#claim(id)])).find(
            (each) => each !== 'waits' && each !== 'over',
          )
        : await this.#claim(id);
      if (granted === 'over') return;
      if (granted === undefined || granted === 'waits') continue;
      if (await this.#hold(id, granted)) return;
    }
  }

  async #claim(id: string): Promise<Grant | 'waits' | 'over'> {
    let grant: Grant | undefined;
    const told = await this.#ask({ do: 'claim', id }, async () => {
      const claim = {
        wait_seconds: Math.floor(this.#random.next() * 4),
        lease_seconds: leaseSeconds,
      };
      const answer = await this.#send('POST', `/deployments/${id}/claim`, claim);
      if (isProblem(answer, 'lease-held')) return { is: 'held' };
      if (isProblem(answer, 'claim-not-allowed')) return { is: 'over' };
      if (typeof answer !== 'object') return failed(answer);
      if (answer.status === 202) return { is: 'waits' };
      grant = answer.body.lease;
      return grant === undefined ? failed(answer) : { is: 'granted', fence: grant.fence };
    });
    if (grant !== undefined) return grant;
    if (told.is === 'over') return 'over';
    // A lease that was given to nobody runs out.
    if (told.is !== 'waits') await this.#pause();
    return 'waits';
  }

  /** @returns whether the deployment is over, as far as its holder knows */
  async #hold(id: string, { token, fence }: Grant): Promise<boolean> {
    await sleep(this.#random.next() * 40);
    if (this.#chance(15)) {
      const told = await this.#ask({ do: 'renew', id, fence }, () =>
        this.#holder('PUT', `/deployments/${id}/lease`, token),
      );
      if (told.is === 'lost') return false;
    }
    if (this.#chance(3)) {
      this.deaths += 1;
      return false;
    }
    if (this.#chance(8)) {
      await this.#repeat({ do: 'release', id, fence }, () =>
        this.#holder('DELETE', `/deployments/${id}/lease`, token),
      );
      return false;
    }
    const to: Outcome = this.#chance(10) ? 'failed' : 'deployed';
    const told = await this.#repeat({ do: 'report', id, fence, to }, () =>
      this.#holder('PATCH', `/deployments/${id}`, token, { status: to }),
    );
    // Whether an earlier try was taken is told by the next claim.
    return told.is === 'done' && to === 'deployed';
  }

  async #holder(method: string, path: string, token: string, body?: object): Promise<Told> {
    const answer = await this.#send(method, path, body, { 'Lease-Token': token });
    if (typeof answer === 'object' && answer.status < 300) return { is: 'done' };
    if (isProblem(answer, 'lease-lost')) return { is: 'lost' };
    return failed(answer);
  }

  async #read(id: string): Promise<void> {
    await this.#repeat({ do: 'read', id }, async () => {
      const answer = await this.#send('GET', `/deployments/${id}`);
      if (typeof answer !== 'object' || answer.status !== 200) return failed(answer);
      return { is: 'status', status: answer.body.status ?? '' };
    });
  }

  /** Asks until there is an answer; each time is a call of its own. */
  async #repeat(asked: Asked, ask: () => Promise<Told>): Promise<Told> {
    for (;;) {
      const told = await this.#ask(asked, ask);
      if (told.is !== 'unknown' && told.is !== 'refused') return told;
      await this.#pause();
    }
  }

  async #ask(asked: Asked, ask: () => Promise<Told>): Promise<Told> {
    const from = performance.now();
    const told = await ask();
    this.history.push({ asked, told, from, to: performance.now() });
    return told;
  }

  async #send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const services = this.#services();
    if (services.length === 0) return 'not sent';
    try {
      const response = await fetch(`${this.#random.pick(services)}/v1${path}`, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        replayed: response.headers.get('idempotent-replayed') === 'true',
        body: text === '' ? {} : (JSON.parse(text) as Response['body']),
      };
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
      return code === 'ECONNREFUSED' ? 'not sent' : 'lost';
    }
  }

  #chance(inHundred: number): boolean {
    return this.#random.next() * 100 < inHundred;
  }

  async #pause(): Promise<void> {
    await sleep(50 + this.#random.next() * 200);
  }
}

function isProblem(answer: Answer, code: string): boolean {
  return typeof answer === 'object' && answer.body.type?.endsWith(`:${code}`) === true;
}

/**
 * What an answer means that is none of those that were expected.
 *
 * @throws Error when nobody here should get it
 */
function failed(answer: Answer): Told {
  if (answer === 'lost') return { is: 'unknown' };
  if (answer === 'not sent') return { is: 'refused' };
  const { status, body } = answer;
  if (status !== 503) throw new Error(`${status} ${JSON.stringify(body)}`);
  return { is: body.detail?.includes('may have been') === true ? 'unknown' : 'refused' };
}
