import { setTimeout as sleep } from 'node:timers/promises';
import { buildOnce } from '../faults/support/build.js';
import { Random } from '../support/random.js';
import { atRandom, endConnections, lineTo, networkTo } from './cluster.js';
import type { Member, Way } from './cluster.js';
import { createPlace, obstacleToNetworks, placesAccess } from './network.js';
import { members, outlast } from './outlast.js';
import { startPostgres } from './server.js';
import type { PostgresServer, ServerOptions } from './server.js';
import { runStatement } from './shared.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
/** How often each kind of fault comes. */
const times = { kills: 7, stops: 4, restarts: 4, endings: 7, cuts: 9 };
const database = 'deployment_queue';

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

  async function outlastAll(
    network: Pick<ServerOptions, 'access' | 'settings'>,
    wayTo: (url: string, nth: number, random: Random) => Way | Promise<Way>,
  ): Promise<void> {
    console.log(`      FAULTS_SEED=${seed}`);
    const random = new Random(seed);
    const server = await startPostgres({ isDurable: true, ...network });
    try {
      await runStatement(server.url('postgres'), `CREATE DATABASE ${database}`);
      const url = server.url(database);
      await outlast({
        random,
        wayTo: (nth) => wayTo(url, nth, random),
        disturb: (group, got, signal) => disturb(server, group, random, got, signal),
        url: () => url,
      });
    } finally {
      await server.stop();
    }
  }

  it('lose nothing, do nothing twice and forget nobody: over lines that go silent or are cut', async () => {
    await outlastAll({}, (url, _nth, random) => lineTo(url, random));
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
      await outlastAll({ access: [placesAccess], settings }, (url, nth) => {
        const place = places[nth];
        if (place === undefined) throw new Error(`There is no place ${nth}`);
        return networkTo(url, place);
      });
    } finally {
      for (const place of places) place.remove();
    }
  });
});
