import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import { StoreUser, keyed, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** One key, one deployment. */
export function describeIdempotency(open: OpenStore): void {
  describe('under an Idempotency-Key', () => {
    const used = useStore(open);

    it('gives the first answer again, though the deployment has changed since', async () => {
      const first = await used.acme.create({}, keyed('k'));
      await used.acme.move(first.stored.deployment.id, 'deployed');
      const again = await used.acme.create({}, keyed('k'));
      expect(again).to.deep.equal({ ...first, replayed: true });
      expect(await used.acme.versions()).to.have.length(1);
    });

    it('holds when the store is opened anew', async () => {
      const first = await used.acme.create({}, keyed('k'));
      const store = await used.opened.reopen();
      const again = await new StoreUser(store, 'acme').create({}, keyed('k'));
      expect(again.stored.deployment.id).to.equal(first.stored.deployment.id);
      await store.close();
    });

    it('refuses the key for another request, and creates nothing', async () => {
      await used.acme.create({}, keyed('k', 'a'));
      const refused = await used.acme.create({}, keyed('k', 'b')).catch((error: unknown) => error);
      expect(refused)
        .to.be.instanceOf(ApplicationError)
        .with.property('code', 'idempotency-key-reused');
      expect(await used.acme.versions()).to.have.length(1);
    });

    it('lets each organisation have the key for itself', async () => {
      const other = new StoreUser(used.opened.store, 'other');
      const [mine, theirs] = [
        await used.acme.create({}, keyed('k')),
        await other.create({}, keyed('k')),
      ];
      expect(theirs.replayed).to.equal(false);
      expect(theirs.stored.deployment.id).not.to.equal(mine.stored.deployment.id);
    });

    it('creates one deployment for twenty calls at once', async () => {
      const calls = Array.from({ length: 20 }, () => used.acme.create({}, keyed('k')));
      const creations = await Promise.all(calls);
      expect(new Set(creations.map(({ stored }) => stored.deployment.id))).to.have.property(
        'size',
        1,
      );
      expect(creations.filter(({ replayed }) => !replayed)).to.have.length(1);
      expect(await used.acme.versions()).to.have.length(1);
    });

    it('forgets a key after a day, and takes it for another request then', async () => {
      await used.acme.create({}, keyed('k', 'a', '2026-01-01T00:00:00.000Z'));
      const later = await used.acme.create({}, keyed('k', 'b', '2026-01-02T00:00:00.001Z'));
      expect(later.replayed).to.equal(false);
      const again = await used.acme.create({}, keyed('k', 'b', '2026-01-02T00:00:01.000Z'));
      expect(again.stored.deployment.id).to.equal(later.stored.deployment.id);
    });

    it('does not use a key up for a request that is refused', async () => {
      const failed = used.acme.rollback({}, undefined, keyed('k'));
      expect(await failed.catch((error: unknown) => error)).to.be.instanceOf(ApplicationError);
      await used.acme.place({ version: '1' }, 'deployed');
      await used.acme.place({ version: '2' }, 'deployed');
      const { stored } = await used.acme.rollback({}, undefined, keyed('k'));
      expect(stored.deployment.version).to.equal('1');
      const again = await used.acme.rollback({}, undefined, keyed('k'));
      expect(again.replayed).to.equal(true);
      expect(again.stored.deployment).to.deep.equal(stored.deployment);
    });
  });
}
