import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Choice } from './choices.js';
import { Queue } from './queue.js';
import { resolve } from './resolve.js';
import type { ApiResponse, Client, ModelRequest } from './request.js';

/** How often each kind of request had each kind of response. */
export type Tally = Map<string, number>;

/** Organisations that nobody has used before, and the service that they share. */
export class World {
  readonly client: Client;
  readonly queues: readonly Queue[];
  readonly #tally: Tally;

  constructor(client: Client, tally: Tally, organisations = 3) {
    this.client = client;
    this.#tally = tally;
    const run = randomBytes(8).toString('hex');
    this.queues = Array.from({ length: organisations }, (_, nth) => new Queue(`Org-${nth}-${run}`));
  }

  /** One of the organisations, and another one. */
  organisation(nth: number): { own: Queue; foreign: Queue } {
    const [own, foreign] = [nth, nth + 1].map((each) => this.queues[each % this.queues.length]);
    if (own === undefined || foreign === undefined) throw new Error('There is no organisation');
    return { own, foreign };
  }

  /** Sends a request; GitHub logins are case-insensitive, so it may name either spelling. */
  send({ login }: Queue, request: ModelRequest): Promise<ApiResponse> {
    return this.client.call(isRead(request) ? login.toLowerCase() : login, request);
  }

  /** Carries out a choice and compares each response, and then all that the organisation has. */
  async perform(nth: number, choice: Choice): Promise<void> {
    const { own, foreign } = this.organisation(nth);
    for (const request of resolve(choice, own, foreign)) await this.#performOne(own, request);
  }

  async #performOne(queue: Queue, request: ModelRequest): Promise<void> {
    const newest = queue.entries.at(-1);
    const response = await this.send(queue, request);
    queue.accept(request, response);
    const kind = `${request.kind} ${describe(response)}`;
    this.#tally.set(kind, (this.#tally.get(kind) ?? 0) + 1);
    // Whatever comes later is newer, however fast it follows.
    if (newest !== undefined && queue.entries.at(-1) !== newest) {
      expect(queue.entries.at(-2)).to.equal(newest);
    }
    if (!isRead(request)) await this.compareList(queue);
  }

  async compareList(queue: Queue): Promise<void> {
    const everything: ModelRequest = { kind: 'list', filter: {}, limit: 1000 };
    queue.accept(everything, await this.send(queue, everything));
  }

  /** Compares all that every organisation has, events included. */
  async compareAll(): Promise<void> {
    for (const queue of this.queues) {
      await this.compareList(queue);
      const requests = queue.entries.map(({ deployment: { id } }): ModelRequest => ({
        kind: 'events',
        id,
      }));
      const responses = await Promise.all(requests.map((request) => this.send(queue, request)));
      for (const [nth, request] of requests.entries()) {
        const response = responses[nth];
        if (response !== undefined) queue.accept(request, response);
      }
    }
  }
}

function isRead({ kind }: ModelRequest): boolean {
  return ['get', 'list', 'lineage', 'events'].includes(kind);
}

/** Status, and what further tells responses apart. */
function describe({ status, headers, text }: ApiResponse): string {
  const [, code] = /"urn:problem-type:deployment-queue:([a-z-]+)"/.exec(text) ?? [];
  return [status, code, headers['idempotent-replayed'] && 'replayed', headers['link'] && 'next']
    .filter(Boolean)
    .join(' ');
}

/** A request by one of the organisations, as a step of a sequence that fast-check can shrink. */
class Step implements fc.AsyncCommand<World, Client> {
  readonly #nth: number;
  readonly #choice: Choice;

  constructor(nth: number, choice: Choice) {
    this.#nth = nth;
    this.#choice = choice;
  }

  check(): boolean {
    return true;
  }

  async run(world: World): Promise<void> {
    await world.perform(this.#nth, this.#choice);
  }

  toString(): string {
    return `organisation ${this.#nth}: ${fc.stringify(this.#choice)}`;
  }
}

/** Steps of several organisations in turn. */
export function steps(choices: fc.Arbitrary<Choice>, maxCommands: number, replayPath?: string) {
  const step = fc
    .tuple(
      fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) }),
      choices,
    )
    .map(([nth, choice]) => new Step(nth, choice));
  return fc.commands([step], {
    maxCommands,
    size: 'max',
    ...(replayPath !== undefined && { replayPath }),
  });
}
