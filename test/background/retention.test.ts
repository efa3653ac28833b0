import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createRetention } from '../../src/background/retention.js';
import { maxLookedAt } from '../../src/domain/deployments/retention.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import type { Store } from '../../src/store/store.js';
import { StoreUser } from '../store/harness.js';

const dayMs = 24 * 60 * 60 * 1000;

describe('retention in the background', () => {
  const done = new EventEmitter();
  const removed = new Map<string, number>();
  const metrics = {
    deploymentsRemoved: (organisation: string, count: number) =>
      void removed.set(organisation, (removed.get(organisation) ?? 0) + count),
  };
  const log = {
    info: (fields: object) => void done.emit('line', fields),
    warn: (fields: object, message: string) => void done.emit('line', { ...fields, message }),
  };
  /** As many days later. */
  const later = (days: number) => ({
    now: () => new Date(Date.now() + days * dayMs).toISOString(),
  });
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    removed.clear();
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    store = await openSqliteStore(join(folder, 'deployments.db'));
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const skipped = (user: StoreUser, count: number) =>
    Promise.all(Array.from({ length: count }, () => user.place({ version: 'old' }, 'skipped')));
  const start = (days: number, everyMs = dayMs, of: Pick<Store, 'for' | 'system'> = store) => {
    const times = { firstWithinMs: 1, everyMs };
    const task = createRetention(of, later(days), 30, metrics, log, times);
    void task.start();
    return task;
  };

  it('removes what has been over for so many days, of each organisation, and says how much', async () => {
    const users = ['acme', 'globex'].map((name) => new StoreUser(store, name));
    const count = maxLookedAt + 5;
    for (const user of users) {
      await skipped(user, count);
      await user.place({ version: 'waits' });
    }
    const lines: unknown[] = [];
    const task = start(30.5);
    for (const { caller } of users) {
      const [line] = (await once(done, 'line')) as [Record<string, unknown>];
      expect(line).to.include({ organisation: caller.organisation, removed: count });
      lines.push(line);
    }
    await task.stop();
    expect(lines).to.have.length(2);
    expect([...removed.values()]).to.deep.equal([count, count]);
    for (const user of users) expect(await user.versions()).to.deep.equal(['waits']);
  });

  it('leaves what is younger', async () => {
    const acme = new StoreUser(store, 'acme');
    await skipped(acme, 3);
    let passes = 0;
    const looked = new EventEmitter();
    const system = {
      ...store.system,
      organisations: () => {
        passes += 1;
        looked.emit('pass');
        return store.system.organisations();
      },
    };
    const task = start(29.5, 1, { ...store, system });
    while (passes < 3) await once(looked, 'pass');
    await task.stop();
    expect(await acme.versions()).to.have.length(3);
    expect(removed.size).to.equal(0);
  });

  it('does no harm in two processes at once', async () => {
    const acme = new StoreUser(store, 'acme');
    await skipped(acme, 3 * maxLookedAt);
    const other = await openSqliteStore(join(folder, 'deployments.db'));
    const tasks = [start(31), start(31, dayMs, other)];
    const total = () => removed.get('acme') ?? 0;
    while (total() < 3 * maxLookedAt) await once(done, 'line');
    for (const task of tasks) await task.stop();
    await other.close();
    expect(total()).to.equal(3 * maxLookedAt);
    const usage = await acme.store.read({ read: 'usage' });
    expect(usage).to.deep.equal({ deployments: 0, bytes: 0 });
  });

  it('says when the store fails, and goes on the next time', async () => {
    const acme = new StoreUser(store, 'acme');
    await skipped(acme, 2);
    let failures = 1;
    const system = {
      ...store.system,
      organisations: () =>
        failures-- > 0 ? Promise.reject(new Error('out of reach')) : store.system.organisations(),
    };
    const task = start(31, 5, { ...store, system });
    const [warning] = (await once(done, 'line')) as [Record<string, unknown>];
    expect(warning['message']).to.equal('old deployments could not be removed');
    const [line] = (await once(done, 'line')) as [Record<string, unknown>];
    expect(line).to.include({ organisation: 'acme', removed: 2 });
    await task.stop();
  });

  it('ends at its stop, with more to come', async () => {
    const acme = new StoreUser(store, 'acme');
    await skipped(acme, 3 * maxLookedAt);
    const first = new EventEmitter();
    const tenant = store.for('acme');
    const change: typeof tenant.change = async (name, decide) => {
      const result = await tenant.change(name, decide);
      first.emit('changed');
      return result;
    };
    const task = start(31, dayMs, { ...store, for: () => ({ ...tenant, change }) });
    await once(first, 'changed');
    await task.stop();
    const left = (await acme.versions()).length;
    expect(left).to.equal(2 * maxLookedAt);
  });
});
