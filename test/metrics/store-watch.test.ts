import { expect } from 'chai';
import { Registry } from 'prom-client';
import type { QueueDepth } from '../../src/store/store.js';
import { createStoreWatch } from '../../src/metrics/store-watch.js';
import { parseExposition, valueOf } from '../support/exposition.js';
import { runService } from '../support/http.js';
import { timeTravel } from '../support/time-travel.js';

const scheduled = (environment: string, count: number): QueueDepth => ({
  environment,
  status: 'scheduled',
  count,
});

/** A watch that keeps metrics waiting for but a moment, and names two environments. */
function createWatched() {
  const registry = new Registry();
  const timing = { checkEveryMs: 1_000, checkTimeoutMs: 1_000, scrapeTimeoutMs: 30 };
  const watch = createStoreWatch([registry], 2, timing);
  return {
    ...watch,
    async render() {
      await watch.refresh();
      return registry.metrics();
    },
  };
}

type Watched = ReturnType<typeof createWatched>;

describe('the depth of the queue in the metrics', () => {
  const wait = timeTravel();
  const running = runService({ METRICS_QUEUE_DEPTH_SECONDS: '60' });
  let metrics: Watched;
  let asked: number;
  let answer: () => Promise<readonly QueueDepth[]>;

  beforeEach(() => {
    asked = 0;
    answer = () => Promise.resolve([scheduled('production', 3)]);
    metrics = createWatched();
  });

  function watch(depthMs: number): void {
    const depth = () => {
      asked += 1;
      return answer();
    };
    metrics.watchStore({ system: { depth }, check: () => Promise.resolve() }, depthMs);
  }

  async function read() {
    const samples = parseExposition(await metrics.render());
    return {
      value: (environment: string, status = 'scheduled') =>
        valueOf(samples, 'deployment_queue_depth', { environment, status }),
      age: valueOf(samples, 'deployment_queue_depth_age_seconds'),
      series: samples.filter(({ name }) => name === 'deployment_queue_depth').length,
    };
  }

  it('stands beside the leases that are held, by environment', async () => {
    const leased = { environment: 'production', status: 'leased', count: 2 } as const;
    answer = () => Promise.resolve([leased, scheduled('production', 3)]);
    watch(1_000);
    const samples = parseExposition(await metrics.render());
    const production = { environment: 'production' };
    expect(valueOf(samples, 'queue_leases_held', production)).to.equal(2);
    const scheduledNow = { ...production, status: 'scheduled' };
    expect(valueOf(samples, 'deployment_queue_depth', scheduledNow)).to.equal(3);
    expect(samples.filter(({ labels }) => labels['status'] === 'leased')).to.deep.equal([]);
  });

  it('is that of the running service, zero once nothing waits any more', async () => {
    const { tenant, service } = running;
    const depth = async (status: string) =>
      valueOf(
        parseExposition((await service.management.get('/metrics')).text),
        'deployment_queue_depth',
        { environment: 'production', status },
      );
    await tenant.create({ version: '1' });
    const { id } = await tenant.create({ version: '2' }, 'in_progress');
    expect(await depth('scheduled')).to.equal(1);
    expect(await depth('in_progress')).to.equal(1);
    await tenant.move(id, 'deployed');
    expect(await depth('in_progress')).to.equal(1);
    await wait(60_000);
    expect(await depth('scheduled')).to.equal(0);
    expect(await depth('in_progress')).to.equal(0);
  });

  it('is read once for many scrapes at once, and no more often than it may be', async () => {
    watch(60_000);
    const read20 = await Promise.all(Array.from({ length: 20 }, read));
    for (const { value } of read20) expect(value('production')).to.equal(3);
    await read();
    expect(asked).to.equal(1);
  });

  it('is not read at all when it is switched off', async () => {
    watch(0);
    expect(await read()).to.include({ age: undefined, series: 0 });
    expect(asked).to.equal(0);
  });

  it('stays what it was while the store fails, and grows old', async () => {
    watch(1);
    expect((await read()).age).to.equal(0);
    await wait(30_000);
    answer = () => Promise.reject(new Error('out of reach'));
    const later = await read();
    expect(asked).to.equal(2);
    expect(later.value('production')).to.equal(3);
    expect(later.age).to.equal(30);
  });

  it('is unknown, not zero, until the store has answered once', async () => {
    answer = () => Promise.reject(new Error('out of reach'));
    watch(1);
    expect(await read()).to.include({ age: undefined, series: 0 });
  });

  it('does not hold metrics up when the store never answers, and is not asked for again', async () => {
    answer = () => new Promise(() => undefined);
    watch(1);
    for (let scrape = 0; scrape < 3; scrape += 1) {
      expect(await read()).to.include({ age: undefined });
    }
    expect(asked).to.equal(1);
  });

  it('names the deepest environments, and keeps to those that it has named', async () => {
    watch(1);
    answer = () => Promise.resolve([scheduled('a', 1), scheduled('b', 5), scheduled('c', 3)]);
    let now = await read();
    expect(['a', 'b', 'c', '_other'].map((name) => now.value(name))).to.deep.equal([
      ...[undefined, 5, 3, 1],
    ]);
    answer = () => Promise.resolve([scheduled('a', 9), scheduled('d', 1)]);
    await wait(1);
    now = await read();
    expect(['a', 'b', 'c', '_other'].map((name) => now.value(name))).to.deep.equal([
      ...[undefined, 0, 0, 10],
    ]);
  });
});

describe('whether the store answers, in the metrics,', () => {
  const wait = timeTravel();
  let metrics: Watched;
  let check: () => Promise<void>;

  beforeEach(() => {
    metrics = createWatched();
    check = () => Promise.resolve();
    const system = { depth: () => Promise.resolve([]) };
    metrics.watchStore({ check: () => check(), system }, 0);
  });

  const up = async () => valueOf(parseExposition(await metrics.render()), 'db_up');

  it('is 1 while it does', async () => {
    expect(await up()).to.equal(1);
  });

  it('is 0 while its check fails, and 1 again once it does not', async () => {
    check = () => Promise.reject(new Error('no'));
    expect(await up()).to.equal(0);
    check = () => Promise.resolve();
    await wait(1_001);
    expect(await up()).to.equal(1);
  });

  it('is unknown while the first check is under way, and 0 when it takes too long', async () => {
    check = () => new Promise(() => undefined);
    expect(await up()).to.equal(undefined);
    await wait(1_001);
    expect(await up()).to.equal(0);
  });

  it('is not told of where there is no store', async () => {
    expect(parseExposition(await createWatched().render())).to.deep.equal([]);
  });
});
