import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLeaseExpiry } from '../../src/background/lease-expiry.js';
import { claim } from '../../src/domain/queue/claim.js';
import type { ClaimCommand } from '../../src/domain/queue/claim.js';
import { renew } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/tokens.js';
import { createPublisher } from '../../src/events/publisher.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import type { Store } from '../../src/store/store.js';
import { StoreUser } from '../store/harness.js';
import { createMovedClock } from '../support/moved-clock.js';
import type { MovedClock } from '../support/moved-clock.js';
import { until } from '../support/until.js';

describe('the expiry of leases in the background', () => {
  const warnings: string[] = [];
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  let expired: number;
  const metrics = { leasesExpired: (_: string, count: number) => void (expired += count) };
  const times = { everyMs: 5, allEveryMs: 60_000, othersMs: 60_000 };
  let folder: string;
  let store: Store;
  let acme: StoreUser;
  let clock: MovedClock;

  beforeEach(async () => {
    expired = 0;
    warnings.splice(0);
    clock = createMovedClock();
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    store = await openSqliteStore(join(folder, 'deployments.db'));
    acme = new StoreUser(store, 'acme');
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const commandFor = (id: string): ClaimCommand => ({
    id,
    caller: acme.caller,
    call: 'call',
    isFirst: true,
    waitSeconds: 0,
    leaseSeconds: 60,
    tokenHash: hashToken('token'),
    request: undefined,
  });

  async function hold(): Promise<string> {
    const { stored } = await acme.create();
    const { id } = stored.deployment;
    await acme.store.change('claim', () => claim(commandFor(id), clock.now()));
    return id;
  }

  const isFailed = async (id: string) => (await acme.get(id))?.deployment.status === 'failed';

  it('is counted as well when a claim finds it first', async () => {
    const task = createLeaseExpiry(store, clock, metrics, log, { ...times, everyMs: 60_000 });
    await task.start();
    const id = await hold();
    clock.forward(60);
    await acme.store.change('claim', () => claim({ ...commandFor(id), call: 'next' }, clock.now()));
    expect(expired).to.equal(1);
    await task.stop();
    expect(expired).to.equal(1);
  });

  it('ends a lease that this process has given, when it is due and not before', async () => {
    const task = createLeaseExpiry(store, clock, metrics, log, times);
    await task.start();
    const id = await hold();
    clock.forward(59);
    const holder = { id, caller: acme.caller, token: 'token' };
    expect(
      await acme.store.change('renewLease', () => renew(holder, clock.now())),
    ).to.have.property('lease');
    clock.forward(59);
    expect(
      await acme.store.change('renewLease', () => renew(holder, clock.now())),
    ).to.have.property('lease');
    clock.forward(60);
    await until('the lease is ended', () => isFailed(id));
    await task.stop();
    expect(expired).to.equal(1);
    expect(warnings).to.deep.equal([]);
  });

  it('ends what a former process has left', async () => {
    const id = await hold();
    clock.forward(3_600);
    const task = createLeaseExpiry(store, clock, metrics, log, times);
    await task.start();
    await until('the lease is ended', () => isFailed(id));
    await task.stop();
  });

  it('ends what another process has left, also where it has nothing to do itself', async () => {
    const others = createPublisher<undefined>();
    const subscribeToOthers = (listener: (queue: undefined) => void) => others.subscribe(listener);
    const idle = { ...store, subscribe: () => () => undefined, subscribeToOthers };
    const task = createLeaseExpiry(idle, clock, metrics, log, { ...times, othersMs: 5 });
    await task.start();
    const id = await hold();
    clock.forward(3_600);
    others.publish(undefined);
    await until('the lease is ended', () => isFailed(id));
    await task.stop();
  });

  it('ends more leases of a queue than one transaction takes', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 130; number += 1) {
      const { stored } = await acme.create({ name: `component-${number}` });
      ids.push(stored.deployment.id);
    }
    for (const id of ids) {
      await acme.store.change('claim', () =>
        claim(
          {
            id,
            caller: acme.caller,
            call: id,
            isFirst: true,
            waitSeconds: 0,
            leaseSeconds: 60,
            tokenHash: hashToken(id),
            request: undefined,
          },
          clock.now(),
        ),
      );
    }
    clock.forward(60);
    const task = createLeaseExpiry(store, clock, metrics, log, times);
    await task.start();
    await until('all leases are ended', () => expired === ids.length);
    await task.stop();
    expect(await acme.versions({ status: ['in_progress'] })).to.deep.equal([]);
  });

  it('tries again after a failure', async () => {
    const id = await hold();
    clock.forward(60);
    let failures = 2;
    const failing: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers' | 'system'> = {
      ...store,
      for(organisation) {
        const tenant = store.for(organisation);
        return {
          ...tenant,
          change: (name, decide) => {
            failures -= 1;
            return failures >= 0
              ? Promise.reject(new Error('out of reach'))
              : tenant.change(name, decide);
          },
        };
      },
    };
    const task = createLeaseExpiry(failing, clock, metrics, log, times);
    await task.start();
    await until('the lease is ended', () => isFailed(id));
    await task.stop();
    expect(warnings).to.deep.equal([
      'leases that have run out could not be ended yet',
      'leases that have run out could not be ended yet',
    ]);
  });

  it('asks nobody while nothing happens', async () => {
    let asked = 0;
    const system = {
      ...store.system,
      dueQueues: (before: string, limit: number) => {
        asked += 1;
        return store.system.dueQueues(before, limit);
      },
    };
    const rare = { everyMs: 1, allEveryMs: 2, othersMs: 1 };
    const task = createLeaseExpiry({ ...store, system }, clock, metrics, log, rare);
    await task.start();
    await until('it has asked at the start', () => asked > 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await task.stop();
    expect(asked).to.equal(1);
  });
});
