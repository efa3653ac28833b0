import { expect } from 'chai';
import { requireCount } from '../../../src/domain/queue/cancel.js';
import { QueueWorld } from '../../support/queue-world.js';
import { refused } from '../../support/refused.js';

describe('cancel', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
    for (const number of [1, 2, 3]) world.add(number);
  });

  it('cancels what waits and what runs, and leaves what is over', () => {
    world.add(4, { status: 'deployed' });
    world.add(5, { status: 'in_progress' });
    expect(world.cancel([1, 4, 5], 'broken')).to.have.length(2);
    expect(world.statuses()).to.include({ 1: 'cancelled', 4: 'deployed', 5: 'cancelled' });
    expect(world.events(1).at(-1)).to.include({ cause: 'request', reason: 'broken' });
    expect(world.cancel([1, 4, 5])).to.have.length(0);
  });

  it('notes once that a taxonomy ended, however many of it are cancelled', () => {
    world.set({ buffer_seconds: 60 });
    for (const number of [4, 5]) world.add(number, { status: 'in_progress' });
    world.cancel([4, 5]);
    expect(world.entries().map(({ kind }) => kind)).to.deep.equal(['ended']);
    expect(world.start(1)).to.equal(false);
  });

  it('tells whoever waits for it', () => {
    world.start(1);
    world.claim(2);
    world.cancel([2]);
    expect(world.next().waiting.size).to.equal(0);
    expect(refused(() => world.claim(2, { isFirst: false }))).to.include({
      code: 'claim-not-allowed',
    });
  });

  describe('of what is carried out under a lease', () => {
    beforeEach(() => {
      world.start(1);
      world.claim(2, { wait: 60 });
      world.cancel([1], 'broken');
    });

    it('lets nobody start beside its holder, who may not know yet', () => {
      expect(world.get(1).status).to.equal('cancelled');
      expect(world.start(2, { isFirst: false })).to.equal(false);
      expect(world.blockers(2)).to.deep.equal(['running 1']);
    });

    for (const [what, call] of [
      ['renews', () => world.renew(1)],
      ['gives back', () => world.release(1)],
      ['reports', () => world.patch(1, { status: 'deployed' }, 'token 1')],
    ] as const) {
      it(`frees the place when its holder ${what}, and is told why`, () => {
        const { lost } = call() as { lost: { code: string; message: string } };
        expect(lost.code).to.equal('lease-lost');
        expect(lost.message).to.contain('cancelled by octocat (broken)');
        expect(world.start(2, { isFirst: false })).to.equal(true);
        expect(world.get(1).status).to.equal('cancelled');
      });
    }

    it('frees the place when the lease would have ended', () => {
      world.now += 59;
      expect(world.start(2, { isFirst: false })).to.equal(false);
      world.now += 1;
      expect(world.start(2, { isFirst: false })).to.equal(true);
      world.expire();
      expect(world.get(1).status).to.equal('cancelled');
      expect(
        world.entries().some(({ id, kind }) => kind === 'lease' && id === world.get(1).id),
      ).to.equal(false);
    });

    it('frees nothing for whoever has another token', () => {
      world.renew(1, 'another');
      expect(world.start(2, { isFirst: false })).to.equal(false);
    });

    it('keeps the place also when it is opened again', () => {
      world.patch(1, { status: 'scheduled' });
      expect(world.start(2, { isFirst: false })).to.equal(false);
      expect(world.start(1)).to.equal(false);
    });

    it('ends nothing that was opened again and started without a claim', () => {
      world.patch(1, { status: 'scheduled' });
      world.patch(1, { status: 'in_progress' });
      expect(world.position(2).holders.map(({ leased }) => leased)).to.deep.equal([false]);
      world.now += 60;
      world.expire();
      expect(world.get(1).status).to.equal('in_progress');
      expect(world.renew(1)).to.have.nested.property('lost.code', 'lease-lost');
    });
  });

  it('wants to be told how many there are', () => {
    requireCount(2, 2);
    expect(
      refused(() => {
        requireCount(2, 3);
      }),
    ).to.include({ code: 'cancel-count-differs' });
  });
});
