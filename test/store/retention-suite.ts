import { expect } from 'chai';
import type { StoredDeployment } from '../../src/domain/deployments/deployment.js';
import type { Position } from '../../src/domain/deployments/order.js';
import { removeOld } from '../../src/domain/deployments/retention.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { bytesOf } from '../../src/domain/usage/usage.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** What goes is gone as if it had never been there, and what refers to it cannot be. */
export function describeRetention(open: OpenStore): void {
  describe('retention', () => {
    const used = useStore(open);
    const someday = '2999-01-01T00:00:00.000Z';

    /** Goes through all deployments once; returns how many were removed. */
    async function retain(acme: StoreUser, overSince = someday): Promise<number> {
      let count = 0;
      for (let before: Position | undefined; ;) {
        const command = { overSince, before };
        const { removed, next } = await acme.store.change('removeOld', () => removeOld(command));
        count += removed;
        if (next === undefined) return count;
        before = next;
      }
    }

    /** A deployment as the store has it. */
    async function present(id: string): Promise<StoredDeployment> {
      const found = await used.acme.get(id);
      if (found === undefined) throw new Error(`There is no deployment ${id}`);
      return found;
    }

    const remove = (stored: StoredDeployment) =>
      used.acme.store.change('remove', () => ({
        changes: { removed: [stored] },
        result: undefined,
      }));

    it('removes deployments with their events, and leaves what runs and the last good one', async () => {
      const old = await used.acme.place(
        { version: '1', notes: 'Grüße' },
        'in_progress',
        'deployed',
      );
      await used.acme.place({ version: '2' }, 'deployed');
      await used.acme.place({ version: '3' }, 'deployed');
      await used.acme.place({ version: '4' });
      const other = new StoreUser(used.opened.store, 'other');
      await other.place({}, 'skipped');

      expect(await retain(used.acme)).to.equal(1);

      const { id } = old.deployment;
      expect(await used.acme.versions()).to.deep.equal(['4', '3', '2']);
      expect(await used.acme.get(id)).to.equal(undefined);
      expect(await used.acme.events(id)).to.deep.equal([]);
      expect(await used.acme.store.read({ read: 'lineage', id })).to.deep.equal([]);
      const late = used.acme.move(id, 'failed').catch((error: unknown) => error);
      expect(await late).to.have.property('code', 'deployment-not-found');
      const rest = await Promise.all(
        (await used.acme.list()).deployments.map((each) => used.acme.get(each.id)),
      );
      const bytes = rest.reduce((sum, each) => sum + (each ? bytesOf(each) : NaN), 0);
      expect(await used.acme.store.read({ read: 'usage' })).to.deep.equal({
        deployments: 3,
        bytes,
      });
      expect(await other.versions()).to.have.length(1);
      expect((await used.acme.rollback()).stored.deployment.version).to.equal('2');
      expect(await retain(used.acme)).to.equal(0);
    });

    it('leaves what has changed since an instant', async () => {
      const first = await used.acme.place({ version: '1' }, 'skipped');
      let second = await used.acme.create({ version: '2' });
      // Of a later millisecond.
      while (second.stored.deployment.created_at <= first.deployment.updated_at) {
        await remove(await present(second.stored.deployment.id));
        second = await used.acme.create({ version: '2' });
      }
      await used.acme.move(second.stored.deployment.id, 'skipped');
      expect(await retain(used.acme, second.stored.deployment.created_at)).to.equal(1);
      expect(await used.acme.versions()).to.deep.equal(['2']);
    });

    it('takes away what a rollback refers to only once the rollback has gone', async () => {
      for (const version of ['1', '2']) await used.acme.place({ version }, 'deployed');
      const { stored } = await used.acme.rollback();
      await used.acme.move(stored.deployment.id, 'deployed');
      expect(await retain(used.acme)).to.equal(0);
      for (const version of ['3', '4']) await used.acme.place({ version }, 'deployed');
      while ((await retain(used.acme)) > 0);
      expect(await used.acme.versions()).to.deep.equal(['4', '3']);
    });

    it('knows a version as bad until the last deployment of it has gone', async () => {
      const first = await used.acme.place({ version: '1' }, 'deployed');
      const bad = await used.acme.place({ version: 'bad' }, 'deployed');
      const again = await used.acme.place({ version: 'bad' }, 'deployed');
      const { stored: undo } = await used.acme.rollback();
      await used.acme.move(undo.deployment.id, 'deployed');
      const place = { key: taxonomyKey(first.deployment) };
      const badAt = async () => {
        const read = { read: 'candidates', place, otherThan: [], limit: 9 } as const;
        const found = await used.acme.store.read(read);
        return found.map(({ stored, foundBadAt }) => [stored.deployment.id, foundBadAt]);
      };
      const at = again.deployment.deployed_at;
      await remove(await present(undo.deployment.id));
      await remove(await present(again.deployment.id));
      expect(await badAt()).to.deep.equal([
        [bad.deployment.id, at],
        [first.deployment.id, undefined],
      ]);
      await remove(await present(bad.deployment.id));
      expect(await badAt()).to.deep.equal([[first.deployment.id, undefined]]);
    });

    it('does not remove what has changed since it was read', async () => {
      const { stored } = await used.acme.create();
      const before = await present(stored.deployment.id);
      const moved = await used.acme.move(stored.deployment.id, 'deployed');
      const failed = await remove(before).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
      expect(await used.acme.get(stored.deployment.id)).to.deep.equal(moved.stored);
      expect(await used.acme.events(stored.deployment.id)).to.have.length(2);
    });

    it('takes events of a deployment that stays for now', async () => {
      const { deployment } = await used.acme.place({}, 'in_progress', 'failed', 'scheduled');
      const { id } = deployment;
      await used.acme.store.change('removeOld', () => ({
        changes: { removedEvents: [{ deploymentId: id, upTo: 2 }] },
        result: undefined,
      }));
      const left = await used.acme.events(id);
      expect(left.map(({ revision }) => revision)).to.deep.equal([3, 4]);
    });

    it('and rollbacks at the same moment leave no link that leads nowhere', async () => {
      for (let round = 0; round < 4; round += 1) {
        const cell = `round ${round}`;
        for (const version of ['1', '2', '3', '4']) {
          await used.acme.place({ version, cell }, 'deployed');
        }
        await Promise.all([
          retain(used.acme),
          used.acme.rollback({ cell }, '1').catch((error: unknown) => {
            expect(error).to.have.property('code', 'rollback-source-not-found');
          }),
          retain(used.acme),
        ]);
        const { deployments } = await used.acme.list({ filter: { cell } });
        const ids = new Set<string | null>([null, ...deployments.map(({ id }) => id)]);
        for (const { source_deployment_id: source } of deployments) expect(ids).to.include(source);
      }
    });
  });
}
