import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import { createTurns, maxWaitingCalls } from '../../src/background/turns.js';
import type { WaitingRoom } from '../../src/background/turns.js';
import { ApplicationError } from '../../src/domain/errors.js';
import type { NextTurns } from '../../src/domain/queue/next.js';
import { createPublisher } from '../../src/events/publisher.js';
import type { ChangedElsewhere, Commit, Store } from '../../src/store/store.js';
import { createMovedClock } from '../support/moved-clock.js';
import { until } from '../support/until.js';

const hour = 3_600_000;

describe('claims that wait', () => {
  const clock = createMovedClock();
  const log = { warn: () => undefined };
  let commits = createPublisher<Commit>();
  let others = createPublisher<ChangedElsewhere | undefined>();
  let looks: number;
  let next: NextTurns;
  let room: WaitingRoom;

  /** A store that says whose turn it is. */
  const store: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers'> = {
    for: () => ({
      read: () => Promise.reject(new Error('nothing is read')),
      change: (() => {
        looks += 1;
        return Promise.resolve(next);
      }) as never,
    }),
    subscribe: (listener) => commits.subscribe(listener),
    subscribeToOthers: (listener) => others.subscribe(listener),
  };
  const nobody: NextTurns = { ready: new Map(), waiting: new Set(['a', 'b']), againAt: null };
  const who = (id: string, call = id) => ({
    organisation: 'acme',
    environment: 'production',
    id,
    call,
    claimsAtOnce: false,
  });
  const never = new AbortController().signal;
  setMaxListeners(0, never);

  /** Something has been stored in an environment. */
  function change(environment = 'production', organisation = 'acme'): void {
    const deployment = { environment };
    const updated = [{ from: 1, growth: 0, to: { deployment, revision: 2, baseId: null } }];
    commits.publish({ organisation, changes: { deployments: { updated } } as never });
  }

  beforeEach(async () => {
    commits = createPublisher<Commit>();
    others = createPublisher();
    looks = 0;
    next = nobody;
    room = createTurns(store, clock, log, hour);
    await room.start();
  });
  afterEach(() => room.stop());

  it('are woken when their turn comes, and nobody else is', async () => {
    const woken: string[] = [];
    for (const id of ['a', 'b']) void room.wait(who(id), hour, never).then(() => woken.push(id));
    await until('it has been looked', () => looks > 0);
    next = { ...nobody, ready: new Map([['b', 'b']]) };
    change();
    await until('one is woken', () => woken.length > 0);
    expect(woken).to.deep.equal(['b']);
    expect(room.count()).to.equal(1);
  });

  it('are woken when they have nothing to wait for any more', async () => {
    const waiting = room.wait(who('c'), hour, never);
    await waiting;
    expect(room.count()).to.equal(0);
  });

  it('that look for themselves are woken by any change while they are alone, whoever tells of it', async () => {
    const alone = (environment: string) =>
      room.wait({ ...who('a'), environment, claimsAtOnce: true }, hour, never);
    const here = alone('production');
    const elsewhere = alone('staging');
    await until('each has been looked at', () => looks > 1);
    change();
    await here;
    others.publish({ organisation: 'acme', environment: 'staging' });
    await elsewhere;
    expect(looks).to.equal(2);
    expect(room.count()).to.equal(0);
  });

  it('that look for themselves are looked at as others are, among others or when much may have changed', async () => {
    const woken: string[] = [];
    const wait = (id: string) =>
      room.wait({ ...who(id), claimsAtOnce: true }, hour, never).then(() => woken.push(id));
    void wait('a');
    await until('it has been looked', () => looks > 0);
    for (const told of [undefined, { organisation: 'acme', controls: true } as const]) {
      const before = looks;
      others.publish(told);
      await until('it has been looked again', () => looks > before);
    }
    void wait('b');
    await until('it has been looked once more', () => looks > 3);
    const before = looks;
    change();
    await until('it has been looked for both', () => looks > before);
    expect(woken).to.deep.equal([]);
  });

  it('are not woken for a turn that another call of theirs is served with', async () => {
    next = { ...nobody, ready: new Map([['a', 'newer']]) };
    let woken = false;
    void room.wait(who('a', 'older'), hour, never).then(() => (woken = true));
    await room.wait(who('a', 'newer'), hour, never);
    expect(woken).to.equal(false);
  });

  it('are looked at once for any number of them, and once more for what changes meanwhile', async () => {
    for (let number = 0; number < 50; number += 1) void room.wait(who('a'), hour, never);
    await until('it has been looked', () => looks > 0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(looks).to.be.lessThan(4);
  });

  it('are not looked at for what changes elsewhere', async () => {
    void room.wait(who('a'), hour, never);
    await until('it has been looked', () => looks > 0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const before = looks;
    change('staging');
    change('production', 'other');
    commits.publish({ organisation: 'acme', changes: {} });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(looks).to.equal(before);
  });

  it('are looked at when a worker may have something new to do', async () => {
    void room.wait(who('a'), hour, never);
    await until('it has been looked', () => looks > 0);
    const before = looks;
    for (const auto of [false, true]) {
      const created = [{ deployment: { environment: 'production', auto } }];
      commits.publish({ organisation: 'acme', changes: { deployments: { created } } as never });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(looks).to.equal(before + 1);
  });

  it('are looked at when another process has changed their environment, or may have', async () => {
    void room.wait(who('a'), hour, never);
    await until('it has been looked', () => looks > 0);
    let before = looks;
    others.publish({ organisation: 'acme', environment: 'staging' });
    others.publish({ organisation: 'other', environment: 'production' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(looks).to.equal(before);
    for (const told of [{ organisation: 'acme', environment: 'production' }, undefined]) {
      before = looks;
      others.publish(told);
      await until('it has been looked again', () => looks > before);
    }
    await room.stop();
    before = looks;
    others.publish(undefined);
    expect(looks).to.equal(before);
  });

  it('are looked at when gates may have opened, by whichever process', async () => {
    void room.wait(who('a'), hour, never);
    await until('it has been looked', () => looks > 0);
    const before = looks;
    const changes = { controls: {} } as never;
    commits.publish({ organisation: 'other', changes });
    others.publish({ organisation: 'other', controls: true });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(looks).to.equal(before);
    commits.publish({ organisation: 'acme', changes });
    await until('it has been looked again', () => looks > before);
    const after = looks;
    others.publish({ organisation: 'acme', controls: true });
    await until('it has been looked once more', () => looks > after);
  });

  it('are looked at again at the instant that was named, and now and then all the same', async () => {
    const soon = new Date(Date.parse(clock.now()) + 20).toISOString();
    next = { ...nobody, againAt: soon };
    void room.wait(who('a'), hour, never);
    await until('it has been looked again', () => looks > 2);
    room.drain();
    await room.stop();
    room = createTurns(store, clock, log, 5);
    await room.start();
    next = nobody;
    looks = 0;
    void room.wait(who('a'), hour, never);
    await until('it has been looked again', () => looks > 2);
  });

  it('end after their time, when the caller leaves, and when the service stops', async () => {
    await room.wait(who('a'), 1, never);
    const leaving = new AbortController();
    const left = room.wait(who('a'), hour, leaving.signal);
    leaving.abort();
    await left;
    await room.wait(who('a'), hour, AbortSignal.abort());
    const drained = room.wait(who('a'), hour, never);
    room.drain();
    await drained;
    await room.wait(who('a'), hour, never);
    expect(room.isDrained).to.equal(true);
    expect(room.count()).to.equal(0);
  });

  it('go on waiting when the store fails', async () => {
    const failing = createTurns(
      {
        ...store,
        for: () => ({
          read: () => Promise.reject(new Error('out of reach')),
          change: () => {
            looks += 1;
            return Promise.reject(new Error('out of reach'));
          },
        }),
      },
      clock,
      log,
    );
    await failing.start();
    let woken = false;
    void failing.wait(who('a'), hour, never).then(() => (woken = true));
    await until('it has been looked', () => looks > 0);
    expect(woken).to.equal(false);
    await failing.stop();
  });

  it('are so many at most for an organisation, whatever others do', () => {
    for (let number = 0; number < maxWaitingCalls; number += 1) {
      void room.wait(who('a'), hour, never);
    }
    expect(() => room.wait(who('a'), hour, never))
      .to.throw(ApplicationError)
      .that.includes({ code: 'unavailable' });
    void room.wait({ ...who('a'), organisation: 'other' }, hour, never);
    expect(room.count()).to.equal(maxWaitingCalls + 1);
  });
});
