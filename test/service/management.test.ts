import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import supertest from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { createLogger } from '../../src/platform/logging.js';
import { createManagementApp } from '../../src/management/app.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { runService } from '../support/http.js';
import { timeTravel } from '../support/time-travel.js';
import { until } from '../support/until.js';

describe('the management port', () => {
  const running = runService();

  it('says that the process is alive', async () => {
    const response = await running.service.management.get('/health').expect(200);
    expect(response.body).to.deep.equal({ status: 'healthy' });
  });

  it('says that the service is ready', async () => {
    const response = await running.service.management.get('/ready').expect(200);
    expect(response.body).to.deep.equal({ status: 'ready' });
  });

  it('answers 404 for any other path, those of the API among them', async () => {
    for (const path of ['/', '/nothing', '/metrics/more', '/v1/deployments', '/openapi.yaml']) {
      const response = await running.service.management.get(path).expect(404);
      expect(response.body).to.deep.equal({ error: `There is nothing at ${path}` });
    }
    await running.service.management.post('/health').expect(404);
  });

  it('is not on the port of the API', async () => {
    for (const path of ['/health', '/ready', '/metrics']) {
      await running.service.api.get(path).expect(404);
    }
  });
});

describe('readiness', () => {
  const logs: string[] = [];
  const logger = createLogger('info', { write: (line) => void logs.push(line) });

  function management(readiness: Record<string, () => Promise<void>>) {
    const metrics = createMetrics('1.2.3');
    const isDraining = () => false;
    return supertest(
      createManagementApp({ metrics, logger, isDraining, readiness, rememberMs: 0 }),
    );
  }

  beforeEach(() => logs.splice(0));

  it('fails, and names the store, once the store does not answer', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const store = await openSqliteStore(join(folder, 'deployments.db'));
    try {
      const app = management({ first: () => Promise.resolve(), store: () => store.check() });
      await app.get('/ready').expect(200, { status: 'ready' });
      expect(logs).to.deep.equal([]);

      await store.close();
      await app.get('/ready').expect(503, { status: 'not ready', check: 'store' });
      await app.get('/health').expect(200, { status: 'healthy' });
      expect(logs).to.have.length(1);
      expect(JSON.parse(logs[0] ?? '')).to.include({ check: 'store', msg: 'not ready' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('fails, and names the check, when a check never answers', async () => {
    const app = management({ snail: () => new Promise(() => undefined) });
    const started = performance.now();
    await app.get('/ready').expect(503, { status: 'not ready', check: 'snail' });
    expect(performance.now() - started).to.be.at.least(1_900);
  });

  it('names the first of several that fail', async () => {
    const failing = () => Promise.reject(new Error('no'));
    const app = management({ one: () => Promise.resolve(), two: failing, three: failing });
    await app.get('/ready').expect(503, { status: 'not ready', check: 'two' });
  });
});

describe('what the management port tells', () => {
  const wait = timeTravel();
  const logger = createLogger('silent');
  let [rendered, checked] = [0, 0];
  let draining = false;
  let check: () => Promise<void>;
  let app: TestAgent;

  beforeEach(() => {
    [rendered, checked] = [0, 0];
    draining = false;
    check = () => Promise.resolve();
    const metrics = createMetrics('1.2.3');
    metrics.stop();
    const counting = {
      ...metrics,
      render() {
        rendered += 1;
        return metrics.render();
      },
    };
    const store = () => {
      checked += 1;
      return check();
    };
    app = supertest(
      createManagementApp({
        metrics: counting,
        logger,
        isDraining: () => draining,
        readiness: { store },
      }),
    );
  });

  const crowd = (path: string) =>
    Promise.all(Array.from({ length: 50 }, () => app.get(path).then(({ text }) => text)));

  it('of metrics is rendered once a second, for however many ask', async () => {
    const [first = '', ...others] = await crowd('/metrics');
    expect(first).to.include('deployment_queue_info');
    expect(new Set(others)).to.deep.equal(new Set([first]));
    await crowd('/metrics');
    expect(rendered).to.equal(1);
    await wait(1_000);
    await crowd('/metrics');
    expect(rendered).to.equal(2);
  });

  it('of readiness is asked of the store once a second, for however many ask', async () => {
    await crowd('/ready');
    await crowd('/ready');
    expect(checked).to.equal(1);
    check = () => Promise.reject(new Error('out of reach'));
    await wait(1_000);
    await app.get('/ready').expect(503);
    expect(new Set(await crowd('/ready'))).to.have.property('size', 1);
    expect(checked).to.equal(2);
    check = () => Promise.resolve();
    await wait(1_000);
    await app.get('/ready').expect(200);
  });

  it('is asked once, while the store does not answer', async () => {
    let answer: () => void = () => undefined;
    check = () => new Promise((resolve) => (answer = resolve));
    const asking = crowd('/ready');
    await until('the store is asked', () => checked === 1);
    await wait(1_500);
    const more = crowd('/ready');
    answer();
    await Promise.all([asking, more]);
    expect(checked).to.be.at.most(2);
    answer();
  });

  it('of a stop is told at once', async () => {
    await app.get('/ready').expect(200);
    draining = true;
    await app.get('/ready').expect(503, { status: 'not ready', check: 'draining' });
    expect(checked).to.equal(1);
  });
});
