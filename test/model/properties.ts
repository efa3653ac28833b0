import { expect } from 'chai';
import fc from 'fast-check';
import { choice } from './choices.js';
import type { Choice } from './choices.js';
import type { Queue } from './queue.js';
import type { ApiResponse, Client, ModelRequest } from './request.js';
import { resolve } from './resolve.js';
import { steps, World } from './world.js';
import type { Tally } from './world.js';

/** Several organisations call in turn, and each response is the one of the design. */
export function inTurn(
  client: () => Client,
  {
    choices = choice,
    tally = new Map(),
    length,
    replayPath,
  }: {
    choices?: fc.Arbitrary<Choice>;
    tally?: Tally;
    length: number;
    replayPath?: string | undefined;
  },
) {
  return fc.asyncProperty(steps(choices, length, replayPath), async (sequence) => {
    const world = new World(client(), tally);
    await fc.asyncModelRun(() => ({ model: world, real: client() }), sequence);
    await world.compareAll();
  });
}

/** Several organisations call at once, and none of them can tell. */
export function sideBySide(client: () => Client) {
  const lists = fc.array(fc.array(choice, { maxLength: 20, size: 'max' }), {
    minLength: 2,
    maxLength: 4,
  });
  return fc.asyncProperty(lists, async (choices) => {
    const world = new World(client(), new Map(), choices.length);
    const work = choices.map(async (own, nth) => {
      for (const each of own) await world.perform(nth, each);
    });
    const ends = await Promise.allSettled(work);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await world.compareAll();
  });
}

/**
 * Callers of one organisation race. Their responses, and what there is afterwards, must be those of
 * some order in which the requests would have come one after the other (linearisability).
 */
export function racing(client: () => Client) {
  const before = fc.array(choice, { maxLength: 15, size: 'max' });
  const race = fc.array(choice, { minLength: 2, maxLength: 4 });
  return fc.asyncProperty(before, race, async (first, racers) => {
    const world = new World(client(), new Map());
    const { own, foreign } = world.organisation(0);
    for (const each of first) await world.perform(0, each);

    const requests = racers.flatMap((each) => resolve(each, own, foreign).next().value ?? []);
    const responses = await Promise.all(requests.map((request) => world.send(own, request)));
    const after: [ModelRequest, ApiResponse][] = [];
    const all: ModelRequest = { kind: 'list', filter: {}, limit: 1000 };
    const list = await world.send(own, all);
    after.push([all, list]);
    for (const { id } of JSON.parse(list.text) as { id: string }[]) {
      const events: ModelRequest = { kind: 'events', id };
      after.push([events, await world.send(own, events)]);
    }
    expectSomeOrder(own, requests, responses, after);
  });
}

/** Rolls back between two versions, over and over, until no direction of a lineage is shown whole. */
export async function longLineage(client: Client): Promise<void> {
  const world = new World(client, new Map());
  const { own } = world.organisation(0);
  const call = async (request: ModelRequest) => {
    own.accept(request, await world.send(own, request));
    return own.entries.at(-1)?.deployment.id ?? '';
  };
  const deploy = (id: string) => call({ kind: 'update', id, body: { status: 'deployed' } });
  const place = { name: 'checkout', environment: 'production', provider: 'gcp' } as const;
  await deploy(await call({ kind: 'create', body: { ...place, version: '1', type: 'k8s' } }));
  const second = await call({ kind: 'create', body: { ...place, version: '2', type: 'k8s' } });
  await deploy(second);
  for (let nth = 0; nth < 204; nth += 1) {
    const target = nth % 2 === 0 ? '1' : '2';
    await deploy(await call({ kind: 'rollbackTaxonomy', place, target }));
  }
  // The newest of all, and nearer to the second than most.
  await call({ kind: 'update', id: second, body: { status: 'failed' } });
  await deploy(second);
  await call({ kind: 'rollbackDeployment', id: second, target: '1' });

  for (const nth of [0, 1, 100, 150, -2, -1]) {
    const id = own.entries.at(nth)?.deployment.id ?? '';
    await call({ kind: 'lineage', id });
  }
}

function expectSomeOrder(
  before: Queue,
  requests: readonly ModelRequest[],
  responses: readonly ApiResponse[],
  after: readonly [ModelRequest, ApiResponse][],
): void {
  const objections: string[] = [];
  for (const order of permutations(requests.map((_request, nth) => nth))) {
    const queue = before.clone();
    try {
      for (const nth of order) {
        const [request, response] = [requests[nth], responses[nth]];
        if (request !== undefined && response !== undefined) queue.accept(request, response);
      }
      for (const [request, response] of after) queue.accept(request, response);
      return;
    } catch (error) {
      objections.push(`${order.join(', ')}: ${(error as Error).message}`);
    }
  }
  const sent = requests.map((request, nth) => {
    const { status = 0, text = '' } = responses[nth] ?? {};
    return `${nth}: ${fc.stringify(request)} answered ${status} ${text}`;
  });
  expect.fail([...sent, 'No order explains that:', ...objections].join('\n'));
}

function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const item of items) {
    for (const rest of permutations(items.filter((other) => other !== item))) yield [item, ...rest];
  }
}
