import { expect } from 'chai';
import type { PoolUsage, StoreObserver } from '../../../src/store/observer.js';
import { createClient } from '../../../src/store/snowflake/client.js';
import { createPool } from '../../../src/store/snowflake/pool.js';
import type { Pool } from '../../../src/store/snowflake/pool.js';
import { startDeadline } from '../../../src/store/deadline.js';
import { openStoreThrough } from '../../../src/store/snowflake/store.js';
import { storedDeployment } from '../../support/stored.js';
import { driverError, FakeLink, MemoryLog, options, upToDate } from './fakes.js';

/** Keeps what it is told. */
class MemoryObserver implements StoreObserver {
  readonly retries: string[] = [];
  readonly waits: (readonly [number, string])[] = [];
  usage: () => PoolUsage = () => {
    throw new Error('There is no pool');
  };
  storeRetried(reason: string): void {
    this.retries.push(reason);
  }
  poolOpened(usage: () => PoolUsage): void {
    this.usage = usage;
  }
  poolWaited(seconds: number, end: string): void {
    this.waits.push([seconds, end]);
  }
}

describe('what the Snowflake store tells of itself', () => {
  let observer: MemoryObserver;
  let failures: Error[];
  let pool: Pool;
  const log = new MemoryLog();

  beforeEach(() => {
    observer = new MemoryObserver();
    failures = [];
    const open = () => {
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve(new FakeLink()) : Promise.reject(failure);
    };
    pool = createPool(open, { size: 2, waitMs: 40, queue: 200 }, log, observer);
  });
  afterEach(() => pool.close(0));

  const acquire = () => pool.acquire(startDeadline(1_000));
  const ends = () => observer.waits.map(([, end]) => end);

  it('is how many sessions there are, and who waits for one', async () => {
    expect(observer.usage()).to.deep.equal({ size: 2, idle: 0, lent: 0, opening: 0, waiting: 0 });
    const first = acquire();
    expect(observer.usage()).to.include({ opening: 1, waiting: 1 });
    const [one, two] = [await first, await acquire()];
    expect(observer.usage()).to.include({ idle: 0, lent: 2, opening: 0, waiting: 0 });
    const third = acquire();
    expect(observer.usage()).to.include({ lent: 2, waiting: 1 });
    pool.release(one);
    await third;
    pool.release(two);
    expect(observer.usage()).to.include({ idle: 1, lent: 1, waiting: 0 });
  });

  it('is how long each wait for a session was, and how it ended', async () => {
    const one = await acquire();
    pool.release(one);
    await acquire();
    await acquire();
    await acquire().catch(() => undefined);
    expect(ends()).to.deep.equal(['served', 'served', 'served', 'timeout']);
    const [, idle, , timeout] = observer.waits.map(([seconds]) => seconds);
    expect(idle).to.equal(0);
    expect(timeout).to.be.at.least(0.03);
  });

  it('is that a login failed for one who waited', async () => {
    failures.push(driverError(401001, 'network'));
    await acquire().catch(() => undefined);
    expect(ends()).to.deep.equal(['login']);
  });

  it('is each further try of a read, with its reason', async () => {
    const answers = [driverError('000625', 'Statement has locked table'), driverError(401001)];
    const open = () => {
      const link = new FakeLink();
      link.answer = () => {
        const failure = answers.shift();
        return failure === undefined ? Promise.resolve([]) : Promise.reject(failure);
      };
      return Promise.resolve(link);
    };
    const flaky = createPool(open, { size: 2, waitMs: 40, queue: 200 }, log);
    const client = createClient(flaky, { tables: 'hybrid', timeoutMs: 2_000 }, log, observer);
    await client.read({ sql: 'SELECT 1', values: [] }, startDeadline(2_000));
    expect(observer.retries).to.deep.equal(['lock', 'lost']);
    await flaky.close(0);
  });

  it('is each change that found its data changed, and that it started over', async () => {
    const link = new FakeLink();
    let conflicts = 2;
    link.answer = upToDate((sql) => {
      if (sql.includes('INSERT INTO deployments') && conflicts > 0) {
        conflicts -= 1;
        throw driverError('200001', 'Primary key already exists');
      }
      return [];
    });
    const open = () => Promise.resolve(link);
    const store = await openStoreThrough(open, options, log, observer);
    const created = storedDeployment(1);
    await store.for(created.deployment.organisation).change('create', () => ({
      changes: { deployments: { created: [created] } },
      result: undefined,
    }));
    expect(observer.retries).to.deep.equal(['conflict', 'conflict']);
    await store.close();
  });

  it('is nobody who has given up waiting', async () => {
    await Promise.all([acquire(), acquire()]);
    await Promise.allSettled([acquire(), acquire()]);
    expect(observer.usage()).to.include({ lent: 2, waiting: 0 });
  });
});
