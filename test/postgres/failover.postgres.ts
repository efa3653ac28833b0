import { setTimeout as sleep } from 'node:timers/promises';
import { buildOnce } from '../faults/support/build.js';
import { Random } from '../support/random.js';
import { atRandom, endConnections, lineTo } from './cluster.js';
import { describeInstalled, programs } from './installed.js';
import { outlast } from './outlast.js';
import { startPostgres } from './server.js';
import type { PostgresServer } from './server.js';
import { runStatement } from './shared.js';
import { startStandby } from './standby.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const database = 'deployment_queue';

describeInstalled('three processes whose PostgreSQL fails over', () => {
  before(buildOnce);

  it('lose nothing, do nothing twice and forget nobody: the primary crashes, its standby takes over', async function () {
    this.timeout(600_000);
    console.log(`      FAULTS_SEED=${seed}`);
    const random = new Random(seed);
    const primary = await startPostgres({ programs, isDurable: true });
    const servers: PostgresServer[] = [primary];
    try {
      await runStatement(primary.url('postgres'), `CREATE DATABASE ${database}`);
      const standby = await startStandby(primary);
      servers.push(standby);
      await outlast({
        random,
        wayTo: () => lineTo(primary.url(database), random),
        async disturb(group, got, signal) {
          const often = (count: number, act: () => unknown): Promise<void> =>
            atRandom(random, count, got, signal, act);
          const unrest = (server: PostgresServer) =>
            Promise.all([
              often(3, () => {
                random.pick(group).signal('SIGKILL');
              }),
              often(3, () => endConnections(server, database, random.next())),
            ]);
          await unrest(primary);
          await often(1, async () => {
            await primary.crash();
            // As long as whoever watches over them takes to be sure.
            await sleep(1_000 + random.next() * 4_000);
            const leads = group.map(
              ({ way }) =>
                () =>
                  way.lead?.(standby.port),
            );
            // Some are led to a server that only reads.
            for (const lead of leads.slice(1)) lead();
            await standby.promote();
            leads[0]?.();
          });
          await unrest(standby);
        },
        url: () => standby.url(database),
      });
    } finally {
      for (const server of servers.reverse()) await server.stop();
    }
  });
});
