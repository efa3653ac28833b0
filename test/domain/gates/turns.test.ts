import { expect } from 'chai';
import { owner, QueueWorld } from '../../support/queue-world.js';
import { refused } from '../../support/refused.js';
import { caller } from '../../support/stored.js';

/** Somebody else than who registers. */
const mona = { ...caller, actor: 'mona', repository: null, workflow: null, source: 'pat' } as const;

describe('whose turn it is while gates are closed', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
    world.add(1, { created_by_actor: 'octocat' });
  });

  it('is that of what waits behind one that is not approved as if that one were not there', () => {
    world.set({ required_approvals: 1, exclusive: 'environment' });
    world.add(2);
    world.add(3, { name: 'api', trigger: 'manual' });
    world.add(4, { name: 'web' });
    for (const number of [1, 3, 4]) world.approve(number, mona);
    world.start(4);
    world.now += 1;
    for (const number of [1, 2]) world.claim(number, { wait: 60 });
    world.now += 1;
    world.claim(3, { wait: 60 });
    world.finish(4);
    expect(world.ready()).to.deep.equal([1]);
  });

  it('lets workers take an older version while the newest is not approved', () => {
    world.set({ required_approvals: 1 });
    world.add(2);
    world.approve(1, mona);
    expect(world.work('one')).to.equal(1);
  });

  it('lets no worker take an older version first where every version has its turn', () => {
    world.set({ required_approvals: 1, order: 'oldest' });
    world.add(2);
    world.approve(2, mona);
    expect(world.work('one')).to.equal(undefined);
  });

  it('starts nothing without a claim on the approvals of an attempt whose lease has run out', () => {
    world.set({ required_approvals: 1 });
    world.approve(1, mona);
    expect(world.start(1)).to.equal(true);
    world.now += 60;
    const error = refused(() => world.patch(1, { status: 'in_progress' }));
    expect(error).to.include({ code: 'gate-closed' });
    world.expire();
    world.approve(1, mona);
    world.patch(1, { status: 'in_progress' });
    expect(world.get(1).status).to.equal('in_progress');
  });

  it('asks for new approvals once the lease of an attempt has run out', () => {
    world.set({ required_approvals: 1 });
    world.approve(1, mona);
    expect(world.start(1)).to.equal(true);
    world.now += 60;
    expect(world.start(1, { by: owner, override: 'the fix' })).to.equal(true);
    const event = world.events(1).at(-1);
    expect(event).to.include({ cause: 'override', reason: 'the fix', to_status: 'in_progress' });
    expect(event?.gates.map(({ kind }) => kind)).to.deep.equal(['approval']);
  });
});
