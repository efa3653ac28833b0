import { expect } from 'chai';
import type {
  Deployment,
  DeploymentCreate,
  DeploymentEvent,
} from '../../src/domain/deployments/deployment.js';
import type { components } from '../../generated/openapi.js';
import { Tenant } from '../support/deployments.js';
import { createMovedClock } from '../support/moved-clock.js';
import type { MovedClock } from '../support/moved-clock.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { until } from '../support/until.js';

type Schemas = components['schemas'];
type Claim = Schemas['Claim'];
type QueuePosition = Schemas['QueuePosition'];

interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** What a claim got. */
interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Partial<Claim> &
    Partial<QueuePosition> & { readonly count?: number; readonly type?: string; detail?: string };
}

describe('claims', () => {
  let clock: MovedClock;
  let service: TestService;
  let tenant: Tenant;
  let environment = '';
  let tests = 0;
  before(async () => {
    clock = createMovedClock();
    service = await startTestService({}, clock);
    tenant = new Tenant(service, 'acme');
  });
  after(() => service.stop());
  beforeEach(() => {
    tests += 1;
    environment = `environment-${tests}`;
  });

  /** Registers a deployment in the environment of the test. */
  const register = (fields: Partial<DeploymentCreate> = {}): Promise<Deployment> =>
    tenant.create({ environment, ...fields });

  async function call(
    method: string,
    path: string,
    { body, headers = {}, signal }: { body?: object } & CallOptions = {},
  ): Promise<Got> {
    const response = await fetch(`${service.apiUrl}/v1${path}`, {
      method,
      headers: { 'X-Organisation': 'acme', 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Got['body'],
    };
  }

  const claim = (id: string, body: object = {}, options: CallOptions = {}) =>
    call('POST', `/deployments/${id}/claim`, { body, ...options });

  const report = (id: string, status: string, token?: string) =>
    call('PATCH', `/deployments/${id}`, {
      body: { status },
      headers: token === undefined ? {} : { 'Lease-Token': token },
    });

  /** Claims a deployment, which must be its turn. */
  async function start(id: string): Promise<{ token: string; fence: number }> {
    const { status, body } = await claim(id);
    expect(status, JSON.stringify(body)).to.equal(200);
    if (body.lease === undefined) throw new Error('a claim that is granted has a lease');
    return body.lease;
  }

  /** Claims a deployment and waits for its turn. */
  async function wait(id: string): Promise<{ response: Promise<Got>; leave: () => void }> {
    const leaving = new AbortController();
    const response = claim(id, { wait_seconds: 60 }, { signal: leaving.signal });
    response.catch(() => undefined);
    await until(`${id} is waited for`, async () => (await position(id)).position !== null);
    return {
      response,
      leave: () => {
        leaving.abort();
      },
    };
  }

  async function position(id: string): Promise<QueuePosition> {
    return (await call('GET', `/deployments/${id}/queue`)).body as QueuePosition;
  }

  const set = (settings: object) => call('PUT', `/environments/${environment}`, { body: settings });

  it('start one deployment and let the next wait, which says what for, and is woken by its end', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    const lease = await start(first.id);
    expect((await tenant.get(first.id)).status).to.equal('in_progress');
    const { status, headers, body } = await claim(second.id);
    expect(status).to.equal(202);
    expect(body).to.include({ position: 1, retry_after: 5 });
    expect(headers.get('retry-after')).to.equal('5');
    expect(body.blocked_by).to.have.length(1);
    expect(body.blocked_by?.[0]).to.include({ kind: 'running', deployment_id: first.id });

    const { response } = await wait(second.id);
    expect((await report(first.id, 'deployed', lease.token)).status).to.equal(200);
    const { status: then, body: granted } = await response;
    expect(then).to.equal(200);
    expect(granted.lease?.fence).to.be.greaterThan(lease.fence);
  });

  it('that are superseded are told by what, and never dropped', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    const lease = await start(second.id);
    const { response } = await wait(first.id);
    await report(second.id, 'deployed', lease.token);
    const { status, body } = await response;
    expect(status).to.equal(409);
    expect(body.type).to.contain('claim-superseded');
    expect(body.detail).to.contain(second.id);
  });

  it('that are refused while they wait keep nobody else from going', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    const other = await register({ name: 'basket' });
    const failed = await start(first.id);
    await report(first.id, 'failed', failed.token);
    await set({ exclusive: 'environment' });
    const lease = await start(second.id);
    const retry = await wait(first.id);
    const { response } = await wait(other.id);
    await report(second.id, 'deployed', lease.token);
    expect((await retry.response).body.type).to.contain('claim-superseded');
    expect((await response).status).to.equal(200);
  });

  it('of a dead holder are ended by time, and the next one goes', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    await start(first.id);
    const { response } = await wait(second.id);
    clock.forward(60);
    const { status } = await response;
    expect(status).to.equal(200);
    expect((await tenant.get(first.id)).status).to.equal('failed');
  });

  it('of a dead holder make the deployment failed also while nobody waits', async () => {
    const { id } = await register();
    const { token } = await start(id);
    clock.forward(60);
    await until('the lease has run out', async () => (await tenant.get(id)).status === 'failed');
    const events = (await call('GET', `/deployments/${id}/events`))
      .body as unknown as DeploymentEvent[];
    expect(events.at(-1)?.cause).to.equal('lease_expired');
    expect((await report(id, 'deployed', token)).body.type).to.contain('lease-lost');
    expect((await report(id, 'deployed')).status).to.equal(200);
    const metrics = await service.management.get('/metrics');
    expect(metrics.text).to.contain('queue_leases_expired_total{organisation="acme"} ');
  });

  it("of a caller who leaves give the place up, and leave somebody else's lease alone", async () => {
    const [first, second, third] = [
      await register(),
      await register({ version: '2' }),
      await register({ version: '3' }),
    ];
    const lease = await start(first.id);
    const other = await wait(second.id);
    const leaving = await wait(third.id);
    leaving.leave();
    await until('the place is free', async () => (await position(third.id)).position === null);
    expect((await tenant.get(first.id)).status).to.equal('in_progress');
    expect((await report(first.id, 'failed', lease.token)).status).to.equal(200);
    expect((await other.response).status).to.equal(200);
  });

  it('of two for one deployment, serve the newest; the other is told who holds it', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    const lease = await start(first.id);
    const older = await wait(second.id);
    const newer = await wait(second.id);
    const queue = await position(second.id);
    expect(queue.position).to.equal(1);
    await report(first.id, 'failed', lease.token);
    const responses = await Promise.all([older.response, newer.response]);
    expect(responses.map(({ status }) => status).sort()).to.deep.equal([200, 409]);
    expect(responses.find(({ status }) => status === 409)?.body.type).to.contain('lease-held');
  });

  it('at the same moment start one deployment of many', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 20; number += 1) {
      ids.push((await register({ version: String(number) })).id);
    }
    const statuses = (await Promise.all(ids.map((id) => claim(id)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).to.have.length(1);
    expect(await tenant.list({ status: 'in_progress', environment })).to.have.length(1);
  });

  it('wake whoever waits when settings make room', async () => {
    await set({ exclusive: 'environment' });
    const [first, second] = [await register(), await register({ name: 'basket' })];
    await start(first.id);
    const { response } = await wait(second.id);
    await set({ exclusive: 'taxonomy' });
    expect((await response).status).to.equal(200);
  });

  it('wake whoever waits when a buffer is over', async () => {
    await set({ buffer_seconds: 600 });
    const [first, second] = [await register(), await register({ version: '2' })];
    const lease = await start(first.id);
    await report(first.id, 'failed', lease.token);
    const { response } = await wait(second.id);
    expect((await position(second.id)).blocked_by[0]).to.include({ kind: 'buffer' });
    clock.forward(600);
    expect((await response).status).to.equal(200);
  });

  it('are told by 202 to come again when the service stops, and keep their place', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    await start(first.id);
    const { response } = await wait(second.id);
    const stopped = service.stop();
    const { status, body } = await response;
    expect(status).to.equal(202);
    expect(body.position).to.equal(1);
    await stopped;
    service = await startTestService({}, clock);
    tenant = new Tenant(service, 'acme');
  });

  it('under an Idempotency-Key get the same lease again, under a new token', async () => {
    const { id } = await register();
    const headers = { 'Idempotency-Key': 'run-1' };
    const first = await claim(id, {}, { headers });
    const again = await claim(id, {}, { headers });
    expect(again.status).to.equal(200);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect(again.body.lease?.fence).to.equal(first.body.lease?.fence);
    const statuses: number[] = [];
    for (const { body } of [first, again]) {
      const token = { 'Lease-Token': body.lease?.token ?? '' };
      statuses.push((await call('PUT', `/deployments/${id}/lease`, { headers: token })).status);
    }
    expect(statuses).to.deep.equal([409, 200]);
  });

  it('under an Idempotency-Key are not told again that it is not their turn', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    const headers = { 'Idempotency-Key': `not-yet-${tests}` };
    const lease = await start(first.id);
    const before = await claim(second.id, {}, { headers });
    await report(first.id, 'failed', lease.token);
    const after = await claim(second.id, {}, { headers });
    expect([before.status, after.status]).to.deep.equal([202, 200]);
    expect(after.headers.get('idempotent-replayed')).to.equal(null);
  });

  it('under an Idempotency-Key are the same with no body and with an empty one', async () => {
    const { id } = await register();
    const headers = { 'Idempotency-Key': `bodies-${tests}` };
    const first = await call('POST', `/deployments/${id}/claim`, { headers });
    const again = await claim(id, {}, { headers });
    expect([first.status, again.status]).to.deep.equal([200, 200]);
    expect(again.body.lease?.fence).to.equal(first.body.lease?.fence);
  });

  it('are renewed without a change of the ETag, and given back', async () => {
    const { id } = await register();
    const { token, fence } = await start(id);
    const before = await service.api.get(`/v1/deployments/${id}`).set('X-Organisation', 'acme');
    const renewed = await call('PUT', `/deployments/${id}/lease`, {
      headers: { 'Lease-Token': token },
    });
    expect(renewed.status).to.equal(200);
    expect(renewed.body).to.include({ fence });
    const after = await service.api.get(`/v1/deployments/${id}`).set('X-Organisation', 'acme');
    expect(after.headers['etag']).to.equal(before.headers['etag']);
    const released = await call('DELETE', `/deployments/${id}/lease`, {
      headers: { 'Lease-Token': token },
    });
    expect((released.body as unknown as Deployment).status).to.equal('scheduled');
  });

  it('refuse a change of status without the token, and say how it may change', async () => {
    const { id } = await register();
    await start(id);
    const { status, body } = await report(id, 'deployed');
    expect(status).to.equal(409);
    expect(body.type).to.contain('lease-held');
    expect(body.detail).to.contain('Lease-Token');
  });

  it('are cancelled by selector, once the caller knows how many there are', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    const { token } = await start(first.id);
    const { response } = await wait(second.id);
    const selector = { environment: environment.toUpperCase() };
    const cancel = (body: object) =>
      call('POST', '/deployments/cancel', { body: { selector, ...body } });
    const dry = await cancel({ dry_run: true });
    expect(dry.body).to.include({ count: 2 });
    expect((await tenant.get(first.id)).status).to.equal('in_progress');
    expect((await cancel({})).body.type).to.contain('cancel-count-differs');
    expect((await cancel({ expected_count: 1 })).body.type).to.contain('cancel-count-differs');
    const done = await cancel({ expected_count: 2, reason: 'broken' });
    expect(done.body).to.include({ count: 2 });
    expect((await response).body.type).to.contain('claim-not-allowed');
    const renewed = await call('PUT', `/deployments/${first.id}/lease`, {
      headers: { 'Lease-Token': token },
    });
    expect(renewed.body.detail).to.contain('broken');
    expect(
      (await call('POST', '/deployments/cancel', { body: { selector: {}, dry_run: true } })).status,
    ).to.equal(422);
  });

  it('show no token in any log line', async () => {
    const { id } = await register();
    const { token } = await start(id);
    await report(id, 'deployed', token);
    expect(JSON.stringify(service.logs)).not.to.contain(token);
  });
});
