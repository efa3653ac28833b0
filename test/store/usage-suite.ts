import { expect } from 'chai';
import { bytesOf } from '../../src/domain/usage/usage.js';
import type { Usage } from '../../src/domain/usage/usage.js';
import { keyed, StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** What a tenant has stored is counted along with each change, and kept within its quota. */
export function describeUsage(open: OpenStore): void {
  describe('the usage of a tenant', () => {
    const used = useStore(open);
    const usageOf = (user: StoreUser): Promise<Usage> => user.store.read({ read: 'usage' });
    const limited = (quota: Usage, organisation = 'acme') =>
      new StoreUser(used.opened.store, organisation, quota);
    const refusal = (call: Promise<unknown>) => call.catch((error: unknown) => error);

    /** All that the tenant has, counted one by one. */
    async function counted(user: StoreUser): Promise<Usage> {
      const { deployments } = await user.list();
      const stored = await Promise.all(deployments.map(({ id }) => user.get(id)));
      const bytes = stored.map((each) => (each === undefined ? NaN : bytesOf(each)));
      return { deployments: stored.length, bytes: bytes.reduce((sum, each) => sum + each, 0) };
    }

    it('is nothing at first, and each its own', async () => {
      expect(await usageOf(used.acme)).to.deep.equal({ deployments: 0, bytes: 0 });
      await used.acme.create({ notes: 'Grüße 🚀' });
      expect(await usageOf(used.acme)).to.deep.equal(await counted(used.acme));
      const other = new StoreUser(used.opened.store, 'other');
      expect(await usageOf(other)).to.deep.equal({ deployments: 0, bytes: 0 });
      expect(await used.opened.store.system.organisations()).to.deep.equal(['acme']);
    });

    it('grows with whatever changes, many at once included, and the store opened anew', async () => {
      const versions = Array.from({ length: 12 }, (_, nth) => `${nth}`);
      const placed = await Promise.all(versions.map((version) => used.acme.place({ version })));
      const newest =
        placed
          .map(({ deployment }) => deployment.id)
          .sort()
          .at(-1) ?? '';
      await used.acme.move(newest, 'deployed');
      await used.acme.place({ version: 'bad' }, 'in_progress', 'deployed');
      const { stored } = await used.acme.rollback();
      await used.acme.move(stored.deployment.id, 'failed');
      const expected = await counted(used.acme);
      expect(expected.deployments).to.equal(14);
      expect(await usageOf(used.acme)).to.deep.equal(expected);
      const again = await used.opened.reopen();
      expect(await usageOf(new StoreUser(again, 'acme'))).to.deep.equal(expected);
      await again.close();
    });

    it('does not grow by what is not stored', async () => {
      const { stored } = await used.acme.create({}, keyed('k'));
      const before = await usageOf(used.acme);
      await used.acme.create({}, keyed('k'));
      await refusal(used.acme.create({}, keyed('k', 'other')));
      await refusal(used.acme.rollback());
      await used.acme.move(stored.deployment.id, 'scheduled');
      expect(await usageOf(used.acme)).to.deep.equal(before);
    });

    it('ends at the number of deployments of its quota, not before and not after', async () => {
      const acme = limited({ deployments: 3, bytes: 0 });
      await acme.place({ version: '1' }, 'deployed');
      const { deployment } = await acme.place({ version: '2' }, 'deployed');
      const third = await acme.create({ cell: 'b' }, keyed('third'));
      for (const call of [acme.create(), acme.create({}, keyed('new')), acme.rollback()]) {
        expect(await refusal(call)).to.have.property('code', 'quota-exceeded');
      }
      expect(await usageOf(acme)).to.deep.equal(await counted(acme));
      expect((await usageOf(acme)).deployments).to.equal(3);
      // What was registered is told again, and what happens is recorded.
      const again = await acme.create({ cell: 'b' }, keyed('third'));
      expect(again).to.deep.equal({ ...third, replayed: true });
      expect((await acme.move(deployment.id, 'failed')).changed).to.equal(true);
      expect((await limited({ deployments: 3, bytes: 0 }, 'other').create()).replayed).to.equal(
        false,
      );
      // The refused request has not used its key up.
      const more = limited({ deployments: 4, bytes: 0 });
      expect((await more.create({}, keyed('new'))).replayed).to.equal(false);
    });

    it('ends at the bytes of its quota', async () => {
      const { stored } = await used.acme.create({ notes: 'x' });
      const bytes = 2 * bytesOf(stored);
      const acme = limited({ deployments: 0, bytes });
      const failed = refusal(acme.create({ notes: 'xy' }));
      expect(await failed).to.have.property('code', 'quota-exceeded');
      await acme.create({ notes: 'y' });
      expect(await usageOf(acme)).to.deep.equal({ deployments: 2, bytes });
      expect(await refusal(acme.create())).to.have.property('code', 'quota-exceeded');
    });
  });
}
