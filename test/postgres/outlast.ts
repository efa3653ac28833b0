import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { StoredState } from '../faults/support/stored-state.js';
import { WriteLoad } from '../faults/support/write-load.js';
import type { Random } from '../support/random.js';
import { until } from '../support/until.js';
import { judge, obstacleToChecking } from './checker.js';
import { Member } from './cluster.js';
import type { Way } from './cluster.js';
import { plainFaults } from './history.js';
import type { Call } from './history.js';
import { QueueLoad } from './queue-load.js';
import { runStatement } from './shared.js';
import { readRows } from './stored-rows.js';

/** How many processes there are, and in how many environments callers claim. */
export const members = 3;
const environments = 6;

/** What is to be outlasted. */
export interface Ordeal {
  readonly random: Random;
  /** How the nth process reaches the database. */
  wayTo(nth: number): Way | Promise<Way>;
  /**
   * What is done to the server, the processes and the network between them while callers go on.
   *
   * @param got how far they have got
   */
  disturb(group: readonly Member[], got: () => number, signal: AbortSignal): Promise<unknown>;
  /** Where the database is in the end. */
  url(): string;
}

/** Callers go on while all that can break does, and get what they are to get. */
export async function outlast(ordeal: Ordeal): Promise<void> {
  const { random } = ordeal;
  const group: Member[] = [];
  const ending = new AbortController();
  try {
    for (let nth = 0; nth < members; nth += 1)
      group.push(await Member.create(await ordeal.wayTo(nth)));
    const services = () => group.flatMap(({ url: at }) => at ?? []);
    await until('all are there', () => services().length === members);

    const queues = Array.from(
      { length: environments },
      (_, nth) => new QueueLoad(`queue-${nth}`, services, random),
    );
    await Promise.all(queues.map((queue) => queue.begin()));
    const load = new WriteLoad(random);
    const writing = group.map(async (member) => {
      while (!ending.signal.aborted) {
        if (member.url !== undefined) await load.run(member.url, 1, () => ending.signal.aborted);
        await sleep(20);
      }
    });
    const began = performance.now();
    const sum = (of: (queue: QueueLoad) => number): number =>
      queues.reduce((total, queue) => total + of(queue), 0);
    const turns = (): number => sum((queue) => queue.turns);
    const disturbing = ordeal.disturb(group, turns, ending.signal);
    // Should a caller get what nobody should, that is told at once.
    await Promise.race([disturbing, ...queues.map((queue) => queue.running)]);
    const disturbed = performance.now() - began;
    // Nothing is in anybody's way any more.
    await until('all are there again', () => services().length === members);
    const left = performance.now();
    await Promise.all(queues.map((queue) => queue.finish()));
    const finished = performance.now() - left;
    ending.abort();
    await Promise.all(writing);
    const { retried, made } = await load.retry(services()[0] ?? '');

    const histories = queues.map(({ history }) => history);
    const calls = histories.flat();
    console.log(
      `      ${seconds(disturbed)} of faults: ${turns()} turns, ` +
        `${sum(({ deaths }) => deaths)} holders died, ${calls.length} calls, of which ` +
        `${calls.filter(({ told }) => told.is === 'refused').length} were refused and ` +
        `${calls.filter(({ told }) => told.is === 'unknown').length} have an unknown outcome; ` +
        `all at rest after ${seconds(finished)}; ` +
        `${load.created.size} registrations, ${retried} sent again, of which ${made} had been made`,
    );
    for (const history of histories) expect(plainFaults(history)).to.deep.equal([]);
    const state = new StoredState(await readRows(ordeal.url(), 'production'));
    expect([...state.faults(), ...state.losses(load)]).to.deep.equal([]);
    await expectLinearizable(histories);
    expect(
      [...load.statuses.keys()].filter((status) => ![200, 201, 404, 409, 503].includes(status)),
    ).to.deep.equal([]);
    await expectWholeFeeds(services()[0] ?? '', ordeal.url());
    for (const member of group) {
      // What it has said is read once it has ended.
      await member.end();
      expect(member.faults.join('\n')).to.equal('');
    }
    // Otherwise the moments were no moments under load.
    expect(turns()).to.be.above(5 * environments);
  } finally {
    ending.abort();
    await Promise.all(group.map((member) => member.end()));
  }
}

/** Every event is in its organisation's feed, once, and positions have no gap. */
async function expectWholeFeeds(service: string, url: string): Promise<void> {
  const [row] = await runStatement(
    url,
    'SELECT organisation, count(*)::int AS events FROM deployment_events GROUP BY organisation',
  );
  const organisation = String(row?.['organisation']);
  const seen = new Set<string>();
  let position = 0;
  for (let more = true; more;) {
    const path = `/v1/events?limit=1000&after=${position}`;
    const response = await fetch(service + path, { headers: { 'X-Organisation': organisation } });
    const events = (await response.json()) as {
      position: number;
      deployment_id: string;
      revision: number;
    }[];
    for (const event of events) {
      expect(event.position).to.equal(position + 1);
      ({ position } = event);
      seen.add(`${event.deployment_id} ${event.revision}`);
    }
    more = response.headers.has('link');
  }
  expect(position).to.equal(Number(row?.['events']));
  expect(seen.size).to.equal(position);
}

async function expectLinearizable(histories: readonly (readonly Call[])[]): Promise<void> {
  const obstacle = await obstacleToChecking();
  if (obstacle !== undefined) {
    console.error(`SKIPPED the check that histories are linearizable: ${obstacle}`);
    return;
  }
  const began = performance.now();
  const judged = await judge(histories);
  const file = process.env['FAULTS_HISTORIES'];
  if (file !== undefined) await writeFile(file, JSON.stringify(histories));
  expect(judged).to.deep.equal(histories.map(() => 'ok'));
  console.log(
    `      all ${histories.length} histories are linearizable (${seconds(performance.now() - began)})`,
  );
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
