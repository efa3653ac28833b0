import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { buildOnce } from '../faults/support/build.js';
import { StoredState } from '../faults/support/stored-state.js';
import { WriteLoad } from '../faults/support/write-load.js';
import { Random } from '../support/random.js';
import { until } from '../support/until.js';
import { judge, obstacleToChecking } from './checker.js';
import { atRandom, endConnections, lineTo, Member, networkTo } from './cluster.js';
import type { Way } from './cluster.js';
import { plainFaults } from './history.js';
import type { Call } from './history.js';
import { createPlace, obstacleToNetworks, placesAccess } from './network.js';
import { QueueLoad } from './queue-load.js';
import { startPostgres } from './server.js';
import type { PostgresServer, ServerOptions } from './server.js';
import { runStatement } from './shared.js';
import { readRows } from './stored-rows.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const members = 3;
const environments = 6;
/** How often each kind of fault comes. */
const times = { kills: 7, stops: 4, restarts: 4, endings: 7, cuts: 9 };
const database = 'deployment_queue';

/**
 * What is done to the server, the processes and the network between them while callers go on.
 *
 * @param got how far they have got
 */
async function disturb(
  server: PostgresServer,
  group: readonly Member[],
  random: Random,
  got: () => number,
  signal: AbortSignal,
): Promise<void> {
  const often = (count: number, act: () => unknown): Promise<void> =>
    atRandom(random, count, got, signal, act);
  await Promise.all([
    often(times.kills, () => {
      random.pick(group).signal('SIGKILL');
    }),
    often(times.stops, async () => {
      const member = random.pick(group);
      member.signal('SIGSTOP');
      await sleep(random.next() * 2_000);
      member.signal('SIGCONT');
    }),
    often(times.restarts, () => server.restart(random.pick(['immediate', 'fast']))),
    often(times.endings, () => endConnections(server, database, random.next())),
    ...group.map(({ way }) =>
      often(times.cuts / members, async () => {
        way.cut();
        // Shorter and longer than an operation may take.
        await sleep(random.next() * 4_000);
        way.mend();
      }),
    ),
  ]);
}

describe('three processes on one PostgreSQL', function () {
  this.timeout(600_000);
  before(buildOnce);

  /** Callers go on while all that can break does, and get what they are to get. */
  async function outlast(
    network: Pick<ServerOptions, 'access' | 'settings'>,
    wayTo: (url: string, nth: number, random: Random) => Way | Promise<Way>,
  ): Promise<void> {
    console.log(`      FAULTS_SEED=${seed}`);
    const random = new Random(seed);
    const server = await startPostgres({ isDurable: true, ...network });
    const group: Member[] = [];
    const ending = new AbortController();
    try {
      await runStatement(server.url('postgres'), `CREATE DATABASE ${database}`);
      for (let nth = 0; nth < members; nth += 1) {
        group.push(await Member.create(await wayTo(server.url(database), nth, random)));
      }
      const services = () => group.flatMap(({ url }) => url ?? []);
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
      const disturbing = disturb(server, group, random, turns, ending.signal);
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
      const state = new StoredState(await readRows(server.url(database), 'production'));
      expect([...state.faults(), ...state.losses(load)]).to.deep.equal([]);
      await expectLinearizable(histories);
      expect(
        [...load.statuses.keys()].filter((status) => ![200, 201, 404, 409, 503].includes(status)),
      ).to.deep.equal([]);
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
      await server.stop();
    }
  }

  it('lose nothing, do nothing twice and forget nobody: over lines that go silent or are cut', async () => {
    await outlast({}, (url, _nth, random) => lineTo(url, random));
  });

  it('lose nothing, do nothing twice and forget nobody: over networks that are cut', async function () {
    const obstacle = obstacleToNetworks();
    if (obstacle !== undefined) {
      console.error(`SKIPPED processes and their database in networks of their own: ${obstacle}`);
      this.skip();
    }
    const places = Array.from({ length: members }, (_, nth) => createPlace(nth));
    try {
      const addresses = ['127.0.0.1', ...places.map(({ databaseHost }) => databaseHost)];
      const settings = [`listen_addresses=${addresses.join(',')}`];
      await outlast({ access: [placesAccess], settings }, (url, nth) => {
        const place = places[nth];
        if (place === undefined) throw new Error(`There is no place ${nth}`);
        return networkTo(url, place);
      });
    } finally {
      for (const place of places) place.remove();
    }
  });
});

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
