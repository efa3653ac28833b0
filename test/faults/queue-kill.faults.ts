import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Processes } from '../support/process.js';
import { Random } from '../support/random.js';
import { openLine } from '../support/line.js';
import type { Line } from '../support/line.js';
import { buildOnce } from './support/build.js';
import { environment } from './support/environment.js';
import { allKills } from './support/kills.js';
import { Pipelines } from './support/pipelines.js';
import { sideBySide } from './support/side-by-side.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const workers = 4;
/** Of the service, and as many of holders. */
const killsPerWorker = allKills / workers;

const portOf = ({ apiUrl }: { readonly apiUrl: string }): number => Number(new URL(apiUrl).port);

describe('kill -9 of the service and of holders', () => {
  before(buildOnce);

  it(`lets no two hold one place, and everybody have a turn, ${allKills} times each`, async function () {
    this.timeout(1_800_000);
    console.log(`      FAULTS_SEED=${seed}`);

    async function worker(number: number) {
      const random = new Random(seed + number);
      const processes = await Processes.create();
      let line: Line | undefined;
      let pipelines: Pipelines | undefined;
      try {
        let service = await processes.start(environment, 'dist/main.js');
        // A killed service need not come back on its port, which another process may have taken.
        line = await openLine(portOf(service));
        const url = `http://127.0.0.1:${line.port}`;
        pipelines = new Pipelines(url, processes, random, killsPerWorker);
        await pipelines.begin();
        for (let kills = 0; kills < killsPerWorker; kills += 1) {
          // It goes on for a while under each, and is killed wherever it is then.
          await pipelines.goOn(random.next() * 4);
          await sleep(random.next() * 50);
          service.signal('SIGKILL');
          expect((await service.ended).code).to.equal(null);
          service = await processes.start(environment, 'dist/main.js');
          line.lead(portOf(service));
        }
        await pipelines.finish();
        return { pipelines, ...(await pipelines.judge()) };
      } finally {
        pipelines?.stop();
        await processes.dispose();
        await line?.stop();
      }
    }

    const all = await sideBySide(workers, worker);
    const sum = (of: (one: (typeof all)[number]) => number): number =>
      all.reduce((total, one) => total + of(one), 0);
    const expired = sum((one) => one.expired);
    console.log(
      `      ${sum(({ pipelines }) => pipelines.turns)} turns; ` +
        `${sum(({ pipelines }) => pipelines.holdersKilled)} holders and ` +
        `${sum(({ pipelines }) => pipelines.waitersKilled)} waiters killed, ${expired} leases ran out; ` +
        `${sum(({ pipelines }) => pipelines.waits)} waits, ` +
        `${sum(({ pipelines }) => pipelines.late.refused)} late holders refused`,
    );
    expect(all.flatMap(({ faults }) => faults)).to.deep.equal([]);
    // Otherwise the moments were no moments at which holders held.
    expect(expired).to.be.above(allKills / 2);
    expect(sum(({ pipelines }) => pipelines.waits)).to.be.above(allKills / 2);
    expect(sum(({ pipelines }) => pipelines.late.refused)).to.be.above(allKills / 10);
  });
});
