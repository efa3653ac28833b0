import { expect } from 'chai';
import type { Caller } from '../../src/domain/callers/caller.js';
import { approve } from '../../src/domain/deployments/approve.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { createFreeze, deleteFreeze } from '../../src/domain/gates/freezes.js';
import { createLock, releaseLock } from '../../src/domain/gates/locks.js';
import type { GateEvent } from '../../src/domain/gates/gate.js';
import { deletePolicy, putPolicy } from '../../src/domain/policies/change.js';
import type { PolicyPut } from '../../src/domain/policies/policy.js';
import { createClock } from '../../src/platform/clock.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

const clock = createClock();

/** Who closes and opens the gates of an organisation. */
class Keeper {
  readonly user: StoreUser;
  readonly #caller: Caller;

  constructor(user: StoreUser, actor = 'mona') {
    this.user = user;
    const { organisation } = user.caller;
    const nothing = { repository: null, workflow: null };
    this.#caller = { organisation, actor, ...nothing, source: 'pat', role: 'admin' };
  }

  async lock(reason: string, scope = {}): Promise<string> {
    const command = { caller: this.#caller, request: undefined };
    const { gate } = await this.user.store.change('createLock', () =>
      createLock(command, { scope, reason }, clock.newIdentity()),
    );
    return gate.id;
  }

  unlock(id: string): Promise<undefined> {
    const command = { id, caller: this.#caller, reason: null };
    return this.user.store.change('releaseLock', () => releaseLock(command, clock.now()));
  }

  async freeze(): Promise<string> {
    const command = { caller: this.#caller, request: undefined };
    const rule = {
      time_zone: 'Europe/Berlin',
      starts: '2020-01-01T00:00',
      ends: '2020-12-31T00:00',
    };
    const freeze = { scope: {}, reason: 'größe 🚀', ...rule, rrule: 'FREQ=YEARLY' };
    const { gate } = await this.user.store.change('createFreeze', () =>
      createFreeze(command, freeze, clock.newIdentity()),
    );
    return gate.id;
  }

  thaw(id: string): Promise<undefined> {
    const command = { id, caller: this.#caller, reason: null };
    return this.user.store.change('deleteFreeze', () => deleteFreeze(command, clock.now()));
  }

  approve(id: string) {
    const command = { id, caller: this.#caller, reason: 'looked at it' };
    return this.user.store.change('approveDeployment', () => approve(command, clock.now()));
  }

  setPolicy(name: string) {
    const command = { name, caller: this.#caller, precondition: undefined };
    const rules: PolicyPut['rules'] = [{ who: { person: { role: 'admin' } }, may: ['lock'] }];
    const put: PolicyPut = { scope: { name: 'nothing' }, rules };
    return this.user.store.change('putPolicy', () => putPolicy(command, put, clock.now()));
  }

  deletePolicy(name: string) {
    const command = { name, caller: this.#caller, precondition: undefined };
    return this.user.store.change('deletePolicy', () => deletePolicy(command, clock.now()));
  }

  async reasons(): Promise<string[]> {
    const { locks, freezes } = await this.user.store.read({ read: 'controls' });
    return [...locks, ...freezes].map(({ gate }) => gate.reason);
  }

  events(after = 0, limit = 1000): Promise<readonly GateEvent[]> {
    return this.user.store.read({ read: 'gateEvents', after, limit });
  }
}

const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'nothing',
    (error: unknown) => (error instanceof ApplicationError ? error.code : error),
  );

/** What keeps the deployments of an organisation from starting. */
export function describeGates(open: OpenStore): void {
  describe('of gates', () => {
    const used = useStore(open);
    const keeper = () => new Keeper(used.acme);

    it('keeps locks and freezes beside policies, and each change as an event', async () => {
      const mona = keeper();
      const first = await mona.lock('one', { name: 'größe 🚀', cell: null });
      await mona.setPolicy('a');
      const freeze = await mona.freeze();
      await mona.lock('two');
      await mona.unlock(first);
      await mona.deletePolicy('a');
      expect(await mona.reasons()).to.deep.equal(['two', 'größe 🚀']);
      await mona.thaw(freeze);

      const events = await mona.events();
      expect(events.map(({ revision, type }) => [revision, type])).to.deep.equal([
        [1, 'lock.created'],
        [3, 'freeze.created'],
        [4, 'lock.created'],
        [5, 'lock.released'],
        [7, 'freeze.deleted'],
      ]);
      expect(events[0]).to.deep.include({
        gate_id: first,
        scope: { name: 'größe 🚀', cell: null },
        actor: 'mona',
      });
      expect(await mona.events(3, 1)).to.deep.equal([events[2]]);
      const { revision } = await used.acme.store.read({ read: 'controls' });
      expect(revision).to.equal(7);
    });

    it('holds starts to them, from the moment of the change on, also when it is opened anew', async () => {
      const mona = keeper();
      const [one, two] = [await used.acme.place({}), await used.acme.place({ version: '2' })];
      const id = await mona.lock('one');
      expect(await refusal(used.acme.move(one.deployment.id, 'in_progress'))).to.equal(
        'gate-closed',
      );
      const store = await used.opened.reopen();
      const again = new StoreUser(store, 'acme');
      expect(await refusal(again.move(two.deployment.id, 'in_progress'))).to.equal('gate-closed');
      await new Keeper(again).unlock(id);
      await used.acme.move(one.deployment.id, 'in_progress');
      await store.close();
    });

    it('keeps those of organisations apart', async () => {
      await keeper().lock('one');
      const other = new Keeper(new StoreUser(used.opened.store, 'other'));
      expect(await other.reasons()).to.deep.equal([]);
      expect(await other.events()).to.deep.equal([]);
      const { deployment } = await other.user.place({});
      await other.user.move(deployment.id, 'in_progress');
    });

    it('loses none of several at once', async () => {
      const mona = keeper();
      const names = Array.from({ length: 8 }, (_, nth) => `lock ${nth}`);
      await Promise.all(names.map((name) => mona.lock(name)));
      expect(await mona.reasons()).to.have.members(names);
      expect((await mona.events()).map(({ revision }) => revision)).to.deep.equal(
        names.map((_, nth) => nth + 1),
      );
    });

    it('lets nothing start after a lock that was placed at the same time', async () => {
      const mona = keeper();
      const all = await Promise.all(
        Array.from({ length: 6 }, (_, nth) => used.acme.place({ name: `component ${nth}` })),
      );
      const starts = all.map(({ deployment }) =>
        refusal(used.acme.move(deployment.id, 'in_progress')),
      );
      await mona.lock('now');
      const running = async (): Promise<number> => {
        const states = await Promise.all(all.map(({ deployment }) => used.acme.get(deployment.id)));
        return states.filter((state) => state?.deployment.status === 'in_progress').length;
      };
      const before = await running();
      const outcomes = await Promise.all(starts);
      const after = await running();
      expect(after).to.equal(before);
      const started = outcomes.filter((outcome) => outcome === 'nothing').length;
      expect(after, 'what was acknowledged').to.equal(started);
      const { deployment } = await used.acme.place({ name: 'asked for later' });
      expect(await refusal(used.acme.move(deployment.id, 'in_progress'))).to.equal('gate-closed');
    });

    it('places a lock with the rollback that asks for it, or neither', async () => {
      await used.acme.place({ version: '1' }, 'deployed');
      await used.acme.place({ version: '2' }, 'deployed');
      const { caller, store } = used.acme;
      const selector = { taxonomy: used.acme.taxonomy() };
      const back = (targetVersion?: string) =>
        store.change('rollback', () =>
          rollback({ selector, lock: true, targetVersion }, caller, clock.newIdentity()),
        );
      expect(await refusal(back('unknown'))).to.equal('rollback-source-not-found');
      expect(await keeper().events()).to.deep.equal([]);
      const stored = await back();
      const [event, ...others] = await keeper().events();
      expect(others).to.deep.equal([]);
      expect(event?.lock).to.include({ deployment_id: stored.deployment.id });
      const next = await used.acme.place({ version: '3' });
      expect(await refusal(used.acme.move(next.deployment.id, 'in_progress'))).to.equal(
        'gate-closed',
      );
      await used.acme.move(stored.deployment.id, 'in_progress');
    });

    it('keeps approvals with their deployment, and which gates stood closed with an event', async () => {
      const mona = keeper();
      const { deployment } = await used.acme.place({});
      const { stored } = await mona.approve(deployment.id);
      await new Keeper(used.acme, 'hubot').approve(deployment.id);
      const approved = await used.acme.get(deployment.id);
      expect(approved?.deployment.approvals.map(({ actor }) => actor)).to.deep.equal([
        'mona',
        'hubot',
      ]);
      expect(approved?.deployment.approvals[0]).to.deep.equal(stored.deployment.approvals[0]);
      const gate = await mona.lock('größe 🚀');
      await used.acme.move(deployment.id, 'deployed');
      expect((await used.acme.get(deployment.id))?.deployment.approvals).to.deep.equal([]);
      const events = await used.acme.events(deployment.id);
      expect(events.map(({ cause, changed }) => [cause, changed])).to.deep.equal([
        ['request', []],
        ['approval', ['approvals']],
        ['approval', ['approvals']],
        ['request', ['status', 'approvals']],
      ]);
      expect(events.at(-1)?.gates).to.deep.equal([
        { kind: 'lock', gate_id: gate, reason: 'größe 🚀', owner: 'mona', until: null },
      ]);
    });
  });
}
