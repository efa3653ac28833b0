import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';

/** The shortest lease that there is, in seconds. */
const leaseSeconds = 10;
/** How many pipelines there are. */
const count = 6;
/** How many of a hundred holders die. */
const deathsInHundred = 4;

interface Answer {
  readonly status: number;
  readonly body: {
    readonly id?: string;
    readonly lease?: { readonly token: string; readonly fence: number };
    readonly type?: string;
  };
}

/**
 * Pipelines that register, wait for their turn, hold it for a moment and report, or die with it; whatever of that is
 * cut by the end of the service is sent again to the next one. All of one environment exclude each other.
 */
export class Pipelines {
  /** How many deployments came to rest. */
  turns = 0;
  /** How many leases were given, and outcomes taken, as far as anybody knows. */
  steps = 0;
  /** How many holders died without a word. */
  deaths = 0;
  /** How many leases were given whose response never came. */
  lost = 0;
  /** Those that held the one place at the same time. */
  readonly together: string[] = [];
  readonly #random: Random;
  readonly #holding = new Map<string, number>();
  #fence = 0;
  #url = '';
  #ending = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(random: Random) {
    this.#random = random;
  }

  async begin(url: string): Promise<void> {
    this.#url = url;
    await this.#call('PUT', '/environments/production', {
      order: 'oldest',
      exclusive: 'environment',
    });
    this.#running = Promise.all(Array.from({ length: count }, (_, index) => this.#pipeline(index)));
  }

  /** Where the service is from now on. */
  moveTo(url: string): void {
    this.#url = url;
  }

  /** Lets everybody have the turn that they wait for. */
  async finish(): Promise<void> {
    this.#ending = true;
    await this.#running;
  }

  async #pipeline(index: number): Promise<void> {
    for (let version = 1; !this.#ending; version += 1) {
      const body = {
        name: `component-${index}`,
        version: String(version),
        environment: 'production',
        provider: 'gcp',
        type: 'k8s',
        auto: false,
      };
      const key = { 'Idempotency-Key': `${index}-${version}` };
      const { body: registered } = await this.#call('POST', '/deployments', body, key);
      await this.#take(registered.id ?? '');
      this.turns += 1;
    }
  }

  /** Has the turn of a deployment, or as many as it takes until one is lived through. */
  async #take(id: string): Promise<void> {
    let told = false;
    for (;;) {
      const claim = { wait_seconds: 20, lease_seconds: leaseSeconds };
      const { status, body } = await this.#call('POST', `/deployments/${id}/claim`, claim);
      if (status === 202) continue;
      if (body.lease === undefined) {
        // The response to an earlier claim was cut, so that nobody knows of its lease: it runs out.
        if (body.type?.endsWith('lease-held') !== true) throw new Error(JSON.stringify(body));
        if (!told) this.lost += 1;
        told = true;
        await sleep(500);
        continue;
      }
      this.steps += 1;
      const { token, fence } = body.lease;
      this.#enter(id, fence);
      await sleep(this.#random.next() * 60);
      if (this.#random.next() * 100 < deathsInHundred) {
        this.deaths += 1;
        // Its lease runs out as well.
        told = true;
        this.#holding.delete(id);
        continue;
      }
      const report = await this.#call(
        'PATCH',
        `/deployments/${id}`,
        { status: 'deployed' },
        { 'Lease-Token': token },
        // From here on the next one may go.
        () => this.#holding.delete(id),
      );
      this.steps += 1;
      // A report that was cut may have been taken: then the lease is over.
      if (report.status === 200 || report.body.type?.endsWith('lease-lost') === true) return;
      throw new Error(JSON.stringify(report.body));
    }
  }

  #enter(id: string, fence: number): void {
    if (fence <= this.#fence) this.together.push(`the fence ${fence} after ${this.#fence}`);
    this.#fence = Math.max(this.#fence, fence);
    const now = performance.now();
    for (const [other, until] of this.#holding) {
      if (until > now) this.together.push(`${id} beside ${other}`);
    }
    this.#holding.set(id, now + leaseSeconds * 1000);
  }

  /** Sends a request until there is a response. */
  async #call(
    method: string,
    path: string,
    body: object,
    headers: Record<string, string> = {},
    sending: () => unknown = () => undefined,
  ): Promise<Answer> {
    for (;;) {
      try {
        sending();
        const response = await fetch(`${this.#url}/v1${path}`, {
          method,
          headers: { 'Content-Type': 'application/json', ...headers },
          body: JSON.stringify(body),
        });
        // Beyond its rate, or away, it is asked again.
        if (response.status < 500 && response.status !== 429) {
          return { status: response.status, body: (await response.json()) as Answer['body'] };
        }
      } catch {
        // It was killed.
      }
      await sleep(20);
    }
  }
}
