import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { expectProblem, runService } from '../support/http.js';
import { wayTo } from '../support/life-table.js';

const place = { name: 'checkout', environment: 'production', provider: 'gcp' };

describe('a rollback', () => {
  const running = runService();

  const byTaxonomy = () =>
    running.service.api
      .post('/v1/deployments/rollback')
      .query(place)
      .set('X-Organisation', running.tenant.organisation);

  const byId = (id: string) =>
    running.service.api
      .post(`/v1/deployments/${id}/rollback`)
      .set('X-Organisation', running.tenant.organisation);

  describe('stands at the place of what it copied', () => {
    it('so there is nothing further back from the first version', async () => {
      const { tenant } = running;
      for (const version of ['1', '2', '3', '4']) await tenant.create({ version }, 'deployed');
      const undo = await tenant.rollback({ target_version: '1' });
      await tenant.move(undo.id, 'deployed');
      const detail =
        'No previous deployment to rollback to: no other version was deployed before 1';
      expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found', detail);
      expectProblem(await byId(undo.id), 404, 'rollback-source-not-found', detail);
    });

    it('so another one goes further back from there, never up again', async () => {
      const { tenant } = running;
      for (const version of ['1', '2', '3', '4', '5']) await tenant.create({ version }, 'deployed');
      const versions: string[] = [];
      for (const target of [{ target_version: '3' }, {}, {}]) {
        const undo = await tenant.rollback(target);
        versions.push(undo.version);
        await tenant.move(undo.id, 'deployed');
      }
      expect(versions).to.deep.equal(['3', '2', '1']);
      expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found');
    });

    it('also when it copied another rollback', async () => {
      const { tenant } = running;
      for (const version of ['1', '2', '3']) await tenant.create({ version }, 'deployed');
      const first = await tenant.rollback({ target_version: '2' });
      await tenant.move(first.id, 'deployed');
      await tenant.create({ version: '4' }, 'deployed');
      const second = await tenant.rollback({ target_version: '2' });
      expect(second.source_deployment_id).to.equal(first.id);
      await tenant.move(second.id, 'deployed');
      expect((await tenant.rollback()).version).to.equal('1');
    });
  });

  describe('that came to nothing is tried again, by a job that runs again', () => {
    const ends: [how: string, Deployment['status'][]][] = [
      ['failed', ['in_progress', 'failed']],
      ['was cancelled', ['in_progress', 'cancelled']],
      ['was cancelled before it began', ['cancelled']],
      ['failed before it began', ['failed']],
      ['was skipped', ['skipped']],
      ['stays in progress', ['in_progress']],
    ];
    for (const [how, statuses] of ends) {
      it(`when it ${how}`, async () => {
        const { tenant } = running;
        const [, second, third] = [
          await tenant.create({ version: '1' }, 'deployed'),
          await tenant.create({ version: '2' }, 'deployed'),
          await tenant.create({ version: '3' }, 'deployed'),
        ];
        // Three attempts, each of which comes to nothing.
        let before = third;
        for (let attempt = 1; attempt <= 3; attempt += 1) {
          const undo = await tenant.rollback();
          expect(undo).to.include({ version: '2', source_deployment_id: second.id });
          for (const status of statuses) before = await tenant.move(undo.id, status);
        }
        const last = await tenant.rollback();
        expect(last).to.include({ version: '2', source_deployment_id: second.id });
        const from = before.started_at === null ? third : before;
        expect(last.rollback_from_deployment_id).to.equal(from.id);
      });
    }

    it('and another one goes further back once it was deployed', async () => {
      const { tenant } = running;
      for (const version of ['1', '2', '3']) await tenant.create({ version }, 'deployed');
      const failed = await tenant.rollback();
      for (const status of ['in_progress', 'failed'] as const) await tenant.move(failed.id, status);
      const undo = await tenant.rollback();
      for (const status of ['in_progress', 'deployed'] as const) await tenant.move(undo.id, status);
      expect([failed.version, undo.version]).to.deep.equal(['2', '2']);
      expect((await tenant.rollback()).version).to.equal('1');
    });
  });

  describe('is of what runs, and what never began never ran', () => {
    for (const status of ['failed', 'cancelled', 'skipped', 'scheduled'] as const) {
      it(`so one that was scheduled and is ${status} is passed over`, async () => {
        const { tenant } = running;
        await tenant.create({ version: '1' }, 'deployed');
        const runs = await tenant.create({ version: '2' }, 'deployed');
        const never = await tenant.create({ version: '3' }, ...wayTo[status]);
        const detail = `Deployment ${never.id} is ${status} and has not begun, so there is nothing of it to roll back; 2 (${runs.id}, deployed) runs there`;
        expectProblem(await byId(never.id), 409, 'rollback-not-allowed', detail);
        const created = await tenant.rollback();
        expect(created).to.include({ version: '1', rollback_from_deployment_id: runs.id });
      });
    }
  });
});
