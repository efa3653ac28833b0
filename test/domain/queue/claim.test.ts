import { expect } from 'chai';
import { QueueWorld } from '../../support/queue-world.js';
import { refused } from '../../support/refused.js';
import { idOf, instantOf } from '../../support/stored.js';

/** The code of what refuses a claim. */
function refusal(world: QueueWorld, number: number): { code: string; message: string } {
  return refused(() => world.claim(number));
}

const noGate = { gate_id: null, reason: null, owner: null };

describe('claim', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
  });

  it('starts what nothing is in the way of, under a lease', () => {
    world.add(1);
    const claimed = world.claim(1, { lease: 90 });
    expect(claimed.lease).to.include({ fence: 1, expiresAt: instantOf(world.now + 90) });
    expect(world.get(1)).to.include({ status: 'in_progress', started_at: instantOf(world.now) });
    expect(world.events(1).map(({ to_status: to, cause }) => [to, cause])).to.deep.equal([
      ['in_progress', 'request'],
    ]);
  });

  it('gives each lease a greater fence', () => {
    for (const number of [1, 2, 3]) world.add(number, { name: `component ${number}` });
    const fences = [1, 2, 3].map((number) => world.claim(number).lease?.fence);
    expect(fences).to.deep.equal([1, 2, 3]);
  });

  it('lets one of a taxonomy go at a time, and says what the other waits for', () => {
    world.add(1);
    world.add(2);
    expect(world.start(1)).to.equal(true);
    expect(world.start(2)).to.equal(false);
    expect(world.position(2)).to.deep.include({
      position: 1,
      waiting_since: instantOf(world.now),
      blocked_by: [
        { ...noGate, kind: 'running', deployment_id: idOf(1), until: instantOf(world.now + 60) },
      ],
    });
    world.finish(1);
    expect(world.start(2, { isFirst: false })).to.equal(true);
  });

  it('refuses what is over, what runs, and what is not there', () => {
    for (const [number, status] of (
      ['deployed', 'cancelled', 'skipped', 'in_progress'] as const
    ).entries()) {
      world.add(number, { name: status, status });
      expect(refusal(world, number)).to.include({ code: 'claim-not-allowed' });
      expect(refusal(world, number).message).to.contain(status);
    }
    expect(refusal(world, 99)).to.include({ code: 'deployment-not-found' });
  });

  it('refuses what somebody holds', () => {
    world.add(1);
    world.claim(1);
    expect(refusal(world, 1)).to.include({ code: 'lease-held' });
  });

  it('names the newer one that superseded a waiter', () => {
    world.add(1);
    world.add(2);
    world.start(2);
    expect(world.start(1)).to.equal(false);
    world.finish(2);
    expect(world.get(1).status).to.equal('skipped');
    const { code, message } = refusal(world, 1);
    expect(code).to.equal('claim-superseded');
    expect(message).to.contain(idOf(2));
  });

  it('lets a newer one go first, and skips nobody before that is deployed', () => {
    for (const number of [1, 2, 3]) world.add(number);
    world.start(1);
    world.claim(2);
    world.claim(3);
    expect([world.position(2).position, world.position(3).position]).to.deep.equal([2, 1]);
    expect(world.blockers(2)).to.deep.equal(['running 1', 'ahead 3']);
    world.finish(1, 'failed');
    expect(world.ready()).to.deep.equal([3]);
    expect(world.start(2, { isFirst: false })).to.equal(false);
    expect(world.start(3, { isFirst: false })).to.equal(true);
    world.finish(3, 'failed');
    expect(world.start(2, { isFirst: false })).to.equal(true);
  });

  it('lets every version have its turn where the order is oldest, and skips none', () => {
    world.set({ order: 'oldest' });
    for (const number of [1, 2, 3]) world.add(number);
    world.start(1);
    world.claim(3);
    world.claim(2);
    world.finish(1);
    expect(world.ready()).to.deep.equal([2]);
    world.claim(2, { isFirst: false });
    world.finish(2);
    expect(world.get(3).status).to.equal('scheduled');
    expect(world.start(3, { isFirst: false })).to.equal(true);
  });

  it('is kept waiting by nobody whom nobody waits for', () => {
    world.add(1);
    world.add(2);
    expect(world.start(1)).to.equal(true);
  });

  describe('of one that failed', () => {
    it('is a retry', () => {
      world.add(1);
      world.claim(1);
      world.finish(1, 'failed');
      expect(world.claim(1).lease?.fence).to.equal(2);
      expect(world.get(1)).to.include({ status: 'in_progress', finished_at: null });
    });

    it('is refused once a newer one was deployed, which is named', () => {
      world.add(1);
      world.add(2);
      world.claim(1);
      world.finish(1, 'failed');
      world.claim(2);
      world.finish(2);
      const { code, message } = refusal(world, 1);
      expect(code).to.equal('claim-superseded');
      expect(message).to.contain(idOf(2));
    });

    it('is allowed when the newer one was deployed before that attempt', () => {
      world.add(2);
      world.claim(2);
      world.finish(2);
      world.now += 1;
      world.add(1);
      world.claim(1);
      world.finish(1, 'failed');
      expect(world.start(1)).to.equal(true);
    });

    for (const order of ['newest', 'oldest'] as const) {
      it(`does not jump: it goes behind all that have not been tried (${order})`, () => {
        world.set({ order, buffer_seconds: 10 });
        const [retried, other] = order === 'newest' ? [2, 1] : [1, 2];
        world.add(1);
        world.add(2);
        world.start(retried);
        world.claim(other);
        world.finish(retried, 'failed');
        world.claim(retried);
        world.now += 10;
        expect(world.ready()).to.deep.equal([other]);
        expect(world.blockers(retried)).to.deep.equal([`ahead ${other}`]);
      });
    }
  });

  for (const order of ['newest', 'oldest'] as const) {
    it(`of a rollback goes before all others of its taxonomy (${order})`, () => {
      world.set({ order });
      // By the order alone the other one would go.
      const [undo, other] = order === 'newest' ? [2, 3] : [3, 2];
      for (const number of [1, 2, 3]) {
        world.add(number, number === undo ? { trigger: 'rollback' } : {});
      }
      world.start(1);
      world.claim(other);
      world.now += 1;
      world.claim(undo);
      world.finish(1);
      expect(world.ready()).to.deep.equal([undo]);
      expect(world.blockers(other)).to.deep.equal([`ahead ${undo}`]);
    });
  }

  describe('of a rollback', () => {
    beforeEach(() => {
      world.set({ exclusive: 'environment', buffer_seconds: 60 });
      world.add(1, { name: 'basket' });
      world.add(2);
      world.add(3, { name: 'search', trigger: 'rollback' });
      world.start(1);
      world.claim(2);
      world.now += 1;
      world.claim(3);
    });

    it('goes before all others of its group, and waits for no buffer', () => {
      expect(world.position(3).position).to.equal(1);
      world.finish(1);
      expect(world.blockers(2)).to.deep.equal(['ahead 3', 'buffer']);
      expect(world.start(3, { isFirst: false })).to.equal(true);
    });

    it('waits for its turn all the same', () => {
      expect(world.blockers(3)).to.deep.equal(['running 1']);
    });
  });

  describe('in a wide group', () => {
    it('excludes other taxonomies of the place, and no other place', () => {
      world.set({ exclusive: 'place' });
      world.add(1);
      world.add(2, { name: 'basket' });
      world.add(3, { region: 'europe-west1' });
      expect([world.start(1), world.start(2), world.start(3)]).to.deep.equal([true, false, true]);
    });

    it('lets max_running go at once, but never two of a taxonomy', () => {
      world.set({ exclusive: 'environment', max_running: 2 });
      world.add(1);
      world.add(2);
      world.add(3, { name: 'basket' });
      world.add(4, { name: 'search' });
      expect(world.start(1)).to.equal(true);
      expect(world.start(2)).to.equal(false);
      expect(world.blockers(2)).to.deep.equal(['running 1']);
      expect(world.start(3)).to.equal(true);
      expect(world.start(4)).to.equal(false);
      expect(world.blockers(4)).to.deep.equal(['running 1', 'running 3']);
    });

    it('lets the taxonomy go that has waited longest since its last start: nobody starves', () => {
      world.set({ exclusive: 'environment', order: 'oldest' });
      for (const number of [1, 2, 3]) world.add(number);
      world.add(9, { name: 'basket' });
      world.start(1);
      world.now += 1;
      world.claim(2, { wait: 60 });
      world.claim(3, { wait: 60 });
      world.now += 1;
      world.claim(9, { wait: 60 });
      world.finish(1);
      expect(world.ready()).to.deep.equal([2]);
      world.now += 1;
      world.claim(2, { isFirst: false });
      world.finish(2);
      expect(world.ready()).to.deep.equal([9]);
    });

    it('excludes nobody where nothing is exclusive', () => {
      world.set({ exclusive: 'none' });
      world.add(1);
      world.add(2);
      expect([world.start(1), world.start(2)]).to.deep.equal([true, true]);
    });
  });

  describe('with a buffer', () => {
    for (const status of ['deployed', 'failed', 'cancelled'] as const) {
      it(`waits so long after an end (${status}), and says until when`, () => {
        world.set({ buffer_seconds: 60 });
        world.add(1);
        world.add(2);
        world.start(1);
        world.finish(1, status);
        expect(world.start(2)).to.equal(false);
        const until = instantOf(world.now + 60);
        expect(world.position(2).blocked_by).to.deep.equal([
          { ...noGate, kind: 'buffer', deployment_id: null, until },
        ]);
        expect(world.next().againAt).to.equal(until);
        world.now += 60;
        expect(world.start(2, { isFirst: false })).to.equal(true);
      });
    }

    it('does not wait after one that was put back, or cancelled before it had begun', () => {
      world.set({ buffer_seconds: 60 });
      for (const number of [1, 2, 3]) world.add(number);
      world.start(1);
      world.release(1);
      world.patch(2, { status: 'cancelled' });
      expect(world.start(3)).to.equal(true);
    });

    it('waits after one that only changed its status', () => {
      world.set({ buffer_seconds: 60 });
      world.add(1, { status: 'in_progress' });
      world.add(2);
      world.patch(1, { status: 'deployed' });
      expect(world.start(2)).to.equal(false);
    });
  });
});
