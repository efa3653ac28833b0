import { expect } from 'chai';
import { look } from '../../src/domain/decision.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** A decision is stored whole or not at all, whatever else happens at the time. */
export function describeWrites(open: OpenStore): void {
  describe('writing', () => {
    const used = useStore(open);

    it('counts each change in the revision and leaves a no-op alone', async () => {
      const { deployment } = await used.acme.place({}, 'in_progress');
      const repeated = await used.acme.move(deployment.id, 'in_progress');
      expect(repeated.changed).to.equal(false);
      expect(repeated.stored.revision).to.equal(2);
      expect((await used.acme.move(deployment.id, 'deployed')).stored.revision).to.equal(3);
    });

    it('keeps the instants of an attempt', async () => {
      const stored = await used.acme.place({}, 'in_progress', 'deployed', 'failed');
      expect(await used.acme.get(stored.deployment.id)).to.deep.equal(stored);
      const {
        started_at: started,
        finished_at: finished,
        deployed_at: deployed,
      } = stored.deployment;
      expect(started).to.be.a('string');
      expect(finished).to.equal(deployed);
      const again = await used.acme.move(stored.deployment.id, 'scheduled');
      expect(await used.acme.get(stored.deployment.id)).to.deep.equal(again.stored);
      expect(again.stored.deployment).to.include({
        started_at: null,
        finished_at: null,
        deployed_at: deployed,
      });
    });

    it('changes nothing when the decision throws', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const refusal = new ApplicationError('transition-not-allowed', 'no');
      const fails = used.acme.store.change('refuse', function* () {
        yield* look({ target: { read: 'deployment', id } });
        throw refusal;
      });
      expect(await fails.catch((error: unknown) => error)).to.equal(refusal);
      expect(await used.acme.get(id)).to.deep.equal(stored);
      expect(await used.acme.events(id)).to.have.length(1);
    });

    it('changes nothing when the change was not made from the present state', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const stale = { from: 8, to: { ...stored, revision: 9 }, growth: 0 };
      const fails = used.acme.store.change('overwrite', () => ({
        changes: { deployments: { updated: [stale] } },
        result: undefined,
      }));
      expect(await fails.catch((error: unknown) => error)).to.be.instanceOf(Error);
      expect(await used.acme.get(id)).to.deep.equal(stored);
    });

    it('admits one event for each state of a deployment', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const [event] = await used.acme.events(id);
      if (event === undefined) throw new Error('There is no event');
      const fails = used.acme.store.change('rewrite', () => ({
        changes: { events: [{ organisation: 'acme', deploymentId: id, event }] },
        result: undefined,
      }));
      expect(await fails.catch((error: unknown) => error)).to.be.instanceOf(Error);
      expect(await used.acme.events(id)).to.have.length(1);
    });

    it('tells of what it has stored, once it can be read, and of nothing else', async () => {
      const told: Promise<unknown>[] = [];
      const unsubscribe = used.opened.store.subscribe(({ organisation, changes }) => {
        const [created] = changes.deployments?.created ?? [];
        if (created === undefined) return;
        expect(organisation).to.equal('acme');
        told.push(used.acme.get(created.deployment.id).then((found) => found?.deployment.version));
      });
      await used.acme.create({ version: '1' });
      await used.acme.rollback().catch(() => undefined);
      unsubscribe();
      await used.acme.create({ version: '2' });
      expect(await Promise.all(told)).to.deep.equal(['1']);
    });

    it('loses no change of fifty made at once to one deployment', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const moves = Array.from({ length: 50 }, (_, index) =>
        used.acme.move(id, index % 2 === 0 ? 'in_progress' : 'scheduled'),
      );
      const results = await Promise.all(moves);
      const changed = results.filter((result) => result.changed).length;
      expect((await used.acme.get(id))?.revision).to.equal(1 + changed);
      expect(await used.acme.events(id)).to.have.length(1 + changed);
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
        const page = await used.acme.list({ filter: { cell } });
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
