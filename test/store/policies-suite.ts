import { expect } from 'chai';
import type { Caller } from '../../src/domain/callers/caller.js';
import { noControls } from '../../src/domain/controls/controls.js';
import { look } from '../../src/domain/decision.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { deletePolicy, putPolicy } from '../../src/domain/policies/change.js';
import type { PolicyPut } from '../../src/domain/policies/policy.js';
import { keyed, StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

const put: PolicyPut = {
  scope: { environment: 'production' },
  rules: [{ who: { person: { role: 'admin' } }, may: ['register', 'start'] }],
};

/** Who changes the policies of an organisation. */
class Owner {
  readonly user: StoreUser;
  readonly #caller: Caller;
  #second = 0;

  constructor(user: StoreUser) {
    this.user = user;
    const { organisation } = user.caller;
    const nothing = { repository: null, workflow: null };
    this.#caller = { organisation, actor: 'olga', ...nothing, source: 'pat', role: 'admin' };
  }

  put(name: string, policy = put) {
    const at = this.#now();
    return this.user.store.change('putPolicy', () => putPolicy(this.#command(name), policy, at));
  }

  delete(name: string) {
    const at = this.#now();
    return this.user.store.change('deletePolicy', () => deletePolicy(this.#command(name), at));
  }

  async names(): Promise<string[]> {
    const { policies } = await this.user.store.read({ read: 'controls' });
    return policies.map(({ name }) => name);
  }

  async events(name: string, { after = 0, limit = 1000 } = {}): Promise<string[]> {
    const events = await this.user.store.read({ read: 'policyEvents', name, after, limit });
    return events.map(({ revision, type }) => `${revision} ${type}`);
  }

  #command(name: string) {
    return { name, caller: this.#caller, precondition: undefined };
  }

  #now(): string {
    this.#second += 1;
    return new Date(Date.UTC(2026, 0, 5, 9, 0, this.#second)).toISOString();
  }
}

const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'nothing',
    (error: unknown) => (error instanceof ApplicationError ? error.code : error),
  );

/** What an organisation has said of who may do what. */
export function describePolicies(open: OpenStore): void {
  describe('of policies', () => {
    const used = useStore(open);
    const owner = () => new Owner(used.acme);

    it('has none before the first', async () => {
      expect(await used.acme.store.read({ read: 'controls' })).to.deep.equal(noControls);
      expect(await owner().events('a')).to.deep.equal([]);
    });

    it('keeps what was put last, and each change as an event', async () => {
      const olga = owner();
      await olga.put('b');
      await olga.put('a', { ...put, scope: { name: 'größe 🚀', cell: null } });
      await olga.put('b', { ...put, scope: {} });
      await olga.delete('a');
      await olga.put('a');

      const { revision, policies } = await used.acme.store.read({ read: 'controls' });
      expect(revision).to.equal(5);
      expect(policies).to.deep.equal([
        {
          name: 'a',
          ...put,
          revision: 5,
          created_at: '2026-01-05T09:00:05.000Z',
          updated_at: '2026-01-05T09:00:05.000Z',
        },
        {
          name: 'b',
          ...put,
          scope: {},
          revision: 3,
          created_at: '2026-01-05T09:00:01.000Z',
          updated_at: '2026-01-05T09:00:03.000Z',
        },
      ]);
      expect(await olga.events('a')).to.deep.equal(['2 created', '4 deleted', '5 created']);
      expect(await olga.events('a', { after: 2, limit: 1 })).to.deep.equal(['4 deleted']);
      const [first] = await used.acme.store.read({
        read: 'policyEvents',
        name: 'a',
        after: 0,
        limit: 1,
      });
      expect(first).to.deep.include({
        occurred_at: '2026-01-05T09:00:02.000Z',
        scope: { name: 'größe 🚀', cell: null },
        rules: put.rules,
        actor: 'olga',
        repository: null,
      });
    });

    it('holds when the store is opened anew', async () => {
      await owner().put('a');
      const store = await used.opened.reopen();
      const again = new Owner(new StoreUser(store, 'acme'));
      expect(await again.names()).to.deep.equal(['a']);
      expect(await refusal(again.user.create())).to.equal('forbidden');
      await store.close();
    });

    it('keeps those of organisations apart', async () => {
      await owner().put('a', { ...put, scope: {} });
      const other = new Owner(new StoreUser(used.opened.store, 'other'));
      expect(await other.names()).to.deep.equal([]);
      expect(await other.events('a')).to.deep.equal([]);
      await other.user.create();
      expect(await refusal(used.acme.create())).to.equal('forbidden');
      expect((await other.put('a')).policy.revision).to.equal(1);
    });

    it('holds decisions to them, from the moment of the change on', async () => {
      const olga = owner();
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      await olga.put('a');
      expect(await refusal(used.acme.create())).to.equal('forbidden');
      expect(await refusal(used.acme.move(id, 'deployed'))).to.equal('forbidden');
      expect(await refusal(used.acme.rollback())).to.equal('forbidden');
      expect(await used.acme.get(id)).to.deep.equal(stored);
      await used.acme.create({ environment: 'staging' });
      await olga.delete('a');
      await used.acme.move(id, 'deployed');
    });

    it('holds what is remembered under a key to them', async () => {
      const olga = owner();
      const first = await used.acme.create({}, keyed('k'));
      await olga.put('a');
      expect(await refusal(used.acme.create({}, keyed('k')))).to.equal('forbidden');
      await olga.delete('a');
      expect(await used.acme.create({}, keyed('k'))).to.deep.equal({ ...first, replayed: true });
    });

    it('sees what another process has changed', async () => {
      await used.acme.create();
      const store = await used.opened.reopen();
      const elsewhere = new Owner(new StoreUser(store, 'acme'));
      await elsewhere.put('a');
      expect(await refusal(used.acme.create())).to.equal('forbidden');
      await elsewhere.delete('a');
      await used.acme.create();
      await elsewhere.put('b');
      expect(await owner().names()).to.deep.equal(['b']);
      await store.close();
    });

    it('loses no change of several at once', async () => {
      const olga = owner();
      const names = Array.from({ length: 12 }, (_, nth) => `p${String(nth).padStart(2, '0')}`);
      await Promise.all(names.map((name) => olga.put(name)));
      expect(await olga.names()).to.deep.equal(names);
      const { revision } = await used.acme.store.read({ read: 'controls' });
      expect(revision).to.equal(12);
    });

    it('lets nothing pass that comes after a change that forbids it', async () => {
      const olga = owner();
      const creations = Array.from({ length: 8 }, () => refusal(used.acme.create()));
      await olga.put('a');
      const { length } = await used.acme.versions();
      const results = await Promise.all(creations);
      expect(await used.acme.versions()).to.have.length(
        results.filter((result) => result === 'nothing').length,
      );
      expect(length).to.equal((await used.acme.versions()).length);
    });

    it('remembers nothing of a change that failed', async () => {
      const olga = owner();
      const failed = used.acme.store.change('putPolicy', function* () {
        const { set } = yield* look({ set: { read: 'controls' } as const });
        expect(set.revision).to.equal(0);
        throw new Error('no');
      });
      expect(await refusal(failed)).to.be.instanceOf(Error);
      expect(await olga.names()).to.deep.equal([]);
      expect((await olga.put('a')).policy.revision).to.equal(1);
    });
  });
}
