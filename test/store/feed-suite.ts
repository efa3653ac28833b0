import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import type { FeedPage, FeedQuery, FeedStart } from '../../src/domain/feed/feed.js';
import { groupBy } from '../../src/domain/group-by.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** A tenant's events are in one order, which never changes but for what is added at its end. */
export function describeFeed(open: OpenStore): void {
  describe('the feed', () => {
    const used = useStore(open);

    const read = (
      from: FeedStart,
      { limit = 1000 }: Partial<FeedQuery> = {},
      user = used.acme,
    ): Promise<FeedPage> => user.store.read({ read: 'feed', from, limit });
    const briefly = ({ entries }: FeedPage): string[] =>
      entries.map(
        ({ position, deployment, event }) =>
          `${position} ${deployment.version} ${event.revision} ${event.to_status}`,
      );

    it('has every event at the next position, with what it happened to', async () => {
      expect(await read({ after: 0 })).to.deep.equal({ entries: [], position: 0, more: false });
      const place = { region: 'eu', cell: null, cloud_account_id: '42', environment: 'grüße' };
      const { deployment } = await used.acme.place({ version: '1', ...place }, 'in_progress');
      await used.acme.update(deployment.id, { notes: 'Straße' });
      await used.acme.place({ version: '2', ...place }, 'deployed');
      const page = await read({ after: 0 });
      expect(briefly(page).slice(0, 4)).to.deep.equal([
        '1 1 1 scheduled',
        '2 1 2 in_progress',
        '3 1 3 in_progress',
        '4 2 1 scheduled',
      ]);
      expect(briefly(page)[4]).to.equal('5 2 2 deployed');
      expect(page).to.deep.include({ position: 5, more: false });
      const { id, name, version, environment, provider, cloud_account_id, region, cell } =
        deployment;
      expect(page.entries[0]?.deployment).to.deep.equal({
        ...{ id, name, version, environment, provider, cloud_account_id, region, cell },
      });
      expect(page.entries.slice(0, 3).map(({ event }) => event)).to.deep.equal(
        await used.acme.events(id),
      );
    });

    it('is read on from any position, in parts, and from so many before its end', async () => {
      for (let nth = 1; nth <= 5; nth += 1) await used.acme.create({ version: String(nth) });
      expect(await read({ after: 0 }, { limit: 0 })).to.deep.equal({
        entries: [],
        position: 0,
        more: true,
      });
      const first = await read({ after: 0 }, { limit: 2 });
      expect(first).to.deep.include({ position: 2, more: true });
      const second = await read({ after: first.position }, { limit: 3 });
      expect(second).to.deep.include({ position: 5, more: false });
      expect([...briefly(first), ...briefly(second)]).to.deep.equal(
        [1, 2, 3, 4, 5].map((nth) => `${nth} ${nth} 1 scheduled`),
      );
      expect(await read({ after: 5 })).to.deep.equal({ entries: [], position: 5, more: false });
      expect(briefly(await read({ last: 2 }))).to.deep.equal(briefly(second).slice(1));
      expect(briefly(await read({ last: 9 }))).to.have.length(5);
      expect(await read({ last: 0 })).to.deep.include({ entries: [], position: 5 });
      const beyond = await read({ after: 6 }).catch((error: unknown) => error);
      expect(beyond).to.be.instanceOf(ApplicationError);
      expect(beyond).to.have.property('code', 'contract-violation');
      expect(beyond).to.have.property('message').that.includes('beyond the end of the feed, 5');
    });

    it('is of each tenant alone, whose positions say nothing of others', async () => {
      const other = new StoreUser(used.opened.store, 'other');
      for (const version of ['1', '2', '3']) {
        await used.acme.create({ version });
        await other.create({ version });
        await other.create({ version });
      }
      expect(briefly(await read({ after: 0 }))).to.deep.equal([
        '1 1 1 scheduled',
        '2 2 1 scheduled',
        '3 3 1 scheduled',
      ]);
      expect((await read({ after: 0 }, {}, other)).position).to.equal(6);
    });

    it('gives no position to two events, also when those that had it are gone', async () => {
      for (const version of ['1', '2']) await used.acme.create({ version });
      const { entries } = await read({ after: 0 });
      const gone = await Promise.all(entries.map((entry) => used.acme.get(entry.deployment.id)));
      await used.acme.store.change('remove', () => ({
        changes: { removed: gone.flatMap((stored) => stored ?? []) },
        result: undefined,
      }));
      expect(await read({ after: 0 })).to.deep.equal({ entries: [], position: 2, more: false });
      await used.acme.create({ version: '3' });
      expect(briefly(await read({ after: 1 }))).to.deep.equal(['3 3 1 scheduled']);
      const reopened = new StoreUser(await used.opened.reopen(), 'acme');
      expect((await read({ after: 2 }, {}, reopened)).position).to.equal(3);
    });

    it('shows nothing before a position that was passed, whoever stores and reads meanwhile', async () => {
      const second = new StoreUser(await used.opened.reopen(), 'acme');
      const writers = Array.from({ length: 6 }, async (_, nth) => {
        const user = nth % 2 === 0 ? used.acme : second;
        for (let count = 0; count < 4; count += 1) {
          await user.place({ name: `component-${nth}` }, 'in_progress');
        }
      });
      let writing = true;
      const written = Promise.all(writers).finally(() => (writing = false));
      const readers = [used.acme, second].map(async (user) => {
        const seen: string[] = [];
        let position = 0;
        const readOn = async () => {
          const page = await read({ after: position }, { limit: 7 }, user);
          ({ position } = page);
          seen.push(...page.entries.map((entry) => keyOf(entry)));
          return page.more;
        };
        while (writing) {
          await readOn();
          await setImmediate();
        }
        while (await readOn());
        return seen;
      });
      await written;
      const all = (await read({ after: 0 })).entries;
      expect(all.map(({ position }) => position)).to.deep.equal(
        Array.from({ length: 48 }, (_, nth) => nth + 1),
      );
      const keys = all.map((entry) => keyOf(entry));
      for (const seen of await Promise.all(readers)) expect(seen).to.deep.equal(keys);
      // What has happened to one deployment is in the order in which it has.
      const revisions = groupBy(all, ({ deployment }) => deployment.id);
      for (const entries of revisions.values()) {
        expect(entries.map(({ event }) => event.revision)).to.deep.equal([1, 2]);
      }
    });
  });
}

function keyOf({ deployment, event }: FeedPage['entries'][number]): string {
  return `${deployment.id} ${event.revision}`;
}
