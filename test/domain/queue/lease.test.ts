import { expect } from 'chai';
import type { ApplicationError } from '../../../src/domain/errors.js';
import { QueueWorld } from '../../support/queue-world.js';
import { refused } from '../../support/refused.js';
import { instantOf } from '../../support/stored.js';

function lost(held: object): ApplicationError | undefined {
  return 'lost' in held ? (held.lost as ApplicationError) : undefined;
}

describe('a lease', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
    world.add(1);
    world.add(2);
    world.claim(1);
  });

  it('is renewed for as long as it was given for, without a change of the deployment', () => {
    world.now += 59;
    const before = world.get(1);
    expect(world.renew(1)).to.have.nested.property('lease.expiresAt', instantOf(world.now + 60));
    expect(world.get(1)).to.equal(before);
  });

  it('is not renewed beyond max_hold_seconds, and never for those to which it is given earlier', () => {
    world.set({ max_hold_seconds: 90 }, 'staging');
    world.add(3, { environment: 'staging' });
    const start = world.now;
    world.claim(3);
    world.now += 50;
    expect(world.renew(3)).to.have.nested.property('lease.expiresAt', instantOf(start + 90));
    world.now = start + 90;
    expect(lost(world.renew(3))).to.include({ code: 'lease-lost' });
    world.expire('staging');
    expect(world.get(3).status).to.equal('failed');
  });

  it('is given back: the deployment is scheduled again, without a trace of an attempt', () => {
    world.claim(2);
    world.release(1);
    expect(world.get(1)).to.include({ status: 'scheduled', started_at: null });
    expect(world.ready()).to.deep.equal([2]);
    expect(lost(world.renew(1))).to.include({ code: 'lease-lost' });
  });

  it("is its holder's alone", () => {
    expect(lost(world.renew(1, 'another'))).to.include({ code: 'lease-lost' });
    expect(lost(world.release(1, 'another'))).to.include({ code: 'lease-lost' });
    expect(world.get(1).status).to.equal('in_progress');
  });

  it('keeps its token nowhere', () => {
    expect(JSON.stringify(world.entries())).not.to.contain('token 1');
  });

  describe('while it lives', () => {
    for (const status of ['in_progress', 'deployed', 'failed', 'scheduled', 'cancelled'] as const) {
      it(`lets nobody else change the status to ${status}`, () => {
        expect(refused(() => world.patch(1, { status }))).to.include({ code: 'lease-held' });
        expect(refused(() => world.patch(1, { status }, 'another'))).to.include({
          code: 'lease-lost',
        });
        expect(world.get(1).status).to.equal('in_progress');
      });
    }

    it('lets everybody change the notes', () => {
      world.patch(1, { notes: 'half way' });
      expect(world.get(1).notes).to.equal('half way');
    });

    it('lets its holder repeat the status, which changes nothing and keeps the lease', () => {
      expect(world.patch(1, { status: 'in_progress' }, 'token 1')).to.include({ changed: false });
      expect(lost(world.renew(1))).to.equal(undefined);
    });

    it('ends with what its holder reports', () => {
      world.finish(1);
      expect(world.entries()).to.deep.equal([]);
      expect(lost(world.patch(1, { status: 'failed' }, 'token 1'))).to.include({
        code: 'lease-lost',
      });
      expect(world.get(1).status).to.equal('deployed');
    });
  });

  describe('that nobody renews', () => {
    beforeEach(() => {
      world.claim(2, { wait: 60 });
      world.now += 60;
    });

    it('makes the deployment failed, and the next one goes', () => {
      const { failed } = world.expire();
      expect(failed.map(({ deployment }) => deployment.version)).to.deep.equal(['1']);
      expect(world.events(1).at(-1)).to.include({
        cause: 'lease_expired',
        to_status: 'failed',
        actor: null,
      });
      expect(world.start(2, { isFirst: false })).to.equal(true);
    });

    it('is ended by whoever is next, if nobody else has', () => {
      expect(world.start(2, { isFirst: false })).to.equal(true);
      expect(world.statuses()).to.deep.equal({ 1: 'failed', 2: 'in_progress' });
      expect(world.expire()).to.deep.equal({ failed: [], cancelled: [] });
    });

    it('is over for its holder at that instant', () => {
      expect(lost(world.renew(1))).to.include({ code: 'lease-lost' });
      expect(lost(world.patch(1, { status: 'deployed' }, 'token 1'))).to.include({
        code: 'lease-lost',
      });
    });

    it('is ended once, however often it is looked at', () => {
      world.expire();
      expect(world.expire().failed).to.deep.equal([]);
      expect(world.events(1).filter(({ cause }) => cause === 'lease_expired')).to.have.length(1);
    });

    it('begins the buffer of its environment', () => {
      world.set({ buffer_seconds: 30 });
      expect(world.start(2, { isFirst: false })).to.equal(false);
      world.expire();
      expect(world.blockers(2)).to.deep.equal(['buffer']);
    });

    for (const [when, look] of [
      ['has been ended', true],
      ['has not been ended yet', false],
    ] as const) {
      describe(`and ${when}`, () => {
        beforeEach(() => {
          if (look) world.expire();
        });

        it('lets the outcome be reported late, without a token', () => {
          world.patch(1, { status: 'deployed' });
          expect(world.get(1).status).to.equal('deployed');
          expect(world.events(1).map(({ to_status: to, cause }) => `${to} ${cause}`)).to.deep.equal(
            ['in_progress request', 'failed lease_expired', 'deployed late'],
          );
        });

        it('has failed, whoever says so later', () => {
          world.patch(1, { status: 'failed' });
          expect(world.events(1).map(({ cause }) => cause)).to.deep.equal([
            'request',
            'lease_expired',
          ]);
        });

        it('ends nothing that is started again without a claim', () => {
          world.patch(1, { status: 'in_progress' });
          world.now += 60;
          world.expire();
          expect(world.get(1).status).to.equal('in_progress');
          expect(world.events(1).map(({ cause }) => cause)).to.deep.equal([
            'request',
            'lease_expired',
            'request',
          ]);
          world.patch(1, { status: 'deployed' });
          expect(world.events(1).at(-1)?.cause).to.equal('request');
        });

        it('can be claimed again by the one who held it', () => {
          world.leave(2);
          expect(world.claim(1).lease).to.include({ fence: 2 });
          expect(world.events(1).map(({ cause }) => cause)).to.deep.equal([
            'request',
            'lease_expired',
            'request',
          ]);
        });
      });
    }

    it('is not late when it is reported after another attempt', () => {
      world.expire();
      world.leave(2);
      world.claim(1);
      world.finish(1);
      expect(world.events(1).at(-1)?.cause).to.equal('request');
    });
  });

  describe('of a request with an Idempotency-Key', () => {
    const request = { owner: 'acme/checkout', key: 'k', fingerprint: 'f', at: instantOf(1_000) };

    beforeEach(() => {
      world = new QueueWorld();
      world.add(1);
      world.add(2);
    });

    it('is given again: the same fence, and another token, by which the one of before is lost', () => {
      const first = world.claim(1, { request });
      const again = world.claim(1, { request, token: 'second' });
      expect(again).to.deep.include({ replayed: true });
      expect(again.lease?.fence).to.equal(first.lease?.fence);
      expect(lost(world.renew(1))).to.include({ code: 'lease-lost' });
      expect(lost(world.renew(1, 'second'))).to.equal(undefined);
    });

    it('is not given again once it is over', () => {
      world.claim(1, { request });
      world.finish(1);
      expect(refused(() => world.claim(1, { request }))).to.include({ code: 'lease-lost' });
    });

    it('is given to no other request', () => {
      world.claim(1, { request });
      const other = { ...request, fingerprint: 'other' };
      expect(refused(() => world.claim(1, { request: other }))).to.include({
        code: 'idempotency-key-reused',
      });
    });

    it('is not taken away again by an earlier call under the same key, which waited meanwhile', () => {
      world.start(2);
      world.claim(1, { request, call: 'first', token: 'first' });
      world.claim(1, { request, call: 'second', token: 'second' });
      world.finish(2, 'failed');
      world.claim(1, { request, call: 'second', token: 'second', isFirst: false });
      const late = { request, call: 'first', token: 'first', isFirst: false };
      expect(refused(() => world.claim(1, late))).to.include({ code: 'lease-held' });
      expect(lost(world.renew(1, 'second'))).to.equal(undefined);
    });

    it('is not remembered before it is given', () => {
      world.start(2);
      expect(world.start(1, { request })).to.equal(false);
      world.finish(2, 'failed');
      expect(world.claim(1, { request, isFirst: false })).to.deep.include({ replayed: false });
    });
  });
});
