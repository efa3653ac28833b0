import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createAutoSkip } from '../../src/background/auto-skip.js';
import { maxSkippedAfterwards, maxSkippedAtOnce } from '../../src/domain/deployments/auto-skip.js';
import { createClock } from '../../src/platform/clock.js';
import { createPublisher } from '../../src/events/publisher.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import type { Store } from '../../src/store/store.js';
import { StoreUser } from '../store/harness.js';

describe('the auto-skip in the background', () => {
  const more = 1_500;
  const skipped: number[] = [];
  const warnings: string[] = [];
  const metrics = { deploymentsSkipped: (_: string, count: number) => void skipped.push(count) };
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  let folder: string;
  let store: Store;
  let acme: StoreUser;
  let target: string;

  beforeEach(async () => {
    skipped.splice(0);
    warnings.splice(0);
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    store = await openSqliteStore(join(folder, 'deployments.db'));
    acme = new StoreUser(store, 'acme');
    await Promise.all(
      Array.from({ length: maxSkippedAtOnce + more }, () => acme.create({ version: 'old' })),
    );
    target = (await acme.create({ version: 'new' })).stored.deployment.id;
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const start = (
    of: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers' | 'system'> = store,
    othersMs?: number,
  ) => {
    const task = createAutoSkip(of, createClock(), metrics, log, othersMs);
    void task.start();
    return task;
  };
  /** Resolves when nothing is left to be skipped. */
  const untilDone = () =>
    new Promise<void>((resolve) => {
      const unsubscribe = store.subscribe(({ changes }) => {
        if (changes.doneSkipping === undefined) return;
        unsubscribe();
        resolve();
      });
    });
  const counted = () => skipped.reduce((sum, count) => sum + count, 0);

  async function expectAllSkipped(): Promise<void> {
    expect(await acme.list({ filter: { status: ['scheduled'] } })).to.deep.equal({
      deployments: [],
      more: false,
    });
    expect(await store.system.skipping()).to.deep.equal([]);
    const [oldest] = (await acme.list({ filter: { status: ['skipped'] }, limit: 1 })).deployments;
    const events = await acme.events(oldest?.id ?? '');
    expect(events.at(-1)).to.include({
      to_status: 'skipped',
      cause: 'auto_skip',
      cause_deployment_id: target,
      actor: 'octocat',
    });
  }

  it('skips all that wait, a part at a time', async () => {
    const task = start();
    const done = untilDone();
    expect((await acme.move(target, 'deployed')).skipped).to.equal(maxSkippedAtOnce);
    await done;
    await task.stop();
    expect(counted()).to.equal(more);
    expect(Math.max(...skipped)).to.be.at.most(maxSkippedAfterwards);
    await expectAllSkipped();
  });

  it('goes on with what another process has begun, also where it has nothing to do itself', async () => {
    const others = createPublisher<undefined>();
    const subscribeToOthers = (listener: (queue: undefined) => void) => others.subscribe(listener);
    const task = start({ ...store, subscribe: () => () => undefined, subscribeToOthers }, 5);
    await acme.move(target, 'deployed');
    const done = untilDone();
    others.publish(undefined);
    await done;
    await task.stop();
    await expectAllSkipped();
  });

  it('lets nobody start one that is still to be skipped, nor hold it up', async () => {
    await acme.move(target, 'deployed');
    const [waiting] = (await acme.list({ filter: { status: ['scheduled'] }, limit: 1 }))
      .deployments;
    const id = waiting?.id ?? '';
    const refused = await acme.move(id, 'in_progress').catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'transition-not-allowed');
    expect((await acme.get(id))?.deployment.status).to.equal('scheduled');
    const task = start();
    await untilDone();
    await task.stop();
    await expectAllSkipped();
  });

  it('leaves one alone that somebody wants back meanwhile', async () => {
    await acme.move(target, 'deployed');
    const [waiting] = (await acme.list({ filter: { status: ['scheduled'] }, limit: 1 }))
      .deployments;
    const id = waiting?.id ?? '';
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect((await acme.move(id, 'scheduled')).changed).to.equal(true);
    const task = start();
    await untilDone();
    await task.stop();
    const left = (await acme.list({ filter: { status: ['scheduled'] } })).deployments;
    expect(left.map((deployment) => deployment.id)).to.deep.equal([id]);
  });

  it('finishes what a process before it has left', async () => {
    await acme.move(target, 'deployed');
    expect(await store.system.skipping()).to.deep.equal([{ organisation: 'acme', id: target }]);
    const task = start();
    await untilDone();
    await task.stop();
    await expectAllSkipped();
  });

  it('tries again when the store was out of reach, and ends at once at its stop', async () => {
    let failures = 0;
    const task = start({
      ...store,
      for: (organisation) => ({
        ...store.for(organisation),
        change: () => {
          failures += 1;
          return Promise.reject(new Error('out of reach'));
        },
      }),
    });
    await acme.move(target, 'deployed');
    await new Promise(setImmediate);
    await task.stop();
    expect(failures).to.equal(1);
    expect(warnings).to.deep.equal(['deployments could not be skipped yet']);
    expect(await store.system.skipping()).to.have.length(1);
  });
});
