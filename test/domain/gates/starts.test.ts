import { expect } from 'chai';
import { maxGates } from '../../../src/domain/gates/gate.js';
import { owner, QueueWorld } from '../../support/queue-world.js';
import { refused } from '../../support/refused.js';
import { caller, idOf, instantOf } from '../../support/stored.js';

/** Somebody else than who registers. */
const mona = { ...caller, actor: 'mona', repository: null, workflow: null, source: 'pat' } as const;
const hubot = { ...mona, actor: 'hubot' } as const;

/** The wall-clock time in UTC at so many seconds. */
const clock = (seconds: number): string => instantOf(seconds).slice(0, 19);

describe('gates', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
    world.add(1, { created_by_actor: 'octocat' });
  });

  describe('a lock', () => {
    it('keeps a claim waiting, and says who locked, when it ends and why', () => {
      const id = world.lock({ reason: 'failing over', expires_at: instantOf(world.now + 600) });
      expect(world.start(1)).to.equal(false);
      expect(world.position(1)).to.deep.include({
        position: 1,
        blocked_by: [
          {
            kind: 'lock',
            gate_id: id,
            reason: 'failing over',
            owner: 'octocat',
            until: instantOf(world.now + 600),
            deployment_id: null,
          },
        ],
        estimated_start_at: null,
      });
    });

    it('refuses a change to in_progress with the same, and records what happened all the same', () => {
      const id = world.lock({ reason: 'failing over' });
      const error = refused(() => world.patch(1, { status: 'in_progress' }));
      expect(error).to.include({ code: 'gate-closed' });
      expect(error.message).to.contain(
        'a lock of octocat is closed until it is opened (failing over)',
      );
      expect(world.get(1).status).to.equal('scheduled');

      world.patch(1, { status: 'deployed' });
      const [event] = world.events(1);
      expect(event).to.deep.include({ to_status: 'deployed', cause: 'request' });
      expect(event?.gates.map(({ gate_id }) => gate_id)).to.deep.equal([id]);
    });

    it('stays closed after a deployment, until it is released', () => {
      world.add(2);
      world.lock();
      world.patch(1, { status: 'deployed' });
      expect(world.start(2)).to.equal(false);
    });

    it('is released by itself, and releases no other', () => {
      const [first, second] = [world.lock({ reason: 'one' }), world.lock({ reason: 'two' })];
      expect(world.start(1)).to.equal(false);
      world.unlock(first);
      expect(world.position(1).blocked_by.map(({ reason }) => reason)).to.deep.equal(['two']);
      expect(
        refused(() => {
          world.unlock(first);
        }),
      ).to.include({ code: 'lock-not-found' });
      world.unlock(second, 'it is over', mona);
      expect(world.start(1, { isFirst: false })).to.equal(true);
      expect(
        world.gateEvents().map(({ type, actor, reason }) => [type, actor, reason]),
      ).to.deep.equal([
        ['lock.created', 'octocat', 'one'],
        ['lock.created', 'octocat', 'two'],
        ['lock.released', 'octocat', null],
        ['lock.released', 'mona', 'it is over'],
      ]);
    });

    it('opens when it expires, and says then to look again', () => {
      world.lock({ expires_at: instantOf(world.now + 20) });
      world.claim(1, { wait: 60 });
      expect(world.next()).to.deep.include({ againAt: instantOf(world.now + 20) });
      expect(world.ready()).to.deep.equal([]);
      world.now += 20;
      expect(world.ready()).to.deep.equal([1]);
    });

    it('is one of so many at most, of which those that have expired do not count', () => {
      for (let nth = 1; nth < maxGates; nth += 1) world.lock();
      world.lock({ expires_at: instantOf(world.now + 1) });
      expect(refused(() => world.lock())).to.include({ code: 'gates-full' });
      world.now += 1;
      world.lock();
    });

    it('is for the places of its scope', () => {
      world.add(2, { region: 'eu', name: 'api' });
      world.lock({ scope: { region: null } });
      world.lock({ scope: { environment: 'staging' } });
      world.lock({ scope: { name: 'check*', environment: 'PROD*' } });
      expect(world.start(2)).to.equal(true);
      expect(world.start(1)).to.equal(false);
      expect(world.position(1).blocked_by).to.have.length(2);
    });

    it('lets rollbacks pass unless it says otherwise', () => {
      world.add(2, { trigger: 'rollback' });
      world.lock();
      expect(world.start(2)).to.equal(true);
      world.finish(2);
      world.add(3, { trigger: 'rollback' });
      world.lock({ allow: [] });
      expect(world.start(3)).to.equal(false);
      expect(refused(() => world.patch(3, { status: 'in_progress' }))).to.include({
        code: 'gate-closed',
      });
    });

    it('is placed by a rollback in the same transaction, which goes itself and nothing else', () => {
      world.add(2, { status: 'deployed', version: '1' });
      world.add(3, { status: 'deployed', version: '2' });
      const { id } = world.rollBack(10, { of: 3, lock: true, reason: 'errors' });
      world.add(11, { version: '3' });
      expect(world.start(11)).to.equal(false);
      expect(world.start(10)).to.equal(true);
      expect(world.gateEvents()).to.have.length(1);
      expect(world.gateEvents()[0]?.lock).to.deep.include({
        id,
        deployment_id: id,
        scope: {
          name: 'checkout',
          environment: 'production',
          provider: 'gcp',
          cloud_account_id: null,
          region: null,
          cell: null,
        },
      });
      expect(world.gateEvents()[0]?.reason).to.equal('Rolled back from 2: errors');
    });
  });

  describe('a freeze', () => {
    it('is asked at the start, not when the deployment is registered', () => {
      const { now } = world;
      world.freeze({ starts: clock(now + 60), ends: clock(now + 120) });
      expect(world.start(1)).to.equal(true);
      world.finish(1);
      world.add(2);
      world.now = now + 60;
      expect(world.start(2, { wait: 60 })).to.equal(false);
      expect(world.position(2).blocked_by).to.deep.include.members([
        {
          kind: 'freeze',
          gate_id: idOf(900_001),
          reason: 'holidays',
          owner: 'octocat',
          until: instantOf(now + 120),
          deployment_id: null,
        },
      ]);
      expect(world.next().againAt).to.equal(instantOf(now + 120));
      world.now = now + 120;
      expect(world.ready()).to.deep.equal([2]);
    });

    it('is not created when it would be over, and opens when it is deleted', () => {
      const past = { starts: clock(world.now - 60), ends: clock(world.now) };
      expect(refused(() => world.freeze(past))).to.include({ code: 'contract-violation' });
      const id = world.freeze({ starts: clock(world.now - 60), ends: clock(world.now + 60) });
      expect(world.start(1)).to.equal(false);
      world.thaw(id);
      expect(world.start(1, { isFirst: false })).to.equal(true);
    });

    it('stops no rollback', () => {
      world.freeze({ starts: clock(world.now), ends: clock(world.now + 60) });
      world.add(2, { trigger: 'rollback' });
      expect(world.start(2)).to.equal(true);
    });
  });

  describe('approvals', () => {
    beforeEach(() => {
      world.set({ required_approvals: 2 });
    });

    it('are asked of so many people', () => {
      world.claim(1, { wait: 60 });
      expect(world.position(1).blocked_by).to.deep.equal([
        {
          kind: 'approval',
          gate_id: null,
          reason: '0 of 2 approvals',
          owner: null,
          until: null,
          deployment_id: null,
        },
      ]);
      world.approve(1, mona, 'looked at it');
      expect(world.approve(1, { ...mona, actor: 'Mona' }).changed).to.equal(false);
      expect(world.ready()).to.deep.equal([]);
      world.approve(1, hubot);
      expect(world.ready()).to.deep.equal([1]);
      expect(world.start(1, { isFirst: false })).to.equal(true);
      expect(world.get(1).approvals.map(({ actor, reason }) => [actor, reason])).to.deep.equal([
        ['mona', 'looked at it'],
        ['hubot', null],
      ]);
      expect(world.events(1).map(({ cause, changed }) => [cause, changed])).to.deep.equal([
        ['approval', ['approvals']],
        ['approval', ['approvals']],
        ['request', ['status']],
      ]);
    });

    it('are given by nobody who registered it, and by nobody without a name', () => {
      for (const by of [caller, { ...mona, actor: 'OctoCat' }, { ...mona, actor: null }]) {
        expect(refused(() => world.approve(1, by))).to.include({ code: 'approval-not-allowed' });
      }
    });

    it('end with the attempt', () => {
      for (const by of [mona, hubot]) world.approve(1, by);
      world.start(1);
      world.finish(1, 'failed');
      expect(world.get(1).approvals).to.deep.equal([]);
      expect(world.start(1)).to.equal(false);
      for (const by of [mona, hubot]) world.approve(1, by);
      expect(world.start(1, { isFirst: false })).to.equal(true);
      world.release(1);
      expect(world.get(1).approvals).to.have.length(2);
    });

    it('are needed by no rollback', () => {
      world.add(2, { trigger: 'rollback' });
      expect(world.start(2)).to.equal(true);
    });

    it('are for what is to start', () => {
      world.set({ required_approvals: 0 });
      world.start(1);
      for (const decide of [() => world.approve(1, mona), () => world.reject(1, mona)]) {
        expect(refused(decide)).to.include({ code: 'approval-not-allowed' });
      }
    });

    it('hold back one version, and not an older one that has them', () => {
      world.add(2);
      for (const by of [mona, hubot]) world.approve(1, by);
      expect(world.start(2)).to.equal(false);
      expect(world.start(1)).to.equal(true);
    });

    it('hold back all after it where every version has its turn', () => {
      world.set({ required_approvals: 2, order: 'oldest' });
      world.add(2);
      for (const by of [mona, hubot]) world.approve(2, by);
      world.claim(1);
      expect(world.start(2)).to.equal(false);
      expect(world.blockers(2)).to.deep.equal(['ahead 1']);
    });
  });

  it('a rejection cancels, says by whom and why, and tells whoever waits', () => {
    world.set({ required_approvals: 1 });
    world.claim(1);
    world.reject(1, mona, 'not tried');
    expect(world.get(1).status).to.equal('cancelled');
    expect(world.events(1).at(-1)).to.include({
      cause: 'rejection',
      reason: 'not tried',
      actor: 'mona',
      to_status: 'cancelled',
    });
    expect(refused(() => world.claim(1, { isFirst: false }))).to.include({
      code: 'claim-not-allowed',
    });
  });

  describe('an override', () => {
    it('starts what gates would stop, and leaves a trace', () => {
      const id = world.lock({ reason: 'failing over' });
      world.set({ required_approvals: 1 });
      expect(world.start(1, { by: owner, override: 'the fix for it' })).to.equal(true);
      const event = world.events(1).at(-1);
      expect(event).to.include({ cause: 'override', reason: 'the fix for it', actor: 'octocat' });
      expect(event?.gates.map(({ kind, gate_id }) => [kind, gate_id])).to.deep.equal([
        ['lock', id],
        ['approval', null],
      ]);
    });

    it('starts by a change of the status as well', () => {
      world.lock();
      const by = { caller: owner, override: 'the fix' };
      expect(world.patch(1, { status: 'in_progress' }, undefined, by)).to.include({
        overridden: true,
      });
      expect(world.events(1).at(-1)).to.include({ cause: 'override', reason: 'the fix' });
    });

    it('is the owners’, unless a policy says otherwise', () => {
      world.lock();
      for (const by of [caller, mona]) {
        expect(refused(() => world.claim(1, { by, override: 'please' }))).to.include({
          code: 'forbidden',
        });
        const asks = { caller: by, override: 'please' };
        expect(
          refused(() => world.patch(1, { status: 'in_progress' }, undefined, asks)),
        ).to.include({ code: 'forbidden' });
      }
    });

    it('overtakes nobody, and is told of no gate that is open', () => {
      world.start(1);
      world.lock();
      world.add(2);
      expect(world.start(2, { by: owner, override: 'now', wait: 60 })).to.equal(false);
      expect(world.blockers(2)).to.deep.equal(['running 1']);
      world.finish(1);
      expect(world.ready()).to.deep.equal([2]);
      expect(world.start(2, { by: owner, override: 'now', isFirst: false })).to.equal(true);
      world.finish(2);
      for (const lock of world.gateEvents()) world.unlock(lock.gate_id);
      world.add(3);
      world.start(3, { by: owner, override: 'in case' });
      expect(world.events(3).at(-1)).to.deep.include({ cause: 'request', gates: [] });
    });
  });

  it('are told of what may start, also while nobody waits for it, and of nothing else', () => {
    world.lock();
    world.add(2, { status: 'in_progress' });
    world.add(3, { status: 'deployed' });
    expect(world.blockers(1)).to.deep.equal(['lock']);
    for (const number of [2, 3]) expect(world.blockers(number)).to.deep.equal([]);
  });

  it('passes over what stands before one, for others of its group', () => {
    world.set({ exclusive: 'environment' });
    world.add(2, { name: 'api' });
    world.lock({ scope: { name: 'checkout' } });
    expect(world.start(1)).to.equal(false);
    expect(world.start(2)).to.equal(true);
  });

  it('keeps workers from what it is closed for', () => {
    world.add(2, { name: 'api' });
    world.lock({ scope: { name: 'checkout' } });
    expect(world.work('one')).to.equal(2);
    expect(world.work('two')).to.equal(undefined);
  });

  it('lets nothing wait too long while it is closed', () => {
    world.set({ queue_ttl_seconds: 60 });
    const id = world.lock();
    world.claim(1);
    world.now += 90;
    expect(world.expire().cancelled).to.have.length(0);
    world.unlock(id);
    world.now += 59;
    expect(world.expire().cancelled).to.have.length(0);
    world.now += 1;
    expect(world.expire().cancelled).to.have.length(1);
  });
});
