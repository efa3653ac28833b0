import { expect } from 'chai';
import supertest from 'supertest';
import type { Response } from 'supertest';
import type { Deployment, DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import { newDatabase } from '../postgres/shared.js';
import { deploymentBody } from '../support/deployments.js';
import { Processes } from '../support/process.js';
import type { Ended, ServiceProcess } from '../support/process.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';

/** What every request about a deployment, and about what it belongs to, asks for. */
function pathsAbout(ids: readonly string[]): string[] {
  return [
    ...ids.flatMap((id) =>
      ['', '/events', '/lineage', '/queue'].map((part) => `/v1/deployments/${id}${part}`),
    ),
    '/v1/deployments?limit=3',
    '/v1/deployments?name=checkout&status=deployed&status=failed',
    '/v1/deployments?region=Z%C3%BCrich',
    '/v1/current',
    '/v1/diff?from=staging&to=production',
    '/v1/environments',
    '/v1/environments/production',
    '/v1/policies',
    '/v1/policies/another',
    '/v1/policies/another/events',
    '/v1/locks',
    '/v1/freezes',
    '/v1/freezes/calendars',
    '/v1/gates/events',
    '/v1/events',
    '/v1/events?after=3&type=deployment.started',
  ];
}

/** Of something that the test does not have. */
const policy = {
  scope: { name: 'another' },
  rules: [{ who: { person: { role: 'member' } }, may: ['rollback'] }],
};

/** An organisation that calls a service. */
function callerOf(service: { readonly apiUrl: string }, organisation = 'acme') {
  const api = supertest(service.apiUrl);
  const call = (method: 'get' | 'post' | 'put' | 'patch', path: string) =>
    api[method](path).set('X-Organisation', organisation);
  return {
    call,
    async create(fields: Partial<DeploymentCreate>, ...statuses: Deployment['status'][]) {
      const { body } = await call('post', '/v1/deployments')
        .send(deploymentBody(fields))
        .expect(201);
      const { id } = body as Deployment;
      for (const status of statuses) {
        await call('patch', `/v1/deployments/${id}`).send({ status }).expect(200);
      }
      return id;
    },
    claim: (id: string, wait: number) =>
      call('post', `/v1/deployments/${id}/claim`).send({ wait_seconds: wait, lease_seconds: 3600 }),
  };
}

/** Closes gates in a place of their own, where one deployment is approved, and one started all the same; their ids. */
async function closeGates(acme: ReturnType<typeof callerOf>): Promise<string[]> {
  const environment = 'gated';
  const post = (path: string, body: object) => acme.call('post', `/v1/${path}`).send(body);
  await acme
    .call('put', `/v1/environments/${environment}`)
    .send({ required_approvals: 1 })
    .expect(200);
  await post('locks', { scope: { environment }, reason: 'an incident 🚨' }).expect(201);
  await post('freezes', {
    scope: { environment, region: null },
    reason: 'every weekend',
    time_zone: 'Europe/Zurich',
    starts: '2026-01-09T18:00',
    ends: '2026-01-12T06:00',
    rrule: 'FREQ=WEEKLY;BYDAY=FR',
  }).expect(201);
  await post('freezes/calendars', { scope: { environment } }).expect(201);
  const approved = await acme.create({ environment, name: 'approved', auto: false });
  await post(`deployments/${approved}/approve`, { reason: 'looked at it' }).expect(200);
  const started = await acme.create({ environment, name: 'started', auto: false });
  await post(`deployments/${started}/claim`, { override: { reason: 'it is the remedy' } }).expect(
    200,
  );
  return [approved, started];
}

describe('npm run db:copy', () => {
  let processes: Processes;
  const services: TestService[] = [];
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.stop()));
    await processes.dispose();
  });

  const start = (): Promise<ServiceProcess> =>
    processes.start({ AUTH_ENABLED: 'false', RATE_LIMIT_PER_SECOND: '0' });

  const copy = (settings: Record<string, string>, ...args: string[]): Promise<Ended> =>
    processes.run(settings, 'src/commands/db-copy.ts', args).ended;

  async function stop(service: ServiceProcess): Promise<void> {
    service.signal('SIGTERM');
    await service.ended;
  }

  it('moves a service from SQLite to PostgreSQL, where it answers the same and goes on', async () => {
    const first = await start();
    const acme = callerOf(first);
    await acme
      .call('put', '/v1/environments/production')
      .send({ order: 'oldest', lease_required: true })
      .expect(200);
    await acme.call('put', '/v1/policies/another').send(policy).expect(201);
    const body = deploymentBody({ version: '1', notes: 'Grüße 🚀', region: 'Zürich' });
    const registered = await acme
      .call('post', '/v1/deployments')
      .set('Idempotency-Key', 'first')
      .send(body)
      .expect(201);
    const { id: holder } = registered.body as Deployment;
    const claimed = await acme.claim(holder, 0).expect(200);
    const { token, fence } = (claimed.body as { lease: { token: string; fence: number } }).lease;
    const waiter = await acme.create({ version: '2', region: 'Zürich' });
    await acme.claim(waiter, 0).expect(202);
    const staging = (version: string) => ({ version, environment: 'staging' });
    const ids = [
      holder,
      waiter,
      await acme.create(staging('1'), 'deployed'),
      await acme.create(staging('2'), 'deployed', 'failed'),
      await acme.create(staging('3')),
      await acme.create(staging('4'), 'in_progress', 'deployed'),
    ];
    const back = await acme
      .call('post', '/v1/deployments/rollback?name=checkout&environment=staging&provider=gcp')
      .expect(201);
    ids.push((back.body as Deployment).id, ...(await closeGates(acme)));
    const theirs = await callerOf(first, 'globex').create({});
    await stop(first);

    const settings = { DATABASE_URL: await newDatabase() };
    const { code, stdout, stderr } = await copy(settings, processes.database);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout)
      .to.match(/^deployments: 10 rows\n/)
      .and.include(`All of ${processes.database} is there`);

    const [onFile, onServer] = await Promise.all([
      startTestService({ STORE: 'sqlite', SQLITE_PATH: processes.database }),
      startTestService(settings),
    ]);
    services.push(onFile, onServer);
    const [before, after] = [callerOf(onFile), callerOf(onServer)];
    for (const path of pathsAbout(ids)) {
      const [was, is] = await Promise.all(
        [before, after].map(async ({ call }) => told(await call('get', path))),
      );
      expect(was?.status, path).to.equal(200);
      expect(is, path).to.deep.equal(was);
    }
    await after.call('get', `/v1/deployments/${theirs}`).expect(404);

    const { headers } = await before.call('get', `/v1/deployments/${waiter}`);
    const again = await after
      .call('post', '/v1/deployments')
      .set('Idempotency-Key', 'first')
      .send(body)
      .expect(201);
    expect(again.headers).to.have.property('idempotent-replayed', 'true');
    expect(again.body).to.deep.equal(registered.body);
    await after
      .call('patch', `/v1/deployments/${waiter}`)
      .set('If-Match', (headers as Record<string, string>)['etag'] ?? '')
      .send({ notes: 'after the move' })
      .expect(200);
    await after
      .call('patch', `/v1/deployments/${holder}`)
      .set('Lease-Token', token)
      .send({ status: 'deployed' })
      .expect(200);
    const next = await after.claim(waiter, 30).expect(200);
    expect((next.body as { lease: { fence: number } }).lease.fence).to.be.greaterThan(fence);
  });

  it('says how it is called, and what it copies to', async () => {
    expect(await copy({})).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: 'Usage: npm run db:copy -- FILE\n',
    });
    const target = await copy({ STORE: 'sqlite' }, processes.database);
    expect(target).to.include({ code: 1, stdout: '' });
    expect(target.stderr).to.match(/name the database with STORE=postgres and DATABASE_URL/);
  });

  it('says why it fails, without the password', async () => {
    const url = 'postgres://somebody:not-to-be-shown@127.0.0.1:9/queue';
    const service = await start();
    expect(await copy({ DATABASE_URL: url }, processes.database)).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: `${processes.database} is in use; stop every service on it first\n`,
    });
    await stop(service);
    const away = await copy({ DATABASE_URL: url }, processes.database);
    expect(away).to.include({ code: 1, stdout: '' });
    expect(away.stderr)
      .to.match(/ECONNREFUSED.*check host and port/)
      .and.not.include('not-to-be');
  });
});

/** What a response says. */
function told({ status, body, headers }: Response) {
  const { etag, link, location } = headers as Record<string, string>;
  return { status, body: body as unknown, etag, link, location };
}
