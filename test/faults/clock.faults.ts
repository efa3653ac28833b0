import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { deploymentBody, Tenant } from '../support/deployments.js';
import { Random } from '../support/random.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { StoredState } from './support/stored-state.js';

const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const hour = 3_600_000;

describe('a clock that jumps', () => {
  const machineNow = Date.now;
  let service: TestService;
  let acme: Tenant;

  beforeEach(async () => {
    Date.now = machineNow;
    service = await startTestService({ RATE_LIMIT_PER_SECOND: '' });
    acme = new Tenant(service, 'acme');
  });
  afterEach(async () => {
    Date.now = machineNow;
    await service.stop();
  });

  /** Sets the machine's clock ahead of the time, or back behind it. */
  function setClock(milliseconds: number): void {
    Date.now = () => machineNow() + milliseconds;
  }

  async function createUnder(key: string): Promise<{ id: string; replayed: boolean }> {
    const response = await service.api
      .post('/v1/deployments')
      .set('X-Organisation', 'acme')
      .set('Idempotency-Key', key)
      .send(deploymentBody({ version: key }))
      .expect(201);
    const { id } = response.body as Deployment;
    return { id, replayed: response.headers['idempotent-replayed'] === 'true' };
  }

  it('back and forth leaves deployments in the order of their creation, and auto-skip right', async () => {
    console.log(`      FAULTS_SEED=${seed}`);
    const random = new Random(seed);
    const ids: string[] = [];
    for (let count = 0; count < 300; count += 1) {
      setClock((random.next() * 2 - 1) * 3 * hour);
      const { id } = await createUnder(`v${count}`);
      ids.unshift(id);
      if (count % 10 !== 9) continue;
      setClock((random.next() * 2 - 1) * 3 * hour);
      await acme.move(id, 'deployed');
      expect(await acme.list({ status: 'scheduled', limit: 1000 })).to.deep.equal([]);
    }
    const listed = await acme.list({ limit: 1000 });
    expect(listed.map(({ id }) => id)).to.deep.equal(ids);
    expect(ids).to.deep.equal(ids.toSorted().reverse());
    for (const { created_at: created, updated_at: updated } of listed) {
      expect(created <= updated, `${created}, ${updated}`).to.equal(true);
    }
    expect(listed.filter(({ status }) => status === 'deployed')).to.have.length(30);
    expect(new StoredState(`${service.folder}/deployments.db`).faults()).to.deep.equal([]);
  });

  it('lets no history go back in time', async () => {
    const { id } = await acme.create();
    for (const [ahead, status] of [
      [hour, 'in_progress'],
      [-hour, 'failed'],
      [2 * hour, 'scheduled'],
      [0, 'deployed'],
    ] as const) {
      setClock(ahead);
      await acme.move(id, status);
    }
    const { body } = await service.api
      .get(`/v1/deployments/${id}/events`)
      .set('X-Organisation', 'acme')
      .expect(200);
    const instants = (body as { occurred_at: string }[]).map(({ occurred_at: at }) => at);
    expect(instants).to.have.length(5);
    expect(instants).to.deep.equal(instants.toSorted());
  });

  it('back makes nobody forget a key, and ahead no sooner than after 24 hours', async () => {
    const first = await createUnder('key');
    expect(first.replayed).to.equal(false);
    for (const ahead of [-48 * hour, -hour, 0, 23 * hour, -23 * hour, 0]) {
      setClock(ahead);
      expect(await createUnder('key')).to.deep.equal({ id: first.id, replayed: true });
    }
    setClock(25 * hour);
    const second = await createUnder('key');
    expect(second.replayed).to.equal(false);
    expect(second.id > first.id).to.equal(true);
    // Back again the key stands for what was made last.
    for (const ahead of [0, -48 * hour, 25 * hour]) {
      setClock(ahead);
      expect(await createUnder('key')).to.deep.equal({ id: second.id, replayed: true });
    }
  });
});
