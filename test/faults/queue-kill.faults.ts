import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Processes } from '../support/process.js';
import { Random } from '../support/random.js';
import { buildOnce } from './support/build.js';
import { until } from '../support/until.js';
import { environment } from './support/environment.js';
import { allKills } from './support/kills.js';
import { Pipelines } from './support/pipelines.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const workers = 4;
const killsPerWorker = allKills / workers;

describe('kill -9 of the service, while holders fall silent', () => {
  before(buildOnce);

  it(`lets no two hold one place, and everybody have a turn, ${allKills} times`, async function () {
    this.timeout(1_800_000);
    console.log(`      FAULTS_SEED=${seed}`);

    async function worker(number: number): Promise<Pipelines> {
      const random = new Random(seed + number);
      const processes = await Processes.create();
      const pipelines = new Pipelines(random);
      try {
        let service = await processes.start(environment, 'dist/main.js');
        await pipelines.begin(service.apiUrl);
        for (let kills = 0; kills < killsPerWorker; kills += 1) {
          // It goes on for a while under each, and is killed wherever it is then.
          const steps = pipelines.steps + random.next() * 8;
          await until('it went on', () => pipelines.steps > steps);
          await sleep(random.next() * 50);
          service.signal('SIGKILL');
          expect((await service.ended).code).to.equal(null);
          service = await processes.start(environment, 'dist/main.js');
          pipelines.moveTo(service.apiUrl);
        }
        await pipelines.finish();
        return pipelines;
      } finally {
        await processes.dispose();
      }
    }

    const all = await Promise.all(Array.from({ length: workers }, (_none, index) => worker(index)));
    const sum = (of: (pipelines: Pipelines) => number): number =>
      all.reduce((total, pipelines) => total + of(pipelines), 0);
    console.log(
      `      ${sum(({ turns }) => turns)} turns, ${sum(({ deaths }) => deaths)} holders died, ` +
        `${sum(({ lost }) => lost)} leases whose response was lost`,
    );
    for (const { together } of all) expect(together, 'held at once').to.deep.equal([]);
    // Otherwise the moments were no moments under load.
    expect(sum(({ turns }) => turns)).to.be.above(workers * killsPerWorker);
    expect(sum(({ deaths }) => deaths)).to.be.above(0);
  });
});
