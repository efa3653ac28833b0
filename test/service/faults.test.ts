import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import supertest from 'supertest';
import type { Response } from 'supertest';
import { createFeeds } from '../../src/background/feeds.js';
import { createTurns } from '../../src/background/turns.js';
import { createApiApp } from '../../src/http/app.js';
import { authenticationOff } from '../../src/auth/authenticate.js';
import { createClock } from '../../src/platform/clock.js';
import { loadContract } from '../../src/contract/contract.js';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { Store, TenantStore } from '../../src/store/store.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { createLogger } from '../../src/platform/logging.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { operations } from '../../src/operations/operations.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';
import { idOf, storedDeployment } from '../support/stored.js';

/** A line that says that a request failed, with the error. */
interface FaultLine {
  readonly level: number;
  readonly msg: string;
  readonly requestId: string;
  readonly err: { readonly type: string; readonly message: string; readonly stack: string };
}

describe('a fault', () => {
  const logs: FaultLine[] = [];
  let folder: string;
  let store: Store;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    store = await openSqliteStore(join(folder, 'deployments.db'));
  });
  beforeEach(() => logs.splice(0));
  after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** The API on a store of which reading or changing is replaced. */
  async function apiOn(replaced: {
    readonly [Method in keyof TenantStore]?: () => Promise<unknown>;
  }) {
    const contract = loadContract();
    const write = (line: string) => void logs.push(JSON.parse(line) as FaultLine);
    return supertest(
      await createApiApp({
        contract,
        operations,
        authenticate: authenticationOff('acme'),
        store: { ...store, for: (tenant) => ({ ...store.for(tenant), ...(replaced as object) }) },
        clock: createClock(),
        metrics: createMetrics(contract.version),
        quota: { deployments: 0, bytes: 0 },
        turns: createTurns(store, createClock(), createLogger('error', { write })),
        feeds: createFeeds(store, createLogger('error', { write })),
        // One fault is one line, whatever else is logged of the request.
        logger: createLogger('error', { write }),
        bodyLimitBytes: 102_400,
      }),
    );
  }

  /** Expects an answer that tells nothing, and one line in the log that tells this. */
  function expectInternal(response: Response, message: string | RegExp): void {
    expectProblem(
      response,
      500,
      'internal',
      'The service failed to answer; the fault is logged under the X-Request-Id',
    );
    expect(Object.keys(response.body as object)).to.have.members([
      'type',
      'title',
      'status',
      'detail',
      'instance',
    ]);
    expect(logs).to.have.length(1);
    const [line] = logs;
    expect(line).to.include({
      level: 50,
      msg: 'request failed',
      requestId: response.headers['x-request-id'],
    });
    if (typeof message === 'string') expect(line?.err.message).to.equal(message);
    else expect(line?.err.message).to.match(message);
  }

  it('that nobody foresaw answers 500 without a word of it, and is logged once', async () => {
    const api = await apiOn({ read: () => Promise.reject(new Error('secret detail')) });
    const response = await api.get('/v1/deployments');
    expect(response.text).not.to.include('secret');
    expect(JSON.stringify(response.headers)).not.to.include('secret');
    expectInternal(response, 'secret detail');
    expect(logs[0]?.err.stack).to.include('faults.test');
  });

  it('that is not even an error answers 500 all the same', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a library may
    const api = await apiOn({ read: () => Promise.reject('secret detail') });
    const response = await api.get('/v1/deployments');
    expect(response.text).not.to.include('secret');
    expectProblem(response, 500, 'internal');
    expect(logs).to.have.length(1);
  });

  // A provider that the contract does not have.
  const provider = 'moon' as Deployment['provider'] & 'moon';

  it('in one field of an answer is logged with the field, and is not sent', async () => {
    const api = await apiOn({
      read: () => Promise.resolve(storedDeployment(1, { provider })),
    });
    const response = await api.get(`/v1/deployments/${idOf(1)}`);
    expect(response.text).not.to.include('moon');
    expectInternal(
      response,
      /^The response breaks the contract: \/response\/provider must be equal to one of the allowed values: gcp, aws, azure$/,
    );
  });

  it('in an answer does not leave headers of that answer on the problem', async () => {
    const stored = storedDeployment(1, { provider });
    const api = await apiOn({ change: () => Promise.resolve({ stored, replayed: true }) });
    const response = await api.post('/v1/deployments').send(deploymentBody());
    expectProblem(response, 500, 'internal');
    expect(response.headers).not.to.have.any.keys('etag', 'location', 'idempotent-replayed');
  });

  it('in one deployment of a list is logged with its place', async () => {
    const good = storedDeployment(1).deployment;
    const deployments = [good, { ...good, provider }, good];
    const api = await apiOn({ read: () => Promise.resolve({ deployments, more: false }) });
    expectInternal(
      await api.get('/v1/deployments'),
      /^The response breaks the contract: \/response\/1\/provider must be equal to one of /,
    );
  });

  it('of a field that is missing is logged with the field', async () => {
    const stored = storedDeployment(1);
    const deployment = { ...stored.deployment };
    Reflect.deleteProperty(deployment, 'cell');
    const api = await apiOn({ read: () => Promise.resolve({ ...stored, deployment }) });
    expectInternal(
      await api.get(`/v1/deployments/${idOf(1)}`),
      /^The response breaks the contract: \/response\/cell must have required property 'cell'$/,
    );
  });

  it('of a field that nobody knows is logged with the field', async () => {
    const stored = storedDeployment(1);
    const deployment = { ...stored.deployment, secret: 'moon' };
    const api = await apiOn({ read: () => Promise.resolve({ ...stored, deployment }) });
    const response = await api.get(`/v1/deployments/${idOf(1)}`);
    expect(response.text).not.to.include('moon');
    expectInternal(response, /^The response breaks the contract: \/response\/secret must NOT have/);
  });

  for (const instant of ['yesterday', '2026-01-05T09:30:00Z', '2026-01-05T10:30:00.000+01:00']) {
    it(`of an instant that is ${instant} is logged with the field`, async () => {
      const stored = storedDeployment(1);
      const deployment = { ...stored.deployment, created_at: instant };
      const api = await apiOn({ read: () => Promise.resolve({ ...stored, deployment }) });
      expectInternal(
        await api.get(`/v1/deployments/${idOf(1)}`),
        /^The response breaks the contract: \/response\/created_at must match/,
      );
    });
  }

  it('of text that is not Unicode is logged with the field', async () => {
    const api = await apiOn({
      read: () => Promise.resolve(storedDeployment(1, { notes: '\ud800' })),
    });
    expectInternal(
      await api.get(`/v1/deployments/${idOf(1)}`),
      /^The response breaks the contract: \/response\/notes must match/,
    );
  });

  it('of the store answers 503 with the seconds to wait, and is logged with its cause', async () => {
    const cause = new Error('SELECT secret FROM disk');
    const refusal = new ApplicationError('unavailable', 'The store is out of reach; try again', {
      retryAfter: 7,
      cause,
    });
    const api = await apiOn({ read: () => Promise.reject(refusal) });
    const response = await api.get('/v1/deployments');
    expectProblem(response, 503, 'unavailable', 'The store is out of reach; try again');
    expect(response.headers['retry-after']).to.equal('7');
    expect(response.text).not.to.include('secret');
    expect(logs).to.have.length(1);
    expect(logs[0]?.err.message).to.include('SELECT secret FROM disk');
    // Nothing of this service is at fault, and there may be a line like this for every request.
    expect(logs[0]?.err).to.have.all.keys('type', 'code', 'message');
  });

  it('is not what a PATCH without a body meets', async () => {
    const api = await apiOn({});
    const response = await api.patch(`/v1/deployments/${idOf(1)}`);
    expect(logs).to.deep.equal([]);
    expect(response.status).to.be.oneOf([400, 422]);
  });

  for (const encoding of ['gzip', 'deflate', 'br']) {
    it(`is not what a body meets that is said to be ${encoding} and is not`, async () => {
      const api = await apiOn({});
      const response = await api
        .post('/v1/deployments')
        .type('json')
        .set('Content-Encoding', encoding)
        .send(JSON.stringify(deploymentBody()));
      expect(logs).to.deep.equal([]);
      expectProblem(response, 400, 'malformed-request');
    });
  }
});
