import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import { createFeeds, maxFollowers, maxFollowersInAll } from '../../src/background/feeds.js';
import type { FeedRoom } from '../../src/background/feeds.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { toFeedPage } from '../../src/domain/feed/feed.js';
import type { FeedEntry, FeedQuery } from '../../src/domain/feed/feed.js';
import type { Follower } from '../../src/domain/feed/feeds.js';
import { byRequest, byService, recordEvent } from '../../src/domain/deployments/events.js';
import { createPublisher } from '../../src/events/publisher.js';
import type { ChangedElsewhere, Commit, Store } from '../../src/store/store.js';
import { storedDeployment } from '../support/stored.js';

const hour = 3_600_000;
const stored = storedDeployment(1);
const { event } = recordEvent(
  undefined,
  stored,
  byRequest,
  byService,
  stored.deployment.created_at,
);

describe('streams that follow a feed', () => {
  const warnings: unknown[] = [];
  const log = { warn: (fields: object) => void warnings.push(fields) };
  let commits = createPublisher<Commit>();
  let others = createPublisher<ChangedElsewhere | undefined>();
  /** How long the feed of each organisation is. */
  let lengths: Map<string, number>;
  let reads: FeedQuery[];
  let failure: Error | undefined;
  let room: FeedRoom;
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);

  const store: Pick<Store, 'for' | 'subscribe' | 'subscribeToOthers'> = {
    for: (organisation) => ({
      read: ((query: FeedQuery) => {
        reads.push(query);
        if (failure !== undefined) return Promise.reject(failure);
        const end = lengths.get(organisation) ?? 0;
        const { from, limit } = query;
        const after = 'after' in from ? from.after : end - from.last;
        const entries = Array.from(
          { length: Math.min(end - after, limit) },
          (_, nth): FeedEntry => ({
            position: after + nth + 1,
            deployment: stored.deployment,
            event,
          }),
        );
        return Promise.resolve(toFeedPage(entries, query, end));
      }) as never,
      change: () => Promise.reject(new Error('nothing is changed')),
    }),
    subscribe: (listener) => commits.subscribe(listener),
    subscribeToOthers: (listener) => others.subscribe(listener),
  };

  beforeEach(async () => {
    warnings.splice(0);
    commits = createPublisher();
    others = createPublisher();
    lengths = new Map([['acme', 10]]);
    reads = [];
    failure = undefined;
    room = createFeeds(store, log, hour);
    await room.start();
  });
  afterEach(() => room.stop());

  /** Something happens, which this process has stored. */
  function grow(by: number, organisation = 'acme'): void {
    lengths.set(organisation, (lengths.get(organisation) ?? 0) + by);
    commits.publish({ organisation, changes: { events: [] } });
  }
  const { signal } = leaving;
  const positions = async (follower: Follower, forMs = hour): Promise<number[]> =>
    (await follower.next(forMs, signal)).map(({ event: { position } }) => position);

  it('get what comes, in parts, and each of them all of it', async () => {
    const [one, two] = [
      await room.follow('acme', 'end', signal),
      await room.follow('acme', { last: 2 }, signal),
    ];
    expect([one.start, two.start]).to.deep.equal([10, 8]);
    expect(await positions(two)).to.deep.equal([9, 10]);
    const waiting = [positions(one), positions(two)];
    grow(2);
    expect(await Promise.all(waiting)).to.deep.equal([
      [11, 12],
      [11, 12],
    ]);
    grow(1);
    expect(await positions(one)).to.deep.equal([13]);
    grow(1);
    expect(await positions(one)).to.deep.equal([14]);
    expect(await positions(two)).to.deep.equal([13, 14]);
  });

  it('are read for once, however many there are', async () => {
    const many = await Promise.all(
      Array.from({ length: 100 }, () => room.follow('acme', 'end', signal)),
    );
    const before = reads.length;
    const waiting = many.map((follower) => positions(follower));
    grow(1);
    for (const got of await Promise.all(waiting)) expect(got).to.deep.equal([11]);
    expect(reads.length - before).to.be.at.most(2);
  });

  it('lose nothing when they are far behind the others', async () => {
    const behind = await room.follow('acme', { after: 0 }, signal);
    const ahead = await room.follow('acme', 'end', signal);
    let seen = 10;
    for (let round = 0; round < 5; round += 1) {
      grow(200);
      while (seen < 10 + (round + 1) * 200) seen = (await positions(ahead)).at(-1) ?? seen;
    }
    const all: number[] = [];
    while (all.length < 1010) all.push(...(await positions(behind)));
    expect(all).to.deep.equal(Array.from({ length: 1010 }, (_, nth) => nth + 1));
  });

  it('hear of what another process has stored, of one organisation or of all', async () => {
    const follower = await room.follow('acme', 'end', signal);
    for (const hint of [{ organisation: 'acme' }, undefined]) {
      const waiting = positions(follower);
      lengths.set('acme', (lengths.get('acme') ?? 0) + 1);
      others.publish(hint);
      expect(await waiting).to.have.length(1);
    }
  });

  it('look by themselves where nobody tells', async () => {
    const looking = createFeeds(store, log, 1);
    await looking.start();
    const follower = await looking.follow('acme', 'end', signal);
    lengths.set('acme', 11);
    expect(await positions(follower)).to.deep.equal([11]);
    await looking.stop();
  });

  it('are told nothing when nothing comes, or when they leave', async () => {
    const own = new AbortController();
    const follower = await room.follow('acme', 'end', own.signal);
    expect(await follower.next(1, own.signal)).to.deep.equal([]);
    const waiting = follower.next(hour, own.signal);
    own.abort();
    expect(await waiting).to.deep.equal([]);
    expect(room.count()).to.equal(0);
    grow(1);
    const late = await room.follow('acme', 'end', own.signal);
    expect(late.start).to.equal(11);
    expect(room.count()).to.equal(0);
  });

  it('go on when the store is there again', async () => {
    const looking = createFeeds(store, log, 1);
    await looking.start();
    const follower = await looking.follow('acme', 'end', signal);
    failure = new ApplicationError('unavailable', 'The store is out of reach');
    grow(1);
    const waiting = positions(follower);
    while (warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(warnings[0]).to.deep.include({ organisation: 'acme', err: failure });
    const refused = await looking.follow('acme', 'end', signal).catch((error: unknown) => error);
    expect(refused).to.equal(failure);
    failure = undefined;
    grow(1);
    expect(await waiting).to.deep.equal([11, 12]);
    await looking.stop();
  });

  it('are no more than an organisation and a process may have', async () => {
    const follow = (organisation: string) => room.follow(organisation, 'end', signal);
    const fill = (organisation: string) =>
      Promise.all(Array.from({ length: maxFollowers }, () => follow(organisation)));
    await fill('acme');
    const refused = await follow('acme').catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ApplicationError).and.have.property('code', 'unavailable');
    expect(refused).to.have.property('message').that.includes(`${maxFollowers} streams`);
    for (let nth = 1; nth < maxFollowersInAll / maxFollowers; nth += 1) await fill(`other-${nth}`);
    expect(room.count()).to.equal(maxFollowersInAll);
    const full = await follow('late').catch((error: unknown) => error);
    expect(full).to.have.property('message').that.includes(`This process has ${maxFollowersInAll}`);
  });
});
