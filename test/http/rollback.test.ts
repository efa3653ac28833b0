import { expect } from 'chai';
import type { Test } from 'supertest';
import type { Deployment, DeploymentEvent } from '../../src/domain/deployments/deployment.js';
import { expectProblem, runService } from '../support/http.js';

const place = { name: 'checkout', environment: 'production', provider: 'gcp' };

describe('rollback', () => {
  const running = runService();

  const byTaxonomy = (query: Record<string, string> = {}) =>
    running.service.api
      .post('/v1/deployments/rollback')
      .query({ ...place, ...query })
      .set('X-Organisation', running.tenant.organisation);

  const byId = (id: string, query: Record<string, string> = {}) =>
    running.service.api
      .post(`/v1/deployments/${id}/rollback`)
      .query(query)
      .set('X-Organisation', running.tenant.organisation);

  it('registers a new deployment with the configuration of the last good one', async () => {
    const { tenant } = running;
    const source = await tenant.create(
      {
        version: '1',
        region: 'r',
        commit_sha: 'abc',
        commit_at: '2026-01-05T09:12:44.000Z',
        notes: 'old notes',
        deployment_uri: 'https://example.com',
        pipeline_extra_params: '{"a":1}',
      },
      'deployed',
    );
    const from = await tenant.create({ version: '2', region: 'r' }, 'deployed');
    const response = await byTaxonomy({ region: 'r' }).expect(201);
    const created = response.body as Deployment;
    expect(response.headers['location']).to.equal(`/v1/deployments/${created.id}`);
    expect(response.headers['etag']).to.match(/^"1-/);
    expect(created).to.deep.equal({
      ...source,
      id: created.id,
      created_at: created.created_at,
      updated_at: created.created_at,
      started_at: null,
      finished_at: null,
      deployed_at: null,
      status: 'scheduled',
      trigger: 'rollback',
      auto: false,
      deployment_uri: null,
      notes: `Rollback from 2 (${from.id}) to 1 (${source.id})`,
      source_deployment_id: source.id,
      rollback_from_deployment_id: from.id,
    });
    expect(created.id).not.to.equal(source.id);
    const events = await running.service.api
      .get(`/v1/deployments/${created.id}/events`)
      .set('X-Organisation', tenant.organisation);
    expect(events.body[0]).to.include({
      type: 'registered',
      cause: 'rollback',
      cause_deployment_id: from.id,
      reason: null,
    });
  });

  it('goes further back the second time, and never returns to the version that was bad', async () => {
    const { tenant } = running;
    for (const version of ['1', '2', '3']) await tenant.create({ version }, 'deployed');
    const first = await tenant.rollback();
    expect(first.version).to.equal('2');
    await tenant.move(first.id, 'deployed');
    const second = await tenant.rollback();
    expect(second.version).to.equal('1');
    expect(second.rollback_from_deployment_id).to.equal(first.id);
  });

  it('goes further back the third time too, not to a version that was left before', async () => {
    const { tenant } = running;
    for (const version of ['1', '2', '3']) await tenant.create({ version }, 'deployed');
    for (const version of ['2', '1']) {
      const back = await tenant.rollback();
      expect(back.version).to.equal(version);
      await tenant.move(back.id, 'deployed');
    }
    const source = 'No previous deployment to rollback to: no other version was deployed before 1';
    expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found', source);
  });

  it('has nowhere to go when what is left was found bad or is the same version', async () => {
    const { tenant } = running;
    await tenant.create({ version: '1' }, 'deployed');
    await tenant.create({ version: '2' }, 'deployed');
    const back = await tenant.rollback();
    await tenant.move(back.id, 'deployed');
    const source = 'No previous deployment to rollback to: no other version was deployed before 1';
    expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found', source);
  });

  it('returns to the version that is asked for, even one that failed later', async () => {
    const { tenant } = running;
    const wanted = await tenant.create({ version: '1' }, 'deployed', 'failed');
    await tenant.create({ version: '2' }, 'deployed');
    await tenant.create({ version: '3' }, 'deployed');
    const created = await tenant.rollback({ target_version: '1' });
    expect(created).to.include({ version: '1', source_deployment_id: wanted.id });
  });

  const begun: Deployment['status'][][] = [
    ['in_progress'],
    ['in_progress', 'failed'],
    ['in_progress', 'cancelled'],
    ['deployed', 'failed'],
  ];
  for (const history of begun) {
    it(`starts from one that was ${history.join(', then ')} as well`, async () => {
      const { tenant } = running;
      await tenant.create({ version: '1' }, 'deployed');
      const from = await tenant.create({ version: '2' }, ...history);
      const created = await tenant.rollback();
      expect(created).to.include({ version: '1', rollback_from_deployment_id: from.id });
    });
  }

  describe('with a body', () => {
    const rolledBack = async (send: (from: string) => Test): Promise<Deployment> => {
      const { tenant } = running;
      await tenant.create({ version: '1' }, 'deployed');
      const from = await tenant.create({ version: '2' }, 'deployed');
      return (await send(from.id).expect(201)).body as Deployment;
    };
    const calls: [how: string, send: (from: string) => Test][] = [
      ['by taxonomy', () => byTaxonomy()],
      ['by id', (from) => byId(from)],
    ];
    const events = async (id: string) =>
      (
        await running.service.api
          .get(`/v1/deployments/${id}/events`)
          .set('X-Organisation', running.tenant.organisation)
      ).body as DeploymentEvent[];

    for (const [how, send] of calls) {
      it(`keeps the reason in the notes and in the event, ${how}`, async () => {
        const reason = 'Checkout answers 500';
        const created = await rolledBack((from) => send(from).send({ reason }));
        expect(created.notes).to.match(
          /^Rollback from 2 \(.*\) to 1 \(.*\): Checkout answers 500$/,
        );
        expect((await events(created.id)).map((event) => event.reason)).to.deep.equal([reason]);
      });

      for (const body of [undefined, {}, { reason: null }, { reason: '' }, { reason: ' \t' }]) {
        it(`takes ${body === undefined ? 'none' : JSON.stringify(body)}, ${how}`, async () => {
          const created = await rolledBack((from) => send(from).send(body));
          expect(created.notes).to.match(/^Rollback from 2 \(.*\) to 1 \([0-9a-f-]*\)$/);
          expect((await events(created.id)).map(({ reason }) => reason)).to.deep.equal([null]);
        });
      }

      it(`refuses what does not belong there, by name, and creates nothing, ${how}`, async () => {
        const { tenant } = running;
        await tenant.create({ version: '1' }, 'deployed');
        const from = await tenant.create({ version: '2' }, 'deployed');
        for (const field of ['target_version', 'name', 'notes']) {
          const detail = `#/${field} is not a known field; allowed: reason, auto, lock`;
          const response = await send(from.id).send({ [field]: '1' });
          expectProblem(response, 422, 'contract-violation', detail);
        }
        expectProblem(await send(from.id).send({ reason: 1 }), 422, 'contract-violation');
        expect(await tenant.list({ trigger: 'rollback' })).to.deep.equal([]);
      });
    }

    it('cuts notes at the length that notes may have', async () => {
      const reason = 'x'.repeat(4_096);
      const created = await rolledBack((from) => byId(from).send({ reason }));
      expect(created.notes).to.have.length(4_096);
      expect((await events(created.id))[0]?.reason).to.equal(reason);
    });
  });

  it('says where a component runs when a part of the taxonomy is left out', async () => {
    const { tenant } = running;
    await tenant.create({ version: '1', region: 'r1', cell: 'a' }, 'deployed');
    await tenant.create({ version: '1', region: 'r2', cloud_account_id: 'i' }, 'deployed');
    await tenant.create({ version: '1', provider: 'aws' }, 'deployed');
    await tenant.create({ version: '1', environment: 'test', region: 'r3' }, 'deployed');
    await tenant.create({ version: '1', name: 'basket', region: 'r4' }, 'deployed');
    const places =
      '; checkout exists in production at provider=aws, or at provider=gcp, cloud_account_id=i, region=r2, or at provider=gcp, region=r1, cell=a';
    const nothing = 'No previous deployment to rollback to: nothing has run for name=checkout';
    for (const query of [{}, { target_version: '1' }]) {
      const response = await byTaxonomy(query);
      expectProblem(response, 404, 'rollback-source-not-found');
      expect(response.body.detail).to.match(new RegExp(`^${nothing}, `));
      expect(response.body.detail.endsWith(places)).to.equal(true);
    }
    const unknown = await byTaxonomy({ name: 'search' });
    expectProblem(unknown, 404, 'rollback-source-not-found', /cell=none$/);
  });

  it('finds nothing to go to', async () => {
    const { tenant } = running;
    const nothing = await byTaxonomy();
    expectProblem(
      nothing,
      404,
      'rollback-source-not-found',
      /^No previous deployment to rollback to/,
    );
    await tenant.create({ version: '1' });
    expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found');
    await tenant.create({ version: '2' }, 'deployed');
    const source = 'No previous deployment to rollback to: no other version was deployed before 2';
    expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found', source);
    const version = 'No deployment found with version 9';
    expectProblem(
      await byTaxonomy({ target_version: '9' }),
      404,
      'rollback-source-not-found',
      version,
    );
    const itself = 'No deployment found with version 2';
    expectProblem(
      await byTaxonomy({ target_version: '2' }),
      404,
      'rollback-source-not-found',
      itself,
    );
  });

  it('is refused while another from the same deployment is pending, and names it', async () => {
    const { tenant } = running;
    await tenant.create({ version: '1' }, 'deployed');
    const from = await tenant.create({ version: '2' }, 'deployed');
    const pending = await tenant.rollback();
    const detail = `Deployment ${from.id} is already being rolled back by ${pending.id}, which is scheduled`;
    expectProblem(await byTaxonomy(), 409, 'rollback-pending', detail);
    expectProblem(await byId(from.id), 409, 'rollback-pending', detail);
    await tenant.move(pending.id, 'skipped');
    expect((await tenant.rollback()).version).to.equal('1');
  });

  it('keeps to its taxonomy: a missing part is not any part', async () => {
    const { tenant } = running;
    await tenant.create({ version: '1', cell: 'a' }, 'deployed');
    await tenant.create({ version: '2', cell: 'a' }, 'deployed');
    await tenant.create({ version: '3' }, 'deployed');
    expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found');
    expectProblem(await byTaxonomy({ cell: 'b' }), 404, 'rollback-source-not-found');
    expect((await tenant.rollback({ cell: 'a' })).version).to.equal('1');
  });

  describe('by id', () => {
    it('takes the taxonomy from the deployment', async () => {
      const { tenant } = running;
      await tenant.create({ version: '1', cell: 'a' }, 'deployed');
      const from = await tenant.create({ version: '2', cell: 'a' }, 'deployed');
      const created = (await byId(from.id).expect(201)).body as Deployment;
      expect(created).to.include({ version: '1', cell: 'a', rollback_from_deployment_id: from.id });
    });

    it('returns to the version that is asked for', async () => {
      const { tenant } = running;
      await tenant.create({ version: '1' }, 'deployed');
      await tenant.create({ version: '2' }, 'deployed');
      const from = await tenant.create({ version: '3' }, 'in_progress', 'failed');
      const created = await byId(from.id, { target_version: '1' }).expect(201);
      expect(created.body.version).to.equal('1');
    });

    it('answers 409 for one that was never began, and says what runs there instead', async () => {
      const { tenant } = running;
      const waiting = await tenant.create({ version: '1' });
      const nothing = `Deployment ${waiting.id} is scheduled and has not begun, so there is nothing of it to roll back; nothing runs there`;
      expectProblem(await byId(waiting.id), 409, 'rollback-not-allowed', nothing);
      const runs = await tenant.create({ version: '2' }, 'deployed');
      const response = await byId(waiting.id);
      expectProblem(response, 409, 'rollback-not-allowed', /; 2 \(.*, deployed\) runs there$/);
      expect(response.body.detail).to.include(runs.id);
    });

    it('answers 409 for one that does not run any more, and says what runs there instead', async () => {
      const { tenant } = running;
      const older = await tenant.create({ version: '1' }, 'deployed');
      const runs = await tenant.create({ version: '2' }, 'in_progress');
      const detail = `Deployment ${older.id} is not what runs there; 2 (${runs.id}, in_progress) runs there`;
      expectProblem(await byId(older.id), 409, 'rollback-not-allowed', detail);
    });

    it('answers 404 for an unknown id', async () => {
      const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
      expectProblem(await byId(id), 404, 'deployment-not-found', `No deployment with id ${id}`);
    });
  });

  it('refuses a request without name, environment or provider, each by name', async () => {
    const response = await running.service.api.post('/v1/deployments/rollback');
    expectProblem(response, 422, 'contract-violation');
    expect(response.body.errors).to.deep.equal([
      { parameter: 'name', message: 'is required' },
      { parameter: 'environment', message: 'is required' },
      { parameter: 'provider', message: 'is required' },
    ]);
  });
});
