import { expect } from 'chai';
import type { Owner, Tenant, TenantRegistry } from '../../src/domain/tenants/tenant.js';
import { instantOf } from '../support/stored.js';
import { useStore } from './harness.js';
import type { OpenStore } from './harness.js';

const acme: Owner = { id: '65', login: 'acme' };
/** Beyond what a number of JavaScript can tell from the next. */
const another: Owner = { id: '9007199254740993', login: 'acme' };

/** One tenant an owner, one owner a name, whoever comes at the same moment. */
export function describeTenants(open: OpenStore): void {
  describe('the registry of tenants', () => {
    const used = useStore(open);
    const registry = (): TenantRegistry => used.opened.store.tenants;

    it('knows nobody at first, and then whom it has met, also when it is opened anew', async () => {
      expect(await registry().find(acme.id)).to.equal(undefined);
      const tenant = await registry().register(acme, 'acme', instantOf(1));
      const { id: ownerId, login } = acme;
      const expected = { ownerId, login, organisation: 'acme', firstSeenAt: instantOf(1) };
      expect(tenant).to.deep.equal(expected);
      const reopened = await used.opened.reopen();
      expect(await reopened.tenants.find(acme.id)).to.deep.equal(expected);
      expect(await reopened.tenants.find(another.id)).to.equal(undefined);
      await reopened.close();
    });

    it('gives an owner that it knows the same tenant again, whatever name it asks for', async () => {
      const first = await registry().register(acme, 'acme', instantOf(1));
      expect(await registry().register(acme, 'acme', instantOf(2))).to.deep.equal(first);
      expect(await registry().register(acme, 'other', instantOf(3))).to.deep.equal(first);
      expect(await registry().find(acme.id)).to.deep.equal(first);
    });

    it('keeps the name when the owner has another login, and notes that one', async () => {
      const first = await registry().register(acme, 'acme', instantOf(1));
      const renamed = { ...acme, login: 'acme-inc' };
      const expected = { ...first, login: 'acme-inc' };
      expect(await registry().register(renamed, 'acme-inc', instantOf(2))).to.deep.equal(expected);
      expect(await registry().find(acme.id)).to.deep.equal(expected);
    });

    it('gives another owner of a login a name of its own, and never the first one’s', async () => {
      await registry().register(acme, 'acme', instantOf(1));
      await registry().register({ ...acme, login: 'acme-inc' }, 'acme-inc', instantOf(2));
      for (const at of [instantOf(3), instantOf(4)]) {
        expect(await registry().register(another, 'acme', at)).to.deep.equal({
          ownerId: another.id,
          login: 'acme',
          organisation: 'acme~9007199254740993',
          firstSeenAt: instantOf(3),
        });
      }
      expect((await registry().find(acme.id))?.organisation).to.equal('acme');
    });

    it('knows who was last seen under a login, and nobody who was before', async () => {
      expect(await registry().seenAs('acme')).to.deep.equal([]);
      await registry().register(acme, 'acme', instantOf(1));
      const second = await registry().register(another, 'acme', instantOf(2));
      const renamed = await registry().register({ ...acme, login: 'inc' }, 'inc', instantOf(3));
      expect(await registry().seenAs('acme')).to.deep.equal([second]);
      expect(await registry().seenAs('inc')).to.deep.equal([renamed]);
    });

    it('gives a name that is not the login, where one is asked for', async () => {
      const tenant = await registry().register(
        { ...acme, login: 'acme-inc' },
        'acme',
        instantOf(1),
      );
      expect([tenant.organisation, tenant.login]).to.deep.equal(['acme', 'acme-inc']);
    });

    /** Registers owners at the same moment, half of them in another process as far as the store can tell. */
    async function race(owners: readonly Owner[]): Promise<Tenant[]> {
      const other = await used.opened.reopen();
      const calls = owners.map((owner, nth) => {
        const tenants = nth % 2 === 0 ? registry() : other.tenants;
        return tenants.register(owner, owner.login, instantOf(nth));
      });
      return Promise.all(calls).finally(() => other.close());
    }

    it('makes one tenant of an owner that many see first at once', async () => {
      const tenants = await race(Array.from({ length: 20 }, () => acme));
      const [first] = tenants;
      for (const tenant of tenants) expect(tenant).to.deep.equal(first);
      expect(await registry().find(acme.id)).to.deep.equal(first);
    });

    it('gives a name to one of many owners that come with it at once', async () => {
      const owners = Array.from({ length: 12 }, (_, nth) => ({ ...acme, id: String(100 + nth) }));
      const tenants = await race(owners);
      const names = tenants.map(({ organisation }) => organisation);
      expect(names.filter((name) => name === 'acme')).to.have.length(1);
      for (const [nth, { id }] of owners.entries()) {
        expect(names[nth]).to.be.oneOf(['acme', `acme~${id}`]);
        expect((await registry().find(id))?.organisation).to.equal(names[nth]);
      }
    });
  });
}
