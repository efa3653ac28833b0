import { expect } from 'chai';
import { QueueWorld } from '../../support/queue-world.js';
import { refused } from '../../support/refused.js';
import { instantOf } from '../../support/stored.js';

describe('waiting', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
    for (const number of [1, 2, 3]) world.add(number);
    world.start(1);
  });

  it('keeps a place for 30 seconds after the wait, and its turn since it first waited', () => {
    world.claim(2, { wait: 10 });
    const since = instantOf(world.now);
    world.now += 39;
    expect(world.position(2)).to.include({ position: 1, waiting_since: since });
    world.claim(2, { wait: 10, call: 'again' });
    expect(world.position(2).waiting_since).to.equal(since);
    world.now += 40;
    expect(world.position(2)).to.include({ position: null, waiting_since: null });
  });

  it('holds nobody up whose caller has not come back', () => {
    world.claim(2, { wait: 60 });
    world.claim(3, { wait: 0 });
    world.now += 29;
    world.finish(1, 'failed');
    expect(world.ready()).to.deep.equal([3]);
    expect(world.next().againAt).to.equal(instantOf(world.now + 1));
    world.now += 1;
    expect(world.ready()).to.deep.equal([2]);
  });

  it('ends when the caller leaves, and what it was in the way of goes', () => {
    world.claim(2);
    world.claim(3);
    world.finish(1, 'failed');
    world.leave(3);
    expect(world.ready()).to.deep.equal([2]);
  });

  it('is not ended by a call that another one has come after', () => {
    world.claim(2, { call: 'first' });
    world.claim(2, { call: 'second' });
    world.leave(2, 'first');
    expect(world.position(2).position).to.equal(1);
    world.leave(2, 'second');
    expect(world.position(2).position).to.equal(null);
  });

  it('never gives back what somebody else holds', () => {
    world.claim(2, { call: 'cancelled' });
    world.finish(1, 'failed');
    world.claim(2, { call: 'other' });
    world.leave(2, 'cancelled');
    expect(world.get(2).status).to.equal('in_progress');
    expect(world.renew(2)).to.have.property('lease');
  });

  it('serves the newest of several calls for one deployment', () => {
    world.claim(2, { call: 'first' });
    world.claim(2, { call: 'second' });
    world.finish(1, 'failed');
    expect([...world.next().ready.values()]).to.deep.equal(['second']);
    expect(world.start(2, { call: 'first', isFirst: false })).to.equal(false);
    expect(world.start(2, { call: 'second', isFirst: false })).to.equal(true);
    expect(refused(() => world.claim(2, { call: 'first', isFirst: false }))).to.include({
      code: 'lease-held',
    });
  });

  it('is woken by what takes its deployment away, and told why', () => {
    world.claim(2);
    world.patch(2, { status: 'cancelled' });
    expect(world.next().waiting.size).to.equal(0);
    expect(refused(() => world.claim(2, { isFirst: false }))).to.include({
      code: 'claim-not-allowed',
    });
  });

  it('of one that was skipped keeps nobody from going', () => {
    world.set({ exclusive: 'environment' });
    world.add(4, { name: 'basket' });
    world.claim(2, { wait: 60 });
    world.add(5);
    world.patch(5, { status: 'deployed' });
    expect(world.get(2).status).to.equal('skipped');
    world.finish(1, 'failed');
    expect(world.start(4)).to.equal(true);
  });

  describe('for longer than queue_ttl_seconds', () => {
    beforeEach(() => {
      world = new QueueWorld();
      for (const number of [1, 2, 3]) world.add(number, { updated_at: instantOf(world.now) });
      world.set({ queue_ttl_seconds: 120 });
      world.start(1, { lease: 3_600 });
      world.claim(2);
    });

    it('cancels what was claimed once, also when nobody waits for it any more', () => {
      world.leave(2);
      world.now += 119;
      world.expire();
      expect(world.get(2).status).to.equal('scheduled');
      world.now += 1;
      world.expire();
      expect(world.get(2).status).to.equal('cancelled');
      expect(world.events(2).at(-1)).to.include({ cause: 'queue_ttl' });
      expect(world.events(2).at(-1)?.reason).to.contain('120 seconds');
    });

    it('leaves what was never claimed', () => {
      world.now += 10_000;
      world.expire();
      expect(world.get(3).status).to.equal('scheduled');
    });

    it('counts anew once it was scheduled again', () => {
      world.patch(2, { status: 'failed' });
      world.now += 100;
      world.patch(2, { status: 'scheduled' });
      world.claim(2);
      world.now += 100;
      world.expire();
      expect(world.get(2).status).to.equal('scheduled');
    });
  });
});

describe('pipelines that only change statuses', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
    for (const number of [1, 2, 3]) world.add(number);
  });

  it('start whenever they want to', () => {
    world.start(1);
    world.patch(2, { status: 'in_progress' });
    expect(world.get(2).status).to.equal('in_progress');
  });

  it('are waited for until their outcome', () => {
    world.patch(1, { status: 'in_progress' });
    expect(world.start(2)).to.equal(false);
    expect(world.blockers(2)).to.deep.equal(['running 1']);
    world.patch(1, { status: 'deployed' });
    expect(world.start(2, { isFirst: false })).to.equal(true);
  });

  it('hold nobody up for longer than unleased_hold_seconds', () => {
    world.set({ unleased_hold_seconds: 100 });
    world.patch(1, { status: 'in_progress' });
    world.claim(2, { wait: 60 });
    expect(world.next().againAt).to.equal(instantOf(world.now + 90));
    world.now += 89;
    world.claim(2, { wait: 60 });
    world.now += 11;
    expect(world.start(2, { isFirst: false })).to.equal(true);
    world.patch(1, { status: 'deployed' });
    expect(world.get(1).status).to.equal('deployed');
  });

  it('are refused a start, and nothing else, where a lease is required', () => {
    world.set({ lease_required: true });
    const refusal = refused(() => world.patch(1, { status: 'in_progress' }));
    expect(refusal).to.include({ code: 'lease-required' });
    expect(refusal.message).to.contain('/claim');
    world.patch(1, { status: 'deployed' });
    expect(world.get(1).status).to.equal('deployed');
    expect(world.start(2)).to.equal(true);
  });
});

describe('the estimated start', () => {
  it('is after what runs and what goes before, by the median of what was deployed there', () => {
    const world = new QueueWorld();
    world.now = 10_000;
    for (const [number, seconds] of [10, 1_000, 20].entries()) {
      const started = instantOf(number * 2_000);
      const finished = instantOf(number * 2_000 + seconds);
      const times = { started_at: started, finished_at: finished, deployed_at: finished };
      world.add(number, { status: 'deployed', ...times });
    }
    world.add(10);
    world.add(11);
    world.add(12);
    world.claim(10);
    world.now += 5;
    world.claim(12);
    world.claim(11);
    expect(world.position(12).estimated_start_at).to.equal(instantOf(10_020));
    expect(world.position(11).estimated_start_at).to.equal(instantOf(10_040));
  });

  it('is unknown with fewer than three, or where others are in the way', () => {
    const world = new QueueWorld();
    world.add(1);
    world.add(2);
    world.claim(1);
    world.claim(2);
    expect(world.position(2).estimated_start_at).to.equal(null);
  });
});
