import { expect } from 'chai';
import type { DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import { runService } from '../support/http.js';

describe('auto-skip', () => {
  const running = runService();

  const places: [string, Partial<DeploymentCreate>][] = [
    ['without a cell', {}],
    ['with a cell', { cell: 'cell-1' }],
    ['with every part', { cloud_account_id: 'a', region: 'r', cell: 'c' }],
  ];
  for (const [place, parts] of places) {
    it(`skips the older scheduled ones and keeps the newer, ${place}`, async () => {
      const { tenant } = running;
      const first = await tenant.create({ version: '1', ...parts });
      const second = await tenant.create({ version: '2', ...parts });
      const released = await tenant.create({ version: '3', ...parts }, 'in_progress');
      const newer = await tenant.create({ version: '4', ...parts });
      await tenant.move(released.id, 'deployed');
      for (const { id } of [first, second])
        expect((await tenant.get(id)).status).to.equal('skipped');
      expect(await tenant.get(newer.id)).to.deep.equal(newer);
    });
  }

  it('leaves other statuses of the taxonomy as they are', async () => {
    const { tenant } = running;
    const kept = [
      await tenant.create({}, 'in_progress'),
      await tenant.create({}, 'failed'),
      await tenant.create({}, 'skipped'),
      await tenant.create({}, 'cancelled'),
      await tenant.create({}, 'in_progress', 'cancelled'),
      await tenant.create({}, 'deployed'),
    ];
    await tenant.create({ version: '2' }, 'deployed');
    for (const before of kept) expect(await tenant.get(before.id)).to.deep.equal(before);
  });

  it('leaves other taxonomies untouched, whichever part differs', async () => {
    const { tenant } = running;
    const place = { cloud_account_id: 'a', region: 'r', cell: 'c' };
    const others: Partial<DeploymentCreate>[] = [
      { ...place, name: 'other' },
      { ...place, environment: 'test' },
      { ...place, provider: 'aws' },
      { ...place, cloud_account_id: 'b' },
      { ...place, region: null },
      { ...place, cell: null },
      {},
    ];
    const kept = [];
    for (const fields of others) kept.push(await tenant.create(fields));
    await tenant.create(place, 'deployed');
    for (const before of kept) expect(await tenant.get(before.id)).to.deep.equal(before);
  });

  it('leaves one event on each, naming the deployment that caused it', async () => {
    const { tenant, service } = running;
    const older = await tenant.create({ version: '1' });
    const newer = await tenant.create({ version: '2' }, 'deployed');
    const response = await service.api
      .get(`/v1/deployments/${older.id}/events`)
      .set('X-Organisation', tenant.organisation)
      .expect(200);
    expect(response.body).to.have.length(2);
    expect(response.body[1]).to.deep.equal({
      revision: 2,
      type: 'changed',
      occurred_at: newer.updated_at,
      from_status: 'scheduled',
      to_status: 'skipped',
      changed: ['status'],
      cause: 'auto_skip',
      cause_deployment_id: newer.id,
      reason: null,
      actor: null,
      actor_id: null,
      repository: null,
      repository_id: null,
      workflow: null,
      ref: null,
      commit_sha: null,
      run_id: null,
      run_attempt: null,
      gates: [],
    });
  });

  it('skips nothing when the deployment that is repeated as deployed was so already', async () => {
    const { tenant } = running;
    const waiting = await tenant.create({ version: '1' });
    const released = await tenant.create({ version: '2' }, 'deployed');
    await tenant.move(waiting.id, 'scheduled');
    await tenant.move(released.id, 'deployed');
    expect((await tenant.get(waiting.id)).status).to.equal('scheduled');
  });
});
