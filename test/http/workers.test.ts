import { expect } from 'chai';
import { createClient, noCredentials } from '../../src/client/client.js';
import type { Claimed, ClaimNextRequest, DeploymentQueueClient } from '../../src/client/client.js';
import type { Deployment, DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import { scrape } from '../support/exposition.js';
import { Tenant } from '../support/deployments.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { until } from '../support/until.js';

describe('workers over HTTP', () => {
  let service: TestService;
  let tenant: Tenant;
  let client: DeploymentQueueClient;
  let environment = '';
  let tests = 0;
  before(async () => {
    service = await startTestService();
    tenant = new Tenant(service, 'acme');
    client = createClient({ url: service.apiUrl, credentials: noCredentials('acme') });
  });
  after(() => service.stop());
  beforeEach(() => {
    tests += 1;
    environment = `environment-${tests}`;
  });

  const register = (fields: Partial<DeploymentCreate> = {}): Promise<Deployment> =>
    tenant.create({ environment, auto: true, ...fields });

  const work = (
    selector: Partial<ClaimNextRequest['selector']> = {},
    wait = 0,
    options: Parameters<DeploymentQueueClient['claimNext']>[1] = {},
  ) => client.claimNext({ selector: { environment, ...selector }, wait_seconds: wait }, options);

  /** What a worker gets, which has to get something. */
  async function taken(...args: Parameters<typeof work>): Promise<Claimed> {
    const got = await work(...args);
    if (!got.claimed) throw new Error('the worker got nothing');
    return got;
  }

  /** Waits until so many claims wait. */
  const waiting = (count: number) =>
    until(`${count} claims wait`, async () => {
      const samples = await scrape(service);
      return samples.find(({ name }) => name === 'queue_claims_waiting')?.value === count;
    });

  it('are given a deployment and its lease, and nothing when there is none', async () => {
    const { id } = await register();
    const { deployment, lease } = await taken();
    expect(deployment).to.include({ id, status: 'in_progress' });
    expect(lease.token).to.match(/^[\w-]{43}$/);
    expect(await work()).to.deep.equal({ claimed: false });
    const leaseToken = lease.token;
    await client.updateDeployment(id, { status: 'deployed' }, { leaseToken });
    expect((await tenant.get(id)).status).to.equal('deployed');
  });

  it('are woken by what is registered, and by what ends', async () => {
    const first = taken({}, 60);
    await waiting(1);
    const { id } = await register();
    const { deployment, lease } = await first;
    expect(deployment.id).to.equal(id);
    const { id: next } = await register({ version: '2' });
    const second = taken({}, 60);
    await waiting(1);
    await client.updateDeployment(id, { status: 'failed' }, { leaseToken: lease.token });
    expect((await second).deployment.id).to.equal(next);
  });

  it('are given one deployment each, however many wait', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const leaving = new AbortController();
    const given: string[] = [];
    const workers = [...names, 'f', 'g'].map(async () => {
      const got = await work({}, 60, { signal: leaving.signal }).catch(() => undefined);
      if (got?.claimed === true) given.push(got.deployment.id);
    });
    await waiting(workers.length);
    const ids = await Promise.all(names.map(async (name) => (await register({ name })).id));
    await until('each is given to somebody', () => given.length >= ids.length);
    await waiting(2);
    leaving.abort();
    await Promise.all(workers);
    expect(given.sort()).to.deep.equal(ids.sort());
  });

  it('take what they ask for, whatever the case of the environment', async () => {
    const { id } = await register({ region: 'eu-central-1' });
    expect(await work({ region: 'us-east-1' })).to.deep.equal({ claimed: false });
    const { deployment } = await taken({
      environment: environment.toUpperCase(),
      region: 'eu-central-1',
    });
    expect(deployment.id).to.equal(id);
  });

  it('make nothing wait once they have left', async () => {
    await client.putEnvironment(environment, { exclusive: 'environment' });
    const running = await register({ name: 'running' });
    const { lease } = await taken();
    const auto = await register({ name: 'basket' });
    const leaving = new AbortController();
    const left = work({ name: 'basket' }, 60, { signal: leaving.signal }).catch(() => 'left');
    await waiting(1);
    expect((await client.getQueuePosition(auto.id)).position).to.equal(1);
    leaving.abort();
    expect(await left).to.equal('left');
    await until('nobody waits for it', async () => {
      return (await client.getQueuePosition(auto.id)).position === null;
    });
    const leaseToken = lease.token;
    await client.updateDeployment(running.id, { status: 'deployed' }, { leaseToken });
  });

  it('get the same again under their Idempotency-Key', async () => {
    await register();
    const first = await taken({}, 0, { idempotencyKey: `worker-${tests}` });
    const again = await taken({}, 0, { idempotencyKey: `worker-${tests}` });
    expect(again).to.deep.include({ replayed: true });
    expect(again.lease.fence).to.equal(first.lease.fence);
    expect(again.lease.token).not.to.equal(first.lease.token);
  });

  it('are not told again under their Idempotency-Key that there is nothing', async () => {
    const key = { idempotencyKey: `nothing-${tests}` };
    expect(await work({}, 0, key)).to.deep.equal({ claimed: false });
    const { id } = await register();
    const { deployment, replayed } = await taken({}, 0, key);
    expect({ id: deployment.id, replayed }).to.deep.equal({ id, replayed: false });
  });

  it('carry a rollback out that is for them, and no other', async () => {
    await tenant.create({ environment, version: '1' }, 'deployed');
    await tenant.create({ environment, version: '2' }, 'deployed');
    const query = { name: 'checkout', environment, provider: 'gcp' } as const;
    const { deployment: manual } = await client.rollbackTaxonomy(query);
    expect(manual).to.include({ auto: false, trigger: 'rollback' });
    expect(await work()).to.deep.equal({ claimed: false });
    await client.updateDeployment(manual.id, { status: 'cancelled' });
    const { deployment: auto } = await client.rollbackTaxonomy(query, { auto: true });
    expect((await taken()).deployment).to.include({ id: auto.id, trigger: 'rollback' });
  });

  it('are told what is wrong with what they ask for', async () => {
    for (const [body, pointer] of [
      [{}, '#/selector'],
      [{ selector: {} }, '#/selector/environment'],
      [{ selector: { environment, version: '1' } }, '#/selector/version'],
      [{ selector: { environment }, wait_seconds: 61 }, '#/wait_seconds'],
      [{ selector: { environment }, lease_seconds: 9 }, '#/lease_seconds'],
    ] as const) {
      const response = await service.api
        .post('/v1/claims')
        .set('X-Organisation', 'acme')
        .send(body)
        .expect(422);
      const { errors } = response.body as { errors: { pointer: string }[] };
      expect(errors.map((error) => error.pointer)).to.include(pointer);
    }
  });

  it('see nothing of another organisation', async () => {
    await register();
    const other = createClient({ url: service.apiUrl, credentials: noCredentials('other') });
    expect(await other.claimNext({ selector: { environment } })).to.deep.equal({ claimed: false });
  });
});
