import { buildOnce } from '../faults/support/build.js';
import { Random } from '../support/random.js';
import { atRandom, endConnections, lineTo } from './cluster.js';
import { outlast } from './outlast.js';
import { documentedSettings, obstacleToPooler, startPooler } from './pooler.js';
import { startPostgres } from './server.js';
import { runStatement } from './shared.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const database = 'deployment_queue';

describe('three processes behind one PgBouncer', function () {
  this.timeout(600_000);
  before(function () {
    const obstacle = obstacleToPooler();
    if (obstacle === undefined) return;
    console.error(`SKIPPED processes behind PgBouncer, nothing of it was run: ${obstacle}`);
    this.skip();
  });
  before(buildOnce);

  it('lose nothing, do nothing twice and forget nobody: it crashes, and so does the server behind it', async () => {
    console.log(`      FAULTS_SEED=${seed}`);
    const random = new Random(seed);
    const server = await startPostgres({ isDurable: true });
    const pooler = await startPooler(server.port, documentedSettings);
    try {
      await runStatement(server.url('postgres'), `CREATE DATABASE ${database}`);
      const url = server.url(database);
      await outlast({
        random,
        async wayTo() {
          const way = await lineTo(pooler.through(url), random);
          return { ...way, settings: { ...way.settings, DATABASE_LISTEN_URL: url } };
        },
        disturb(group, got, signal) {
          const often = (count: number, act: () => unknown): Promise<void> =>
            atRandom(random, count, got, signal, act);
          return Promise.all([
            often(3, () => {
              random.pick(group).signal('SIGKILL');
            }),
            often(4, () => pooler.restart()),
            often(2, () => server.restart(random.pick(['immediate', 'fast']))),
            often(4, () => endConnections(server, database, random.next())),
          ]);
        },
        url: () => url,
      });
    } finally {
      await pooler.stop();
      await server.stop();
    }
  });
});
