import { expect } from 'chai';
import type { Deployment, DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem, runService } from '../support/http.js';

describe('createDeployment', () => {
  const running = runService();

  const post = (body: object) =>
    running.service.api
      .post('/v1/deployments')
      .set('X-Organisation', running.tenant.organisation)
      .send(body);

  it('answers 201 with the deployment, its Location and its ETag', async () => {
    const response = await post(deploymentBody()).expect(201);
    const created = response.body as Deployment;
    expect(response.headers['location']).to.equal(`/v1/deployments/${created.id}`);
    expect(response.headers['etag']).to.match(/^"1-[0-9a-z]+"$/);
    expect(created.id).to.match(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(created.created_at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(created).to.deep.equal({
      id: created.id,
      created_at: created.created_at,
      updated_at: created.created_at,
      started_at: null,
      finished_at: null,
      deployed_at: null,
      organisation: running.tenant.organisation,
      name: 'checkout',
      version: '1.0.0',
      environment: 'production',
      provider: 'gcp',
      cloud_account_id: null,
      region: null,
      cell: null,
      type: 'k8s',
      auto: true,
      commit_sha: null,
      commit_at: null,
      description: null,
      notes: null,
      build_uri: null,
      deployment_uri: null,
      resource: null,
      pipeline_extra_params: null,
      status: 'scheduled',
      trigger: 'auto',
      source_deployment_id: null,
      rollback_from_deployment_id: null,
      created_by_repo: null,
      created_by_workflow: null,
      created_by_actor: null,
      approvals: [],
    });
    const location = response.headers['location'] ?? '';
    const read = await running.service.api
      .get(location)
      .set('X-Organisation', running.tenant.organisation)
      .expect(200);
    expect(read.body).to.deep.equal(created);
    expect(read.headers['etag']).to.equal(response.headers['etag']);
  });

  it('keeps every field that is sent, to the letter', async () => {
    const body = deploymentBody({
      name: 'a'.repeat(255),
      version: ' 1.0.0-ünïcode🚀 ',
      provider: 'azure',
      type: 'data_pipeline',
      cloud_account_id: 'sub-1',
      region: 'westeurope',
      cell: 'cell/1:a',
      auto: false,
      commit_sha: 'abc',
      commit_at: '2026-01-05T09:12:44.000Z',
      description: 'x'.repeat(4_096),
      notes: 'line one\nline two\t"quoted" \\ \u0001',
      build_uri: 'https://example.com/?a=1&b=2',
      deployment_uri: 'https://example.com/',
      resource: 'deployment/checkout',
      pipeline_extra_params: "{canary: [1, 2.50, 'not JSON'",
    });
    const response = await post(body).expect(201);
    expect(response.body).to.deep.include({ ...body, trigger: 'manual', status: 'scheduled' });
  });

  it('answers a commit_at with an offset in UTC, with milliseconds', async () => {
    const commitAt = '2026-01-05T10:12:44.5+01:00';
    const created = await running.tenant.create({ commit_at: commitAt });
    expect(created.commit_at).to.equal('2026-01-05T09:12:44.500Z');
    expect(await running.tenant.get(created.id)).to.deep.equal(created);
  });

  for (const [commitAt, inUtc] of [
    ['2026-01-05t09:12:44z', '2026-01-05T09:12:44.000Z'],
    ['2026-01-05T14:42:44+05:30', '2026-01-05T09:12:44.000Z'],
    ['2026-01-05T09:12:44-00:00', '2026-01-05T09:12:44.000Z'],
    ['2026-01-05T09:12:44.123456789Z', '2026-01-05T09:12:44.123Z'],
  ] as const) {
    it(`takes ${commitAt} as commit_at`, async () => {
      const created = await running.tenant.create({ commit_at: commitAt });
      expect(created.commit_at).to.equal(inUtc);
    });
  }

  for (const commitAt of [
    'yesterday',
    '2026-01-05',
    '2026-02-30T09:12:44Z',
    '2026-13-01T09:12:44Z',
    // Of ISO 8601, and not of RFC 3339.
    '2026-01-05T09:12:44',
    '2026-01-05T09:12:44+0530',
    '2026-01-05T09:12:44+05',
    '2026-01-05T09:12Z',
    '2026-01-05T09:12:44,5Z',
    '2026-01-05T09:12:44.Z',
    '2026-01-05T24:00:00Z',
    '2026-W02-1T09:12:44Z',
    '2026-005T09:12:44Z',
    '20260105T091244Z',
    '+002026-01-05T09:12:44Z',
    '2026-01-05 09:12:44Z',
    '2026-01-05\n09:12:44Z',
    // No instant that there is.
    '2026-01-05T09:60:44Z',
    '2026-01-05T09:12:60Z',
    '2026-01-05T09:12:44+24:00',
    '2026-01-05T09:12:44+05:60',
    '2026-01-05T09:12:44Z\n',
  ]) {
    it(`refuses ${JSON.stringify(commitAt)} as commit_at`, async () => {
      const response = await post(deploymentBody({ commit_at: commitAt }));
      expectProblem(response, 422, 'contract-violation', /^#\/commit_at must/);
    });
  }

  const lengths: [field: keyof DeploymentCreate, max: number][] = [
    ['name', 255],
    ['version', 255],
    ['environment', 255],
    ['cloud_account_id', 255],
    ['region', 255],
    ['cell', 255],
    ['resource', 255],
    ['commit_sha', 64],
    ['description', 4_096],
    ['notes', 4_096],
    ['build_uri', 2_048],
    ['deployment_uri', 2_048],
    ['pipeline_extra_params', 16_384],
  ];
  for (const [field, max] of lengths) {
    it(`takes up to ${max} characters of ${field}`, async () => {
      const text = (length: number) =>
        field.endsWith('_uri') ? 'https://a.example/'.padEnd(length, 'x') : 'x'.repeat(length);
      const created = await running.tenant.create({ [field]: text(max) });
      expect(created[field]).to.equal(text(max));
      const response = await post(deploymentBody({ [field]: text(max + 1) }));
      const detail = `#/${field} must NOT have more than ${max} characters`;
      expectProblem(response, 422, 'contract-violation', detail);
    });
  }

  it('takes null for what may be left out', async () => {
    const response = await post({ ...deploymentBody(), cell: null, notes: null }).expect(201);
    expect(response.body).to.deep.include({ cell: null, notes: null });
  });

  it('counts length in characters, not in bytes', async () => {
    await post(deploymentBody({ name: '🚀'.repeat(255) })).expect(201);
    await post(deploymentBody({ name: '🚀'.repeat(256) })).expect(422);
  });

  it('puts a tenant together whatever the case of its name', async () => {
    const { service, tenant } = running;
    const response = await service.api
      .post('/v1/deployments')
      .set('X-Organisation', tenant.organisation.toUpperCase())
      .send(deploymentBody())
      .expect(201);
    expect(response.body.organisation).to.equal(tenant.organisation);
    expect(await tenant.list()).to.have.length(1);
  });

  it('uses DEV_ORGANISATION for a caller who names none', async () => {
    const response = await running.service.api
      .post('/v1/deployments')
      .send(deploymentBody())
      .expect(201);
    expect(response.body.organisation).to.equal('local-dev');
  });
});
