import { expect } from 'chai';
import type { Response } from 'supertest';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { SnowflakeOptions } from '../../src/store/snowflake/options.js';
import { Tenant } from '../support/deployments.js';
import { scrape, valueOf } from '../support/exposition.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { until } from '../support/until.js';
import { environmentFor, newSchema } from './support/schema.js';
import { SnowflakeServer } from './support/server.js';
import type { Fault } from './support/server.js';

/** A write goes as one request that begins so. */
const change = '^begin';
const forEver = { times: null };
const inserts = '^insert into deployment_events';
const outOfTime = {
  ...{ code: '000630', sqlState: '57014' },
  message: 'Statement reached its statement or warehouse timeout of 4 second(s) and was canceled.',
};
const cancelled = { code: '000604', sqlState: '57014', message: 'SQL execution canceled' };
/** What looks as though others were in the way, and is not. */
const quoting = {
  ...{ code: '100078', sqlState: '22000' },
  message: "String 'deadlock, quota, has locked table' is too long and would be truncated",
};

/** What strikes, and what a create, a patch and a read under it are answered with. */
const faults: readonly (readonly [
  name: string,
  faults: readonly Fault[],
  created: 201 | 500 | 503,
  patched: 200 | 500 | 503,
  read: 200 | 503,
])[] = [
  ['session token expired (390112)', [{ kind: 'expire_session' }], 201, 200, 200],
  ['master token expired (390114)', [{ kind: 'expire_master' }], 201, 200, 200],
  ['session gone (390111)', [{ kind: 'close_session' }], 201, 200, 200],
  ['gateway answers 503 once', [{ kind: 'http_status' }], 201, 200, 200],
  ['gateway answers 503 for ever', [{ kind: 'http_status', ...forEver }], 503, 503, 503],
  ['cut before the change ran', [{ kind: 'cut_before', match: change }], 201, 200, 200],
  ['cut after COMMIT', [{ kind: 'cut_after', match: change }], 201, 200, 200],
  [
    'change refused by the gateway, unknown whether it ran',
    [{ kind: 'http_status', status: 404, match: change }],
    201,
    200,
    200,
  ],
  [
    'cut after COMMIT, and every answer to it from then on',
    [{ kind: 'cut_after', match: change, ...forEver }],
    201,
    200,
    200,
  ],
  [
    'cut before the change ran, every time',
    [{ kind: 'cut_before', match: change, ...forEver }],
    503,
    503,
    200,
  ],
  ['slow statement, within the time', [{ kind: 'delay', ms: 300, ...forEver }], 201, 200, 200],
  [
    'slow statement, beyond the time',
    [{ kind: 'delay', ms: 20_000, match: '^insert|^update|^select', ...forEver }],
    503,
    503,
    503,
  ],
  [
    'statement out of time twice, in a change',
    [{ kind: 'error', times: 2, match: inserts, ...outOfTime }],
    201,
    200,
    200,
  ],
  [
    'statement cancelled, in a change',
    [{ kind: 'error', match: inserts, ...cancelled }],
    201,
    200,
    200,
  ],
  ['COMMIT cancelled', [{ kind: 'error', match: '^commit', ...cancelled }], 201, 200, 200],
  [
    'error with a text of a caller in it, in a change',
    [{ kind: 'error', match: inserts, ...quoting, ...forEver }],
    500,
    500,
    200,
  ],
  ['lock wait expired twice', [{ kind: 'lock_timeout', times: 2 }], 201, 200, 200],
  ['lock wait expired for ever', [{ kind: 'lock_timeout', ...forEver }], 503, 503, 503],
  ['too many waiters twice (000625)', [{ kind: 'too_many_waiters', times: 2 }], 201, 200, 200],
  ['too many waiters for ever', [{ kind: 'too_many_waiters', ...forEver }], 503, 503, 503],
];

/** Logins that Snowflake refuses, by number: of a password, a key pair, an OAuth and an access token. */
const refusals = [
  ['390100', 'a password'],
  ['394304', 'a key'],
  ['390303', 'an OAuth token'],
  ['394400', 'a programmatic access token'],
] as const;

describe('faults at the wire', function () {
  this.timeout(60_000);
  let server: SnowflakeServer;
  let options: SnowflakeOptions;
  let service: TestService;
  let tenant: Tenant;
  let number = 0;
  const table: string[] = [];

  before(async () => {
    server = await SnowflakeServer.start();
    options = await newSchema(server, 'hybrid', { timeoutMs: 4_000, poolWaitMs: 1_000 });
    service = await startTestService(environmentFor(options));
  });
  after(async () => {
    await service.stop();
    await server.stop();
    console.log(`\n    | fault | operation | the caller saw | stored |\n${table.join('\n')}`);
  });
  beforeEach(() => {
    number += 1;
    tenant = new Tenant(service, `org-${number}`);
  });
  afterEach(() => server.reset());

  const post = (version: string) =>
    service.api
      .post('/v1/deployments')
      .set('X-Organisation', tenant.organisation)
      .send({ name: 'a', version, environment: 'e', provider: 'gcp', type: 'k8s' });

  const patch = (id: string) =>
    service.api
      .patch(`/v1/deployments/${id}`)
      .set('X-Organisation', tenant.organisation)
      .send({ status: 'deployed' });

  const eventsOf = async (id: string): Promise<string[]> => {
    const response = await service.api
      .get(`/v1/deployments/${id}/events`)
      .set('X-Organisation', tenant.organisation)
      .expect(200);
    return (response.body as { to_status: string }[]).map(({ to_status: to }) => to);
  };

  function expectResponse(response: Response, status: number): void {
    expect(response.status, JSON.stringify(response.body)).to.equal(status);
    if (status !== 503) return;
    expect(response.headers['retry-after']).to.match(/^\d+$/);
    expect(response.body)
      .to.have.property('detail')
      .that.matches(/try again in \d+ seconds$/);
  }

  for (const [name, wanted, created, patched, read] of faults) {
    it(`${name}: create answers ${created}, and leaves ${created === 201 ? 'one' : 'none'}`, async () => {
      await server.fault(...wanted);
      const response = await post('1');
      await server.clearFaults();
      expectResponse(response, created);
      const found = await tenant.list();
      expect(found).to.have.length(created === 201 ? 1 : 0);
      if (found[0] !== undefined) {
        expect(found[0]).to.deep.equal(response.body);
        expect(await eventsOf(found[0].id)).to.deep.equal(['scheduled']);
      }
      table.push(`    | ${name} | create | ${created} | ${found.length} |`);
    });

    it(`${name}: patch answers ${patched}, and changes all or nothing`, async () => {
      const older = await tenant.create({ name: 'a', environment: 'e' });
      const { id } = await tenant.create({ name: 'a', environment: 'e' });
      await server.fault(...wanted);
      const response = await patch(id);
      await server.clearFaults();
      expectResponse(response, patched);
      const done = patched === 200;
      expect((await tenant.get(id)).status).to.equal(done ? 'deployed' : 'scheduled');
      expect((await tenant.get(older.id)).status).to.equal(done ? 'skipped' : 'scheduled');
      expect(await eventsOf(id)).to.deep.equal(done ? ['scheduled', 'deployed'] : ['scheduled']);
      table.push(`    | ${name} | patch | ${patched} | ${done ? 'once' : 'nothing'} |`);
    });

    it(`${name}: get answers ${read}`, async () => {
      const { id } = await tenant.create();
      await server.fault(...wanted);
      const response = await service.api
        .get(`/v1/deployments/${id}`)
        .set('X-Organisation', tenant.organisation);
      await server.clearFaults();
      expectResponse(response, read);
      table.push(`    | ${name} | get | ${read} | |`);
    });
  }

  it('two rollbacks, the answer to the first lost: one rollback, and the second is told so', async () => {
    await tenant.create({ version: '1' }, 'deployed');
    await tenant.create({ version: '2' }, 'deployed');
    await server.fault({ kind: 'cut_after', match: change, times: null });
    const calls = await Promise.all(
      [1, 2].map(() =>
        service.api
          .post('/v1/deployments/rollback?name=checkout&environment=production&provider=gcp')
          .set('X-Organisation', tenant.organisation),
      ),
    );
    await server.clearFaults();
    const [first, second] = calls.map(({ status }) => status).sort();
    expect(first).to.equal(201);
    // Its own try may have got no answer either; then the time was over before another.
    expect(second).to.be.oneOf([409, 503]);
    expect(await tenant.list({ trigger: 'rollback' })).to.have.length(1);
  });

  it('no late copy of a change that was given up does anything', async () => {
    const { id } = await tenant.create();
    await server.fault({ kind: 'cut_before', match: change, times: null });
    expectResponse(await patch(id), 503);
    await server.clearFaults();
    const before = (await server.requests()).length;
    // The driver goes on sending it for a while, in a session that has been logged out.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    const copies = (await server.requests()).slice(before).filter(({ retry }) => retry > 0);
    expect((await tenant.get(id)).status).to.equal('scheduled');
    expect(await eventsOf(id)).to.deep.equal(['scheduled']);
    table.push(
      `    | late copies of a change given up (${copies.length} came) | patch | 503 | nothing |`,
    );
  });

  it('a change that nobody can be asked about is said to be in doubt', async () => {
    await server.fault(
      { kind: 'cut_after', match: change, times: null },
      { kind: 'http_status', match: '^\\s*insert into changes', times: null },
    );
    const response = await post('1');
    await server.clearFaults();
    expect(response.status).to.equal(503);
    expect(response.body.detail).to.match(/may have been made: look before repeating it/);
    const found: Deployment[] = await tenant.list();
    table.push(
      `    | COMMIT unanswered, and then out of reach | create | 503, "may have been made" | ${found.length} |`,
    );
  });

  it('is not ready while Snowflake is out of reach, and ready again afterwards', async () => {
    await service.management.get('/ready').expect(200);
    await server.fault({ kind: 'http_status', status: 503, times: null });
    await service.management.get('/ready').expect(503);
    await server.clearFaults();
    await service.management.get('/ready').expect(200);
  });

  for (const [code, what] of refusals) {
    it(`a login refused for ${what} (${code}) is answered 503, and tried once, however many ask`, async () => {
      const other = await startTestService(environmentFor(options));
      try {
        // Whatever the service looks at when it starts has its session by then.
        await until('nobody logs in any more', async () => {
          const samples = await scrape(other);
          const opening = valueOf(samples, 'db_pool_sessions', { state: 'opening' });
          return opening === 0 && valueOf(samples, 'db_pool_waiting') === 0;
        });
        await server.reset();
        await server.fault({ kind: 'close_session' }, { kind: 'refuse_login', code, times: null });
        const list = () =>
          other.api.get('/v1/deployments').set('X-Organisation', tenant.organisation);
        const atOnce = await Promise.all([1, 2, 3, 4, 5].map(list));
        for (const response of [...atOnce, await list()]) {
          expect(response.status).to.equal(503);
          expect(response.body.detail).to.match(/does not let this service in/);
        }
        const requests = await server.requests();
        expect(requests.filter(({ path }) => path.includes('login-request'))).to.have.length(1);
      } finally {
        await other.stop();
      }
      table.push(
        `    | login refused (${code}) | list, five times at once, and then | 503 | one login tried |`,
      );
    });
  }
});
