import { expect } from 'chai';
import type { Deployment, StoredDeployment } from '../../src/domain/deployments/deployment.js';
import type { TaxonomyFilter, TaxonomyQuery } from '../../src/domain/deployments/reads.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../src/domain/deployments/taxonomy.js';
import { compare } from '../../src/domain/overview/compare.js';
import { currentOf } from '../../src/domain/overview/current.js';
import { pairUp } from '../../src/domain/overview/pairs.js';
import { Random } from '../support/random.js';
import { decideOver, referenceTaxonomies } from '../support/reference-reads.js';
import { idOf, storedDeployment } from '../support/stored.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** Taxonomies are listed as there have been any, and what is made of what is in them is what all data says. */
export function describeOverview(open: OpenStore): void {
  describe('what runs where', () => {
    const used = useStore(open);

    const fill = (user: StoreUser, created: readonly StoredDeployment[]) =>
      user.store.change('fill', () => ({
        changes: { deployments: { created } },
        result: undefined,
      }));
    const taxonomies = (query: Partial<TaxonomyQuery> = {}, user = used.acme) =>
      user.store.read({ read: 'taxonomies', filter: {}, limit: 1000, ...query });

    /** Names that sort in different ways by code units, by code points, and regardless of case. */
    const names = ['a', 'B', 'é', '\u{1f680}', '\uffee', 'a b', '_%'];

    function randomParts(random: Random): Partial<Deployment> {
      const optional = () => random.pick([null, null, 'x', 'y', ...names.slice(0, 4)]);
      return {
        name: random.pick(names),
        environment: random.pick(['staging', 'production', 'é']),
        provider: random.pick(['gcp', 'aws', 'azure']),
        cloud_account_id: optional(),
        region: optional(),
        cell: random.pick([null, 'c']),
      };
    }

    it('lists taxonomies in one order, each once, by every filter, in pages', async () => {
      const random = new Random(42);
      const created = Array.from({ length: 32 }, (_, nth) =>
        storedDeployment(nth, randomParts(random)),
      );
      await fill(used.acme, created);
      await fill(used.acme, [storedDeployment(100, { ...created[0]?.deployment, id: idOf(100) })]);
      await fill(new StoreUser(used.opened.store, 'other'), [
        storedDeployment(101, { organisation: 'other', name: 'foreign' }),
      ]);
      const all = created.map(({ deployment }) => deployment);
      const one = random.pick(all);
      const filters: TaxonomyFilter[] = [
        {},
        { environment: 'production' },
        { name: 'a' },
        { name: one.name, environment: one.environment },
        { provider: 'aws' },
        { region: 'x', environment: 'staging' },
        { cell: 'c', name: 'a b' },
        { cloud_account_id: 'x' },
        { name: 'none' },
        {
          environment: one.environment,
          name: one.name,
          provider: one.provider,
          ...(one.region !== null && { region: one.region }),
        },
      ];
      for (const filter of filters) {
        expect(await taxonomies({ filter })).to.deep.equal(
          referenceTaxonomies(all, { filter, limit: 1000 }),
        );
        let after: TaxonomyQuery['after'];
        for (;;) {
          const query = { filter, after, limit: 9 };
          const page = await taxonomies(query);
          expect(page).to.deep.equal(referenceTaxonomies(all, query));
          const last = page.taxonomies.at(-1);
          if (!page.more || last === undefined) break;
          after = { key: taxonomyKey(last), by: 'taxonomy' };
        }
      }
      for (const { environment, ...parts } of all.slice(0, 4)) {
        const filter = { environment: environment === 'staging' ? 'production' : 'staging' };
        const key = taxonomyKey({ environment, ...parts });
        const query: TaxonomyQuery = { filter, after: { key, by: 'component' }, limit: 5 };
        expect(await taxonomies(query)).to.deep.equal(referenceTaxonomies(all, query));
      }
    });

    it('has one taxonomy at the most by all of its parts', async () => {
      const parts = {
        name: 'n',
        environment: 'e',
        provider: 'gcp',
        cloud_account_id: 'a',
        region: 'r',
        cell: 'c',
      } as const;
      await fill(used.acme, [storedDeployment(1, parts), storedDeployment(2, parts)]);
      const { taxonomies: found } = await taxonomies({ filter: parts });
      const taxonomy: Taxonomy = { organisation: 'acme', ...parts };
      expect(found).to.deep.equal([taxonomy]);
      const after = { key: taxonomyKey(taxonomy), by: 'taxonomy' } as const;
      expect(await taxonomies({ filter: parts, after })).to.deep.equal({
        taxonomies: [],
        more: false,
      });
    });

    it('keeps a taxonomy in its place when its deployments are removed, and what begins anew in it', async () => {
      const created = [
        storedDeployment(1, { status: 'skipped' }),
        storedDeployment(2, { name: 'z' }),
      ];
      await fill(used.acme, created);
      const before = await taxonomies();
      const first = await used.acme.get(idOf(1));
      if (first === undefined) throw new Error('It was stored');
      await used.acme.store.change('remove', () => ({
        changes: { removed: [first] },
        result: undefined,
      }));
      expect(await taxonomies()).to.deep.equal(before);
      const at = '2026-02-01T00:00:00.000Z';
      const current = () =>
        used.acme.store.change('current', () => currentOf(before.taxonomies, at));
      expect((await current()).map(({ name }) => name)).to.deep.equal(['z']);
      await fill(used.acme, [storedDeployment(3)]);
      expect((await current()).map(({ name }) => name)).to.deep.equal(['checkout', 'z']);
    });

    const seeds = Array.from(
      { length: Number(process.env['TEST_HISTORIES'] ?? 4) },
      (_, nth) => nth,
    );
    for (const seed of seeds) {
      it(`is what the whole of a random history says (seed ${seed})`, async () => {
        const random = new Random(seed);
        const rolledBack: StoredDeployment[] = [];
        used.opened.store.subscribe(({ changes }) => {
          rolledBack.push(...(changes.rolledBack ?? []));
        });
        for (let step = 0; step < 25; step += 1) {
          const fields = {
            version: random.pick(['1', '2', '3']),
            environment: random.pick(['staging', 'production']),
            region: random.pick([null, 'x']),
            cloud_account_id: random.pick([null, null, 'b']),
          };
          const status = random.pick(['scheduled', 'in_progress', 'deployed', 'failed'] as const);
          const way = random.next() < 0.3 ? used.acme.rollback(fields) : used.acme.create(fields);
          const { stored } = await way.catch(() => ({ stored: undefined }));
          if (stored === undefined || status === 'scheduled') continue;
          await used.acme.move(stored.deployment.id, status);
        }
        const { deployments: listed } = await used.acme.list();
        const deployments = (await Promise.all(listed.map(({ id }) => used.acme.get(id)))).filter(
          (each) => each !== undefined,
        );
        const world = { deployments, rolledBack };
        const at = '2100-01-01T00:00:00.000Z';
        const { taxonomies: all } = await taxonomies();
        const current = await used.acme.store.change('current', () => currentOf(all, at));
        expect(current).to.deep.equal(decideOver(world, currentOf(all, at)).result);
        expect(current).to.have.length.above(3);

        const [from, to] = await Promise.all(
          ['staging', 'production'].map((environment) => taxonomies({ filter: { environment } })),
        );
        if (from === undefined || to === undefined) throw new Error('There are two');
        const { pairs } = pairUp(from, to, 100);
        const rows = await used.acme.store.change('compare', () => compare(pairs));
        expect(rows).to.deep.equal(decideOver(world, compare(pairs)).result);
        expect(rows).to.have.length(2);
      });
    }
  });
}
