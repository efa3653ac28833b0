import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** A decision is stored whole or not at all, whatever else happens at the time. */
export function describeWrites(open: OpenStore): void {
  describe('writing', () => {
    const used = useStore(open);

    it('counts each change in the revision and leaves a no-op alone', async () => {
      const { deployment } = await used.acme.place({}, 'in_progress');
      const repeated = await used.acme.move(deployment.id, 'in_progress');
      expect(repeated.changes.updated).to.deep.equal([]);
      expect(repeated.stored.revision).to.equal(2);
      expect((await used.acme.move(deployment.id, 'deployed')).stored.revision).to.equal(3);
    });

    it('remembers that a deployment was deployed once it has failed', async () => {
      const stored = await used.acme.place({}, 'deployed', 'failed');
      expect(await used.opened.store.get('acme', stored.deployment.id)).to.deep.equal(stored);
      expect(stored.everDeployed).to.equal(true);
    });

    it('changes nothing when the decision throws', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const refusal = new ApplicationError('transition-not-allowed', 'no');
      const fails = used.opened.store.update('acme', id, false, () => {
        throw refusal;
      });
      expect(await fails.catch((error: unknown) => error)).to.equal(refusal);
      expect(await used.opened.store.get('acme', id)).to.deep.equal(stored);
      expect(await used.opened.store.events('acme', id)).to.have.length(1);
    });

    it('changes nothing when the change was not made from the present state', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const stale = { ...stored, revision: 9 };
      const fails = used.opened.store.update('acme', id, false, () => ({
        created: [],
        updated: [stale],
        events: [],
      }));
      expect(await fails.catch((error: unknown) => error)).to.be.instanceOf(Error);
      expect(await used.opened.store.get('acme', id)).to.deep.equal(stored);
    });

    it('hands an update the older scheduled deployments of the taxonomy, and no others', async () => {
      const older = await used.acme.place({ version: 'older', cell: 'a' });
      await used.acme.place({ version: 'other cell', cell: 'b' });
      await used.acme.place({ version: 'no cell' });
      await used.acme.place({ version: 'running', cell: 'a' }, 'in_progress');
      const target = await used.acme.place({ version: 'target', cell: 'a' });
      await used.acme.place({ version: 'newer', cell: 'a' });
      await new StoreUser(used.opened.store, 'other').place({ version: 'foreign', cell: 'a' });
      let handed: string[] = [];
      await used.opened.store.update('acme', target.deployment.id, true, (slice) => {
        handed = slice.scheduled.map(({ deployment }) => deployment.version);
        expect(slice.target).to.deep.equal(target);
        return { created: [], updated: [], events: [] };
      });
      expect(handed).to.deep.equal([older.deployment.version]);
    });

    it('loses no change of fifty made at once to one deployment', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const moves = Array.from({ length: 50 }, (_, index) =>
        used.acme.move(id, index % 2 === 0 ? 'in_progress' : 'scheduled'),
      );
      const results = await Promise.all(moves);
      const changed = results.filter(({ changes }) => changes.updated.length > 0).length;
      expect((await used.opened.store.get('acme', id))?.revision).to.equal(1 + changed);
      expect(await used.opened.store.events('acme', id)).to.have.length(1 + changed);
    });

    it('skips all older scheduled deployments or none, also when two become deployed at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const cell = `round ${round}`;
        const placed = [];
        for (let index = 0; index < 6; index += 1) {
          placed.push(await used.acme.place({ version: `${index}`, cell }));
        }
        const [, , third, , fifth] = placed.map(({ deployment }) => deployment.id);
        const outcomes = await Promise.allSettled([
          used.acme.move(fifth ?? '', 'deployed'),
          used.acme.move(third ?? '', 'deployed'),
        ]);
        const page = await used.opened.store.list({
          organisation: 'acme',
          filter: { cell },
          limit: 10,
        });
        const statuses = page.deployments.map(({ status }) => status).reverse();
        const thirdWon = outcomes[1].status === 'fulfilled';
        const skip = 'skipped';
        expect(statuses).to.deep.equal(
          thirdWon
            ? [skip, skip, 'deployed', skip, 'deployed', 'scheduled']
            : [skip, skip, skip, skip, 'deployed', 'scheduled'],
        );
      }
    });
  });
}
