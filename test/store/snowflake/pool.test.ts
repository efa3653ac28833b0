import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ApplicationError } from '../../../src/domain/errors.js';
import { createPool } from '../../../src/store/snowflake/pool.js';
import type { Pool, PoolOptions } from '../../../src/store/snowflake/pool.js';
import { startDeadline } from '../../../src/store/deadline.js';
import { timeTravel } from '../../support/time-travel.js';
import { until } from '../../support/until.js';
import { driverError, FakeLink, MemoryLog } from './fakes.js';

describe('the pool of sessions', () => {
  let opened: FakeLink[];
  let failures: Error[];
  let pool: Pool;
  let log: MemoryLog;
  const wait = timeTravel();

  function setUp(options: Partial<PoolOptions> = {}): void {
    opened = [];
    failures = [];
    log = new MemoryLog();
    pool = createPool(
      () => {
        const failure = failures.shift();
        if (failure !== undefined) return Promise.reject(failure);
        const link = new FakeLink();
        opened.push(link);
        return Promise.resolve(link);
      },
      { size: 2, waitMs: 50, queue: 10, ...options },
      log,
    );
  }
  beforeEach(() => {
    setUp();
  });
  afterEach(() => pool.close(0));

  function nth(index: number): FakeLink {
    const link = opened[index];
    if (link === undefined) throw new Error(`There is no session ${index}`);
    return link;
  }
  const acquire = () => pool.acquire(startDeadline(1_000));
  const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);

  it('opens a session when it is needed, and lends it again', async () => {
    const first = await acquire();
    pool.release(first);
    expect(await acquire()).to.equal(first);
    expect(opened).to.have.length(1);
  });

  it('lends no session twice, and opens no more than it may', async () => {
    const [one, two] = [await acquire(), await acquire()];
    expect(one).not.to.equal(two);
    const third = acquire();
    await sleep(10);
    pool.release(one);
    expect(await third).to.equal(one);
    expect(opened).to.have.length(2);
  });

  it('refuses whoever waits too long, with the seconds to wait', async () => {
    await Promise.all([acquire(), acquire()]);
    const error = await failure(acquire());
    expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
    expect((error as ApplicationError).details.retryAfter).to.equal(5);
  });

  it('refuses at once whoever comes when too many wait already, and says that it is busy', async () => {
    setUp({ size: 1, waitMs: 60_000, queue: 2 });
    const link = await acquire();
    const waiters = [acquire(), acquire()];
    const error = await failure(acquire());
    expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
    expect((error as ApplicationError).message).to.match(
      /^The store is busy; try again in 5 seconds$/,
    );
    pool.release(link);
    pool.release(await (waiters[0] ?? acquire()));
    pool.release(await (waiters[1] ?? acquire()));
    expect(await acquire()).to.equal(link);
  });

  it('serves a probe ahead of those who wait, however many they are', async () => {
    setUp({ size: 1, waitMs: 60_000, queue: 1 });
    const link = await acquire();
    const order: string[] = [];
    const waiter = acquire().then((lent) => {
      order.push('request');
      pool.release(lent);
    });
    const probe = pool.acquire(startDeadline(60_000), 'ahead').then((lent) => {
      order.push('probe');
      pool.release(lent);
    });
    pool.release(link);
    await Promise.all([waiter, probe]);
    expect(order).to.deep.equal(['probe', 'request']);
  });

  it('waits no longer than the operation may take', async () => {
    setUp({ waitMs: 10_000 });
    await Promise.all([acquire(), acquire()]);
    const started = Date.now();
    await failure(pool.acquire(startDeadline(20)));
    expect(Date.now() - started).to.be.lessThan(9_900);
  });

  it('serves those who wait in their order', async () => {
    setUp({ size: 1, waitMs: 1_000 });
    const link = await acquire();
    const order: number[] = [];
    const waiters = [1, 2, 3].map(async (number) => {
      const lent = await acquire();
      order.push(number);
      pool.release(lent);
    });
    pool.release(link);
    await Promise.all(waiters);
    expect(order).to.deep.equal([1, 2, 3]);
  });

  it('replaces a session that died while it was idle or lent', async () => {
    const idle = await acquire();
    pool.release(idle);
    nth(0).up = false;
    const second = await acquire();
    expect(second).not.to.equal(idle);
    nth(1).up = false;
    pool.release(second);
    expect(await acquire()).to.equal(opened[2]);
    expect(opened.map(({ closed }) => closed)).to.deep.equal([true, true, false]);
  });

  it('lends no idle session after one was ended, before it has answered', async () => {
    setUp({ size: 4, waitMs: 1_000 });
    const links = [await acquire(), await acquire(), await acquire(), await acquire()];
    const [ended, ...others] = links;
    if (ended === undefined) throw new Error('there is one');
    for (const link of others) pool.release(link);
    for (const number of [0, 1, 2]) nth(number).alive = false;
    pool.discard(ended, driverError('390114'));
    const lent = [await acquire(), await acquire()];
    expect(lent).to.have.members([nth(3), nth(4)]);
    expect(opened.map(({ closed }) => closed).slice(0, 4)).to.deep.equal([true, true, true, false]);
  });

  it('asks no idle session when one was lost on the way', async () => {
    const [one, two] = [await acquire(), await acquire()];
    pool.release(two);
    nth(1).alive = false;
    pool.discard(one, driverError(401001));
    expect(await acquire()).to.equal(two);
  });

  it('gives the place of a session that is given up to whoever waits', async () => {
    setUp({ size: 1, waitMs: 1_000 });
    const link = await acquire();
    const waiting = acquire();
    pool.discard(link, new Error('lost'));
    expect(await waiting).to.equal(opened[1]);
    expect(nth(0).closed).to.equal(true);
  });

  it('hands on why a session could not be opened, and tries again for the next', async () => {
    failures.push(driverError(401001, 'network'));
    expect(await failure(acquire())).to.have.property('message', 'network');
    await acquire();
  });

  it('does not try to log in for a while after it was refused', async () => {
    setUp({ refusedMs: 60_000 });
    failures.push(driverError('390100', 'Incorrect username or password was specified.'));
    for (let call = 0; call < 3; call += 1) {
      const error = await failure(acquire());
      expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
      expect((error as Error).message).not.to.include('password');
    }
    expect(failures).to.have.length(0);
    expect(opened).to.have.length(0);
    await wait(61_000);
    await acquire();
  });

  for (const code of ['390144', '394304', '394400']) {
    it(`tries one login alone after one that was refused with ${code}, and says what to check`, async () => {
      setUp({ refusedMs: 60_000 });
      failures.push(driverError(code), driverError(code));
      await failure(acquire());
      expect(log.fields[0])
        .to.have.property('advice')
        .that.matches(/^The key|^Check the token/);
      await wait(61_000);
      await Promise.all([failure(acquire()), failure(acquire())]);
      expect(failures).to.have.length(0);
      expect(opened).to.have.length(0);
    });
  }

  it('tries one login where several are wanted, and tells all of them that it was refused', async () => {
    setUp({ size: 4, refusedMs: 60_000, waitMs: 60_000 });
    failures.push(...Array.from({ length: 4 }, () => driverError('390100')));
    const errors = await Promise.all([1, 2, 3, 4].map(() => failure(acquire())));
    for (const error of errors) expect(error).to.have.property('code', 'unavailable');
    expect(failures).to.have.length(3);
    await wait(61_000);
    await Promise.all([1, 2, 3, 4].map(() => failure(acquire())));
    expect(failures).to.have.length(2);
  });

  it('opens the others together once the first login was let in, or failed otherwise', async () => {
    for (const ends of ['let in', 'failed'] as const) {
      const logins: { letIn(link: FakeLink): void; fail(error: Error): void }[] = [];
      const open = () =>
        new Promise<FakeLink>((letIn, fail) => {
          logins.push({ letIn, fail });
        });
      const several = createPool(open, { size: 4, waitMs: 60_000, queue: 10 }, log);
      const lent = [1, 2, 3, 4].map(() =>
        several.acquire(startDeadline(60_000)).catch(() => undefined),
      );
      expect(logins).to.have.length(1);
      if (ends === 'let in') logins[0]?.letIn(new FakeLink());
      else logins[0]?.fail(driverError(401001, 'network'));
      await until('the others log in', () => logins.length === 4);
      for (const login of logins.slice(1)) login.letIn(new FakeLink());
      const links = (await Promise.all(lent)).filter((link) => link !== undefined);
      expect(links).to.have.length(ends === 'let in' ? 4 : 3);
      for (const link of links) several.release(link);
      await several.close(0);
    }
  });

  it('keeps idle sessions alive, and drops those that are not', async () => {
    setUp({ keepAliveMs: 20 });
    const [one, two] = [await acquire(), await acquire()];
    pool.release(one);
    pool.release(two);
    nth(0).alive = false;
    await until('the dead one is closed', () => nth(0).closed);
    expect(nth(1).closed).to.equal(false);
    expect(await acquire()).to.equal(two);
  });

  it('closes idle sessions at once, lent ones when they come back, and lends no more', async () => {
    const [one, two] = [await acquire(), await acquire()];
    pool.release(one);
    const closing = pool.close(1_000);
    await sleep(10);
    expect(await failure(acquire())).to.be.instanceOf(ApplicationError);
    pool.release(two);
    await closing;
    expect(opened.every(({ closed }) => closed)).to.equal(true);
  });

  it('does not wait for a lent session for ever', async () => {
    await acquire();
    await pool.close(20);
    expect(nth(0).closed).to.equal(true);
  });
});
