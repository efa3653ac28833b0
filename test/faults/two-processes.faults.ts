import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { Random } from '../support/random.js';
import { buildOnce } from './support/build.js';
import { environment } from './support/environment.js';
import { StoredState } from './support/stored-state.js';
import { WriteLoad } from './support/write-load.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

describe('two service processes on one SQLite file', () => {
  before(buildOnce);
  let processes: Processes;
  beforeEach(async () => {
    console.log(`      FAULTS_SEED=${seed}`);
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  const startTwo = (): Promise<ServiceProcess[]> =>
    Promise.all([1, 2].map(() => processes.start(environment, 'dist/main.js')));

  /** The newest thousand as each service lists them. */
  async function listed({ apiUrl }: ServiceProcess): Promise<Deployment[]> {
    const response = await fetch(`${apiUrl}/v1/deployments?limit=1000`);
    expect(response.status).to.equal(200);
    return (await response.json()) as Deployment[];
  }

  function expectWhole(loads: readonly WriteLoad[]): void {
    const state = new StoredState(processes.database);
    const losses = loads.flatMap((load) => state.losses(load));
    expect([...state.faults(), ...losses]).to.deep.equal([]);
  }

  /** Expects that every call was answered as the design says: 503 only to who may come again. */
  function statusesOf(loads: readonly WriteLoad[]): string {
    const total = new Map<number, number>();
    for (const { statuses } of loads) {
      for (const [status, count] of statuses) total.set(status, (total.get(status) ?? 0) + count);
    }
    expect(
      [...total.keys()].filter((status) => ![200, 201, 404, 409, 503].includes(status)),
    ).to.deep.equal([]);
    return [...total].map(([status, count]) => `${count} × ${status}`).join(', ');
  }

  it('serve the same data, and neither loses a change of the other', async () => {
    const services = await startTwo();
    const users = services.map(({ apiUrl }, index) => ({
      apiUrl,
      load: new WriteLoad(new Random(seed + index), `p${index}-`),
    }));
    const loads = users.map(({ load }) => load);
    const enough = (): boolean => loads.every(({ created }) => created.size >= 200);
    await Promise.all(users.map(({ apiUrl, load }) => load.run(apiUrl, 6, enough)));
    console.log(`      ${statusesOf(loads)}`);
    expectWhole(loads);
    const [one, two] = await Promise.all(services.map(listed));
    expect(one).to.deep.equal(two);
    for (const service of services) {
      service.signal('SIGTERM');
      expect((await service.ended).code).to.equal(0);
    }
    expectWhole(loads);
  });

  it('do not notice when the other is killed, whatever it was writing', async () => {
    const random = new Random(seed);
    const [keeps, first] = await startTwo();
    if (keeps === undefined || first === undefined) throw new Error('They did not start');
    let victim = first;
    const steady = new WriteLoad(random, 'steady-');
    const killed = new WriteLoad(random, 'killed-');
    let finished = false;
    const running = steady.run(keeps.apiUrl, 4, () => finished);
    for (let kill = 0; kill < 10; kill += 1) {
      const cut = killed.run(victim.apiUrl, 4);
      await sleep(50 + random.next() * 350);
      victim.signal('SIGKILL');
      await victim.ended;
      await cut;
      victim = await processes.start(environment, 'dist/main.js');
      await killed.retry(victim.apiUrl);
      expectWhole([killed]);
    }
    finished = true;
    await running;
    console.log(`      beside it ${statusesOf([steady])}`);
    expect(steady.unanswered.size).to.equal(0);
    expectWhole([steady, killed]);
  });
});
