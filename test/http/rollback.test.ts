import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
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
    expect(events.body[0]).to.include({ cause: 'rollback', cause_deployment_id: from.id });
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
    const source = 'No previous deployment to rollback to';
    expectProblem(await byTaxonomy(), 404, 'rollback-source-not-found', source);
  });

  it('has nowhere to go when what is left was found bad or is the same version', async () => {
    const { tenant } = running;
    await tenant.create({ version: '1' }, 'deployed');
    await tenant.create({ version: '2' }, 'deployed');
    const back = await tenant.rollback();
    await tenant.move(back.id, 'deployed');
    const source = 'No previous deployment to rollback to';
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

  it('starts from one that is in progress or failed as well', async () => {
    const { tenant } = running;
    await tenant.create({ version: '1' }, 'deployed');
    for (const status of ['in_progress', 'failed'] as const) {
      const from = await tenant.create({ version: status }, status);
      const created = await tenant.rollback();
      expect(created).to.include({ version: '1', rollback_from_deployment_id: from.id });
      await tenant.move(created.id, 'skipped');
    }
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
    const source = 'No previous deployment to rollback to';
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
      const from = await tenant.create({ version: '3' }, 'failed');
      const created = await byId(from.id, { target_version: '1' }).expect(201);
      expect(created.body.version).to.equal('1');
    });

    it('answers 409 for one that was never released, and says what runs there instead', async () => {
      const { tenant } = running;
      const waiting = await tenant.create({ version: '1' });
      const nothing = `Deployment ${waiting.id} is scheduled, so there is nothing of it to roll back; nothing runs there`;
      expectProblem(await byId(waiting.id), 409, 'rollback-not-allowed', nothing);
      const runs = await tenant.create({ version: '2' }, 'deployed');
      const response = await byId(waiting.id);
      expectProblem(response, 409, 'rollback-not-allowed', /; 2 \(.*, deployed\) runs there$/);
      expect(response.body.detail).to.include(runs.id);
    });

    it('answers 409 when a newer one was released, and says what runs there instead', async () => {
      const { tenant } = running;
      const older = await tenant.create({ version: '1' }, 'deployed');
      const runs = await tenant.create({ version: '2' }, 'in_progress');
      const detail = `Deployment ${older.id} is not the newest that was released; 2 (${runs.id}, in_progress) runs there`;
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

describe('getDeploymentLineage', () => {
  const running = runService();

  const lineage = async (id: string) => {
    const response = await running.service.api
      .get(`/v1/deployments/${id}/lineage`)
      .set('X-Organisation', running.tenant.organisation)
      .expect(200);
    const { deployment, ...chains } = response.body as Record<string, Deployment[]> & {
      deployment: Deployment;
    };
    expect(deployment).to.deep.equal(await running.tenant.get(id));
    return Object.fromEntries(
      Object.entries(chains).map(([name, chain]) => [name, chain.map((member) => member.id)]),
    );
  };

  it('traces two rollbacks back to the start, and forward from what they replaced', async () => {
    const { tenant } = running;
    const [one, two, three] = [
      await tenant.create({ version: '1' }, 'deployed'),
      await tenant.create({ version: '2' }, 'deployed'),
      await tenant.create({ version: '3' }, 'deployed'),
    ];
    const back = await tenant.rollback();
    await tenant.move(back.id, 'deployed');
    const further = await tenant.rollback();
    expect(await lineage(further.id)).to.deep.equal({
      copied_from: [one.id],
      replaced: [back.id, three.id],
      replaced_by: [],
    });
    expect(await lineage(back.id)).to.deep.equal({
      copied_from: [two.id],
      replaced: [three.id],
      replaced_by: [further.id],
    });
    expect(await lineage(three.id)).to.deep.equal({
      copied_from: [],
      replaced: [],
      replaced_by: [back.id, further.id],
    });
    expect(await lineage(one.id)).to.deep.equal({ copied_from: [], replaced: [], replaced_by: [] });
  });
});
