import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Processes } from '../support/process.js';
import { Random } from '../support/random.js';
import { buildOnce } from './support/build.js';
import { environment } from './support/environment.js';
import { allKills } from './support/kills.js';
import { sideBySide } from './support/side-by-side.js';
import { StoredState } from './support/stored-state.js';
import { WriteLoad } from './support/write-load.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const workers = 4;
const killsPerWorker = allKills / workers;
const callers = 8;

/** What became of the calls of a worker. */
interface Tally {
  kills: number;
  answered: number;
  retried: number;
  made: number;
}

describe('kill -9 under write load', () => {
  before(buildOnce);

  it(`loses nothing that was answered and leaves nothing half, ${allKills} times`, async function () {
    this.timeout(1_200_000);
    console.log(`      FAULTS_SEED=${seed}`);

    /** Kills the services on one file, one after the other; looks at the file after each. */
    async function worker(number: number): Promise<Tally> {
      const random = new Random(seed + number);
      const processes = await Processes.create();
      const load = new WriteLoad(random);
      const tally: Tally = { kills: 0, answered: 0, retried: 0, made: 0 };
      try {
        let service = await processes.start(environment, 'dist/main.js');
        for (; tally.kills < killsPerWorker; tally.kills += 1) {
          const running = load.run(service.apiUrl, callers);
          await sleep(50 + random.next() * 350);
          service.signal('SIGKILL');
          expect((await service.ended).code).to.equal(null);
          await running;

          service = await processes.start(environment, 'dist/main.js');
          const { retried, made } = await load.retry(service.apiUrl);
          tally.retried += retried;
          tally.made += made;
          const state = new StoredState(processes.database);
          const where = `worker ${number}, kill ${tally.kills + 1}`;
          expect([...state.faults(), ...state.losses(load)], where).to.deep.equal([]);
        }
        for (const [status, count] of load.statuses) {
          expect(status).to.be.oneOf([200, 201, 404, 409]);
          tally.answered += count;
        }
        return tally;
      } finally {
        await processes.dispose();
      }
    }

    const tallies = await sideBySide(workers, worker);
    const sum = (of: (tally: Tally) => number): number =>
      tallies.reduce((total, tally) => total + of(tally), 0);
    console.log(
      `      ${sum(({ kills }) => kills)} kills, ${sum(({ answered }) => answered)} calls answered; ` +
        `${sum(({ retried }) => retried)} registrations cut and sent again, ` +
        `${sum(({ made }) => made)} of which had been made`,
    );
    // Otherwise the moments were no moments under load.
    expect(sum(({ answered }) => answered)).to.be.above(3 * workers * killsPerWorker);
    expect(sum(({ retried }) => retried)).to.be.above((workers * killsPerWorker) / 2);
  });
});
