import { connect } from 'node:net';
import { expect } from 'chai';
import { loadContract } from '../../src/contract/contract.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { parseExposition, scrape, valueOf } from '../support/exposition.js';
import { runService } from '../support/http.js';
import { until } from '../support/until.js';

describe('the metrics', () => {
  const running = runService();

  const read = () => scrape(running.service);

  /** The value of a sample with exactly these labels. */
  const count = async (name: string, labels: Record<string, string>) =>
    valueOf(await read(), name, labels);

  it('count deployments created, updated, skipped and rolled back, by their labels', async () => {
    const { tenant } = running;
    const { organisation } = tenant;
    const place = { organisation, provider: 'gcp', environment: 'production' };
    await tenant.create({ version: '1' }, 'deployed');
    await tenant.create({ version: '2', auto: false });
    await tenant.create({ version: '3' });
    await tenant.create({ version: '4' }, 'in_progress', 'deployed');
    await tenant.rollback();

    const created = 'deployments_created_total';
    expect(await count(created, { ...place, trigger: 'auto' })).to.equal(3);
    expect(await count(created, { ...place, trigger: 'manual' })).to.equal(1);
    expect(await count(created, { ...place, trigger: 'rollback' })).to.equal(1);
    const updated = 'deployments_updated_total';
    expect(await count(updated, { organisation, status: 'deployed' })).to.equal(2);
    expect(await count(updated, { organisation, status: 'in_progress' })).to.equal(1);
    expect(await count(updated, { organisation, status: 'skipped' })).to.be.undefined;
    expect(await count('deployments_skipped_total', { organisation })).to.equal(2);
    expect(await count('rollbacks_total', place)).to.equal(1);
  });

  it('do not count what was refused, changed nothing or was answered from memory', async () => {
    const { service, tenant } = running;
    const { organisation } = tenant;
    const { id } = await tenant.create({}, 'deployed');
    await tenant.move(id, 'deployed');
    const call = (method: 'post' | 'patch', path: string) =>
      service.api[method](path).set('X-Organisation', organisation);
    await call('patch', `/v1/deployments/${id}`).send({ status: 'scheduled' }).expect(409);
    await call('post', '/v1/deployments').send({}).expect(422);
    await call('post', `/v1/deployments/${id}/rollback`).expect(404);
    const repeated = { name: 'a', version: '1', environment: 'e', provider: 'aws', type: 'k8s' };
    const repeat = () =>
      call('post', '/v1/deployments').set('Idempotency-Key', 'k').send(repeated).expect(201);
    await repeat();
    await repeat();

    const own = (await read())
      .filter(({ labels }) => labels['organisation'] === organisation)
      .map(({ name, labels: { organisation: _, ...rest }, value }) => [name, rest, value]);
    expect(own).to.have.deep.members([
      [
        'deployments_created_total',
        { provider: 'gcp', environment: 'production', trigger: 'auto' },
        1,
      ],
      ['deployments_created_total', { provider: 'aws', environment: 'e', trigger: 'auto' }, 1],
      ['deployments_updated_total', { status: 'deployed' }, 1],
    ]);
  });

  it('count requests by path template, whatever their id and outcome', async () => {
    const endpoint = '/v1/deployments/{id}/events';
    const { id } = await running.tenant.create();
    const { api } = running.service;
    await api.get(`/v1/deployments/${id}/events`).expect(404);
    await api.get('/v1/deployments/019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f/events').expect(404);
    await api.get('/v1/deployments/not-an-id/events').expect(422);
    await api.delete(`/v1/deployments/${id}/events`).expect(405);

    const requests = 'http_requests_total';
    expect(await count(requests, { method: 'GET', endpoint, status_code: '404' })).to.equal(2);
    expect(await count(requests, { method: 'GET', endpoint, status_code: '422' })).to.equal(1);
    expect(await count(requests, { method: 'DELETE', endpoint, status_code: '405' })).to.equal(1);
    const duration = 'http_request_duration_seconds_count';
    expect(await count(duration, { method: 'GET', endpoint })).to.equal(3);
  });

  it('give unknown paths one endpoint, and methods of any name one label', async () => {
    const { api } = running.service;
    for (const path of ['/a', '/b/c', '/v1/deployment', '/v1/x/y'])
      await api.head(path).expect(404);
    for (const method of ['propfind', 'purge', 'trace', 'lock', 'report'] as const) {
      await api[method]('/nothing').expect(404);
    }
    const endpoint = 'unmatched';
    const unmatched = (await read()).filter(
      ({ name, labels }) => name === 'http_requests_total' && labels['endpoint'] === endpoint,
    );
    expect(unmatched.map(({ labels, value }) => [labels['method'], value])).to.have.deep.members([
      ['HEAD', 4],
      ['OTHER', 5],
    ]);
    const endpoints = (await read()).map(({ labels }) => labels['endpoint']);
    const paths = loadContract().operations.map(({ path }) => path);
    expect(paths).to.include.members(
      endpoints.filter((value) => value !== undefined && value !== endpoint),
    );
  });

  it('time the operations of the store', async () => {
    const before =
      (await count('db_query_duration_seconds_count', { operation: 'deployment' })) ?? 0;
    const { id } = await running.tenant.create();
    await running.tenant.get(id);
    expect(await count('db_query_duration_seconds_count', { operation: 'deployment' })).to.equal(
      before + 1,
    );
  });

  it("have the names and labels that dashboards know, and no others but Node's own", async () => {
    const { tenant, service } = running;
    await tenant.create({ version: '1' }, 'deployed');
    await tenant.create({ version: '2' });
    await tenant.create({ version: '3' }, 'deployed');
    await tenant.rollback();

    const labels = new Map<string, string>();
    for (const sample of await read()) {
      const name = sample.name.replace(/_(bucket|sum|count)$/, '');
      const names = Object.keys(sample.labels).filter((label) => label !== 'le');
      if (!/^(nodejs|process)_/.test(name)) labels.set(name, names.join());
    }
    expect(Object.fromEntries(labels)).to.deep.equal({
      http_requests_total: 'method,endpoint,status_code',
      http_requests_in_flight: '',
      http_request_duration_seconds: 'method,endpoint',
      deployments_created_total: 'organisation,provider,environment,trigger',
      deployments_updated_total: 'organisation,status',
      deployments_skipped_total: 'organisation',
      rollbacks_total: 'organisation,provider,environment',
      db_query_duration_seconds: 'operation',
      db_errors_total: 'operation',
      db_retries_total: 'reason',
      db_up: '',
      deployment_queue_depth: 'environment,status',
      deployment_queue_depth_age_seconds: '',
      event_streams: '',
      queue_claims_waiting: '',
      queue_leases_held: 'environment',
      queue_hand_over_seconds: '',
      event_loop_lag_seconds: '',
      event_loop_active_seconds_total: '',
      deployment_queue_info: 'version',
    });
    const { text } = await service.management.get('/metrics');
    expect(text).to.include('# TYPE auth_requests_total counter');
    expect(text).to.include('# TYPE http_request_duration_seconds histogram');
    expect(text).to.include('# TYPE auth_cache_requests_total counter');
    for (const name of ['sessions', 'sessions_max', 'waiting', 'wait_seconds']) {
      expect(text).to.match(new RegExp(`^# TYPE db_pool_${name} `, 'm'));
    }
    expect(text).to.include('# TYPE db_query_duration_seconds histogram');
  });

  it('count attempts to authenticate by method and success', async () => {
    const metrics = createMetrics('1.2.3');
    metrics.authRequest('oidc', true);
    metrics.authRequest('pat', false);
    metrics.authRequest('pat', false);
    metrics.stop();
    const samples = parseExposition(await metrics.render());
    expect(samples.filter(({ name }) => name === 'auth_requests_total')).to.deep.equal([
      { name: 'auth_requests_total', labels: { method: 'oidc', success: 'true' }, value: 1 },
      { name: 'auth_requests_total', labels: { method: 'pat', success: 'false' }, value: 2 },
    ]);
  });

  it('count requests while they are being answered, and no longer', async () => {
    const { apiUrl } = running.service;
    const inFlight = () => count('http_requests_in_flight', {});
    expect(await inFlight()).to.equal(0);
    const { hostname, port } = new URL(apiUrl);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /v1/deployments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        'Content-Length: 100\r\n\r\n{',
    );
    await until('it is under way', async () => (await inFlight()) === 1);
    socket.destroy();
    await until('it is over', async () => (await inFlight()) === 0);
  });

  it('hold those of Node', async () => {
    const names = (await read()).map(({ name }) => name);
    expect(names).to.include.members([
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
      'nodejs_heap_size_used_bytes',
    ]);
  });

  it('say which version runs', async () => {
    const { version } = loadContract();
    expect(await count('deployment_queue_info', { version })).to.equal(1);
  });
});
