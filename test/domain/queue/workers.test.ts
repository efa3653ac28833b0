import { expect } from 'chai';
import type { Caller } from '../../../src/domain/callers/caller.js';
import { QueueWorld } from '../../support/queue-world.js';
import { refused } from '../../support/refused.js';
import { caller, idOf, instantOf } from '../../support/stored.js';

describe('workers', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
  });

  it('are given what is auto and scheduled, and nothing else', () => {
    world.add(1, { auto: false });
    world.add(2, { auto: true, status: 'failed' });
    world.add(3, { auto: true, name: 'search' });
    expect(world.work('w')).to.equal(3);
    expect(world.get(3).status).to.equal('in_progress');
    expect(world.work('w')).to.equal(undefined);
  });

  it('are given what they ask for, by each part of the taxonomy', () => {
    const place = {
      name: 'search',
      provider: 'aws',
      cloud_account_id: '1',
      region: 'eu-central-1',
      cell: 'a',
    } as const;
    world.add(1, { auto: true, ...place });
    for (const [part, value] of Object.entries(place)) {
      const other = part === 'provider' ? 'azure' : `${value}x`;
      expect(world.work(part, { ...place, [part]: other }), part).to.equal(undefined);
    }
    expect(world.work('other', { environment: 'staging' })).to.equal(undefined);
    expect(world.work('w', place)).to.equal(1);
  });

  it('are given the newest of a taxonomy, or the oldest where every version has its turn', () => {
    for (const number of [1, 2, 3]) world.add(number, { auto: true });
    expect(world.work('w')).to.equal(3);
    const other = new QueueWorld();
    other.set({ order: 'oldest' });
    for (const number of [1, 2, 3]) other.add(number, { auto: true });
    expect(other.work('w')).to.equal(1);
  });

  it('are given a rollback before all', () => {
    world.set({ exclusive: 'environment' });
    world.add(1, { auto: true, name: 'basket' });
    world.add(2, { auto: true, name: 'search', trigger: 'rollback' });
    expect(world.work('w')).to.equal(2);
  });

  it('are not given what a claim by id waits for, and that goes first', () => {
    world.add(1, { auto: true });
    world.add(2, { auto: true });
    world.add(3, { status: 'in_progress' });
    expect(world.start(2)).to.equal(false);
    world.patch(3, { status: 'failed' });
    expect(world.work('w')).to.equal(undefined);
    world.leave(2);
    expect(world.work('w')).to.equal(2);
  });

  it('wait for the taxonomy that waits longest, whoever waits for it', () => {
    world.set({ exclusive: 'environment' });
    world.add(1, { name: 'basket', status: 'in_progress' });
    world.add(2, { name: 'search' });
    world.add(1_100, { name: 'checkout', auto: true });
    world.claim(2);
    expect(world.work('w')).to.equal(undefined);
    expect(world.position(1_100).position).to.equal(2);
    expect(world.blockers(1_100)).to.deep.equal(['running 1']);
    world.patch(1, { status: 'deployed' });
    expect(world.blockers(1_100)).to.deep.equal(['ahead 2']);
    expect(world.next(['w']).ready).to.deep.equal(new Map([[idOf(2), 'call 2']]));
    world.start(2);
    world.finish(2);
    expect(world.next(['w']).ready).to.deep.equal(new Map([['w', 'w']]));
    expect(world.work('w', {}, { isFirst: false })).to.equal(1_100);
  });

  it('make what they would start compete only while they wait', () => {
    world.set({ exclusive: 'environment' });
    world.add(1, { name: 'checkout', auto: true });
    world.add(2, { name: 'basket', status: 'in_progress' });
    world.add(3, { name: 'search' });
    const place = () => world.position(3).position;
    world.work('a');
    world.claim(3, { wait: 60 });
    expect(place()).to.equal(2);
    world.leaveWork('a');
    expect(place()).to.equal(1);
    world.work('b', {}, { wait: 0 });
    expect(place(), 'one that does not wait').to.equal(1);
    world.work('c', {}, { wait: 30 });
    world.now += 34;
    expect(place()).to.equal(2);
    world.now += 1;
    expect(place(), 'one whose process is gone').to.equal(1);
  });

  it('are told one for one, and only those that can be told', () => {
    for (const [number, name] of [
      [1, 'basket'],
      [2, 'search'],
    ] as const) {
      world.add(number, { name, status: 'in_progress' });
      world.add(number + 2, { name, auto: true });
    }
    for (const call of ['a', 'b', 'c']) world.work(call);
    world.patch(1, { status: 'failed' });
    expect([...world.next(['b', 'c']).ready.keys()]).to.deep.equal(['b']);
    world.patch(2, { status: 'failed' });
    expect([...world.next(['b', 'c']).ready.keys()]).to.deep.equal(['b', 'c']);
    expect([...world.next([]).ready.keys()]).to.deep.equal([]);
    expect([...world.next(['a']).waiting]).to.deep.equal(['a', 'b', 'c']);
    expect(world.next().againAt).to.equal(instantOf(world.now + 35));
  });

  it('may not be given what policies keep from them, and hold nobody up for it', () => {
    world.set({ exclusive: 'environment' });
    world.add(1, { name: 'basket', auto: true });
    world.add(2, { name: 'search', status: 'in_progress' });
    world.add(3, { name: 'search', auto: false });
    const outsider: Caller = {
      ...caller,
      job: { ...job, eventName: 'pull_request' },
    };
    expect(world.work('w', {}, { caller: outsider })).to.equal(undefined);
    world.claim(3);
    expect(world.blockers(3)).to.deep.equal(['running 2']);
    world.patch(2, { status: 'failed' });
    expect(world.next(['w']).ready).to.deep.equal(new Map([[idOf(3), 'call 3']]));
  });

  it('are not starved by those that come again and again', () => {
    world.set({ exclusive: 'environment' });
    world.add(1, { name: 'basket', auto: true });
    world.add(2, { name: 'search', status: 'in_progress' });
    world.work('w');
    for (let number = 1_001; number < 1_006; number += 1) {
      world.now += 20;
      world.add(number, { name: 'search' });
      world.claim(number);
      world.work(`w ${number}`);
    }
    world.patch(2, { status: 'failed' });
    expect([...world.next(['w 1005']).ready.keys()]).to.deep.equal(['w 1005']);
    expect(world.work('w 1005', {}, { isFirst: false })).to.equal(1);
  });

  it('do not starve others with what has waited for longer than anybody', () => {
    world.set({ exclusive: 'environment', order: 'oldest' });
    for (const number of [1, 2, 3]) world.add(number, { name: 'basket', auto: true });
    world.add(4, { name: 'search' });
    world.add(5, { name: 'search', status: 'in_progress' });
    world.work('a');
    world.claim(4);
    world.now += 10;
    world.patch(5, { status: 'failed' });
    expect(world.work('a', {}, { isFirst: false })).to.equal(1);
    world.work('b');
    world.now += 10;
    world.patch(1, { status: 'deployed' }, 'a');
    expect(world.next(['b']).ready).to.deep.equal(new Map([[idOf(4), 'call 4']]));
  });

  it('get the same lease again under their key, and what it was is lost', () => {
    world.add(1, { auto: true });
    const request = { owner: 'person octocat', key: 'k', fingerprint: 'f', at: instantOf(1_000) };
    expect(world.work('w', {}, { request, token: 'first' })).to.equal(1);
    expect(world.work('w', {}, { request, token: 'second' })).to.equal(1);
    expect(world.renew(1, 'first')).to.have.property('lost');
    world.patch(1, { status: 'deployed' }, 'second');
    expect(refused(() => world.work('w', {}, { request }))).to.include({ code: 'lease-lost' });
  });

  it('and claims that come after a dead holder begin the buffer once, not each time', () => {
    world.set({ buffer_seconds: 20 });
    world.add(1);
    world.add(2, { auto: true });
    world.start(1, { lease: 10 });
    world.now += 10;
    for (const attempt of ['a', 'b']) {
      expect(world.work(attempt)).to.equal(undefined);
      expect(world.start(1, { call: attempt })).to.equal(false);
      expect(world.get(1).status).to.equal('failed');
      world.now += 10;
    }
    expect(world.next(['a']).ready).to.deep.equal(new Map([['a', 'a']]));
    expect(world.events(1).map(({ cause }) => cause)).to.deep.equal(['request', 'lease_expired']);
  });

  it('take over what a dead worker has left', () => {
    world.add(1, { auto: true });
    world.add(2, { auto: true, name: 'search' });
    expect(world.work('a', { name: 'search' })).to.equal(2);
    world.now += 61;
    expect(world.work('b', { name: 'search' })).to.equal(undefined);
    world.expire();
    expect(world.get(2).status).to.equal('failed');
    world.patch(2, { status: 'scheduled' });
    expect(world.work('b', { name: 'search' })).to.equal(2);
  });
});

const job = {
  actorId: null,
  repositoryId: null,
  ref: null,
  commitSha: null,
  runId: null,
  runAttempt: null,
  environment: null,
  workflowRef: null,
};
