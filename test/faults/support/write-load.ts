import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from '../../../src/domain/deployments/deployment.js';
import { deploymentBody } from '../../support/deployments.js';
import type { Random } from '../../support/random.js';

/** Names of what is deployed: few, so that deployments follow, skip and roll back one another. */
const names = ['checkout', 'search', 'billing'] as const;

/** What a service answered to one call; `undefined` when it went away before. */
type Answer =
  { readonly status: number; readonly replayed: boolean; readonly body: Deployment } | undefined;

/**
 * Callers that register, move on and roll back as fast as they can and may, and remember what they were
 * answered. Every registration has a version and an `Idempotency-Key` of its own.
 */
export class WriteLoad {
  readonly #random: Random;
  readonly #prefix: string;
  #count = 0;
  /** The first answer to each registration and rollback that was answered, by key. */
  readonly created = new Map<string, Deployment>();
  /** The registrations that were sent and not answered, by key; with the name. */
  readonly unanswered = new Map<string, string>();
  /** The changes of status that were answered, by id, in order. */
  readonly moved = new Map<string, string[]>();
  /** How many calls got which status. */
  readonly statuses = new Map<number, number>();

  constructor(random: Random, prefix = 'v') {
    this.#random = random;
    this.#prefix = prefix;
  }

  /** Calls from several callers at once, until the service goes away or `until` says so. */
  async run(apiUrl: string, callers: number, until: () => boolean = () => false): Promise<void> {
    await Promise.all(Array.from({ length: callers }, () => this.#call(apiUrl, until)));
  }

  /**
   * Sends every registration again that was not answered.
   *
   * @returns how many of them had been made, and the service had not come to say so
   */
  async retry(apiUrl: string): Promise<{ retried: number; made: number }> {
    let made = 0;
    const retried = this.unanswered.size;
    for (const [key, name] of this.unanswered) {
      const answer = await this.#create(apiUrl, key, name);
      if (answer?.status !== 201) throw new Error(`The retry got ${answer?.status ?? 'nothing'}`);
      if (answer.replayed) made += 1;
    }
    return { retried, made };
  }

  async #call(apiUrl: string, until: () => boolean): Promise<void> {
    const own: string[] = [];
    while (!until()) {
      const dice = this.#random.next();
      const id = own.at(-1);
      let answer: Answer;
      if (dice < 0.5 || id === undefined) {
        this.#count += 1;
        const key = `${this.#prefix}${this.#count}`;
        answer = await this.#create(apiUrl, key, this.#random.pick(names));
        if (answer?.status === 201) own.push(answer.body.id);
      } else if (dice < 0.9) {
        answer = await this.#move(apiUrl, this.#random.pick(own), dice < 0.7);
      } else {
        answer = await this.#rollback(apiUrl);
      }
      if (answer === undefined) return;
    }
  }

  async #create(apiUrl: string, key: string, name: string): Promise<Answer> {
    this.unanswered.set(key, name);
    const answer = await this.#send(
      apiUrl,
      'POST',
      '',
      deploymentBody({ name, version: key }),
      key,
    );
    if (answer === undefined) return undefined;
    // Whatever else it is, it is an answer, unless nobody knows: the registration was refused.
    if (answer.status < 500) this.unanswered.delete(key);
    if (answer.status === 201) this.created.set(key, answer.body);
    return answer;
  }

  async #move(apiUrl: string, id: string, deploy: boolean): Promise<Answer> {
    const status = deploy
      ? 'deployed'
      : this.#random.pick(['in_progress', 'failed', 'cancelled'] as const);
    const answer = await this.#send(apiUrl, 'PATCH', `/${id}`, { status });
    if (answer?.status === 200) this.moved.set(id, [...(this.moved.get(id) ?? []), status]);
    return answer;
  }

  async #rollback(apiUrl: string): Promise<Answer> {
    this.#count += 1;
    const key = `${this.#prefix}rollback${this.#count}`;
    const query = `name=${this.#random.pick(names)}&environment=production&provider=gcp`;
    const answer = await this.#send(apiUrl, 'POST', `/rollback?${query}`, undefined, key);
    if (answer?.status === 201) this.created.set(key, answer.body);
    return answer;
  }

  async #send(
    apiUrl: string,
    method: string,
    path: string,
    body?: object,
    key?: string,
  ): Promise<Answer> {
    try {
      let response: Response;
      for (;;) {
        response = await fetch(`${apiUrl}/v1/deployments${path}`, {
          method,
          headers: {
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
            ...(key !== undefined && { 'Idempotency-Key': key }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        if (response.status !== 429) break;
        await response.body?.cancel();
        await sleep(Number(response.headers.get('retry-after')) * 1000);
      }
      const { status, headers } = response;
      const answered = (await response.json()) as Deployment;
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      return { status, replayed: headers.get('idempotent-replayed') === 'true', body: answered };
    } catch {
      return undefined;
    }
  }
}
