import { expect } from 'chai';
import type { DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import { maxLineage } from '../../src/domain/deployments/lineage.js';
import { filterFields, maxPageBytes } from '../../src/domain/deployments/reads.js';
import type { ListFilter, Page } from '../../src/domain/deployments/reads.js';
import type { Position } from '../../src/domain/deployments/order.js';
import { idOf, storedDeployment } from '../support/stored.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** What is read is what was written, of one organisation only, in a stable order. */
export function describeReads(open: OpenStore): void {
  describe('reading', () => {
    const used = useStore(open);

    const everything: Partial<DeploymentCreate> = {
      version: '2.0.0 – “ünïcode” 🚀',
      cloud_account_id: 'account',
      region: 'europe-west1',
      cell: 'cell-1',
      auto: false,
      commit_sha: 'abc',
      description: "it's; DROP TABLE deployments; --",
      notes: 'two\nlines',
      build_uri: 'https://example.com/build',
      deployment_uri: 'https://example.com/deployment',
      resource: 'deployment/checkout',
      pipeline_extra_params: '{"a": [1, 2, {"b": null}]}',
    };

    it('gives back every field as it was written, the store opened anew included', async () => {
      const { stored } = await used.acme.create(everything);
      const { stored: bare } = await used.acme.create();
      expect(await used.acme.get(stored.deployment.id)).to.deep.equal(stored);
      const again = await used.opened.reopen();
      const reader = new StoreUser(again, 'acme');
      expect(await reader.get(stored.deployment.id)).to.deep.equal(stored);
      expect(await reader.get(bare.deployment.id)).to.deep.equal(bare);
      await again.close();
    });

    it('keeps organisations apart', async () => {
      const { stored } = await used.acme.create();
      const { id } = stored.deployment;
      const other = new StoreUser(used.opened.store, 'other');
      // Read before by whose it is, or not.
      expect(await other.get(id)).to.equal(undefined);
      expect(await used.acme.get(id)).to.deep.equal(stored);
      expect(await other.get(id)).to.equal(undefined);
      expect(await other.events(id)).to.deep.equal([]);
      expect(await other.store.read({ read: 'lineage', id })).to.deep.equal([]);
      expect(await other.versions()).to.deep.equal([]);
      const missing = await other.move(id, 'deployed').catch((error: unknown) => error);
      expect(missing).to.have.property('code', 'deployment-not-found');
      expect(await used.acme.get(id)).to.deep.equal(stored);
    });

    it('gives what was read before as it is by now: changed, skipped, or removed', async () => {
      const older = (await used.acme.create()).stored.deployment.id;
      const newer = (await used.acme.create()).stored.deployment.id;
      const states = async () => {
        const read = await Promise.all([older, newer].map((id) => used.acme.get(id)));
        return read.map((stored) => stored?.deployment.status);
      };
      expect(await states()).to.deep.equal(['scheduled', 'scheduled']);
      await used.acme.move(newer, 'in_progress');
      expect(await states()).to.deep.equal(['scheduled', 'in_progress']);
      await used.acme.move(newer, 'deployed');
      expect(await states()).to.deep.equal(['skipped', 'deployed']);
      const skipped = await used.acme.get(older);
      const changes = { removed: skipped === undefined ? [] : [skipped] };
      await used.acme.store.change('remove', () => ({ changes, result: undefined }));
      expect(await states()).to.deep.equal([undefined, 'deployed']);
    });

    it('lists newest first, with the order of ids within one millisecond', async () => {
      const versions = Array.from({ length: 30 }, (_, index) => `${index}`);
      for (const version of versions) await used.acme.create({ version });
      expect(await used.acme.versions()).to.deep.equal([...versions].reverse());
    });

    it('narrows a list by each filter, and by all of them together', async () => {
      const wanted = await used.acme.place(everything, 'in_progress');
      await used.acme.create({ name: 'other', environment: 'test', provider: 'aws' });
      await used.acme.create({ cloud_account_id: 'x', region: 'y', cell: 'z' });
      const { deployment } = wanted;
      const filter = {
        ...Object.fromEntries(filterFields.map((field) => [field, deployment[field]])),
        status: [deployment.status],
      } as ListFilter;
      expect(await used.acme.versions(filter)).to.deep.equal([deployment.version]);
      expect(await used.acme.versions({ status: ['in_progress'] })).to.have.length(1);
      for (const field of ['version', 'cloud_account_id', 'region', 'cell', 'trigger'] as const) {
        const found = await used.acme.versions({ [field]: deployment[field] });
        expect(found, field).to.deep.equal([deployment.version]);
      }
      expect(await used.acme.versions({ name: 'other' })).to.have.length(1);
      expect(await used.acme.versions({ environment: 'test' })).to.have.length(1);
      expect(await used.acme.versions({ provider: 'aws' })).to.have.length(1);
      expect(await used.acme.versions({ provider: 'azure' })).to.deep.equal([]);
    });

    it('reads pages to the end, each deployment once, while new ones arrive', async () => {
      for (let index = 0; index < 25; index += 1) await used.acme.create({ version: `${index}` });
      const seen: string[] = [];
      let after: Position | undefined;
      let page: Page;
      do {
        page = await used.acme.list({ after, limit: 10 });
        seen.push(...page.deployments.map(({ version }) => version));
        after = page.deployments.at(-1);
        await used.acme.create({ version: 'new' });
      } while (page.more);
      expect(seen).to.deep.equal(Array.from({ length: 25 }, (_, index) => `${24 - index}`));
    });

    it('says that there is no more when a page ends with the last deployment', async () => {
      for (let index = 0; index < 5; index += 1) await used.acme.create();
      expect((await used.acme.list({ limit: 5 })).more).to.equal(false);
      expect((await used.acme.list({ limit: 4 })).more).to.equal(true);
    });

    it('ends a page at about a megabyte, and reads on from there', async () => {
      const notes = 'x'.repeat(maxPageBytes / 3);
      for (let nth = 0; nth < 4; nth += 1) await used.acme.create({ version: `${nth}`, notes });
      const first = await used.acme.list();
      expect(first.deployments.map(({ version }) => version)).to.deep.equal(['3', '2']);
      expect(first.more).to.equal(true);
      const second = await used.acme.list({ after: first.deployments.at(-1) });
      expect(second.deployments.map(({ version }) => version)).to.deep.equal(['1', '0']);
      expect(second.more).to.equal(false);
    });

    it('gives a page one deployment at least, however large it is', async () => {
      // In two changes: a request to Snowflake is smaller than a page.
      const half = 'x'.repeat(0.6 * maxPageBytes);
      const { stored } = await used.acme.create({ version: 'large', description: half });
      await used.acme.update(stored.deployment.id, { notes: half });
      await used.acme.create({ version: 'small' });
      const first = await used.acme.list();
      expect(first.deployments.map(({ version }) => version)).to.deep.equal(['small']);
      const second = await used.acme.list({ after: first.deployments[0] });
      expect(second.deployments.map(({ version }) => version)).to.deep.equal(['large']);
      expect(second.more).to.equal(false);
    });

    it('keeps the events of a deployment in the order in which they happened', async () => {
      const { deployment } = await used.acme.place(
        {},
        'in_progress',
        'failed',
        'scheduled',
        'deployed',
      );
      const events = await used.acme.events(deployment.id);
      expect(events.map(({ from_status: from, to_status: to }) => [from, to])).to.deep.equal([
        [null, 'scheduled'],
        ['scheduled', 'in_progress'],
        ['in_progress', 'failed'],
        ['failed', 'scheduled'],
        ['scheduled', 'deployed'],
      ]);
      expect(events[0]).to.deep.equal({
        revision: 1,
        type: 'registered',
        occurred_at: deployment.created_at,
        from_status: null,
        to_status: 'scheduled',
        changed: [],
        cause: 'request',
        cause_deployment_id: null,
        reason: null,
        actor: 'octocat',
        actor_id: '583231',
        repository: 'acme/checkout',
        repository_id: '1296269',
        workflow: 'release',
        ref: 'refs/heads/main',
        commit_sha: '4f0c6b1c',
        run_id: '1001',
        run_attempt: '2',
        gates: [],
      });
      expect(events[1]).to.deep.include({ type: 'changed', changed: ['status'], revision: 2 });
    });

    it('gives the events of a deployment in pages', async () => {
      const { deployment } = await used.acme.place({}, 'in_progress', 'failed', 'scheduled');
      const revisions = async (after: number, limit: number) =>
        (await used.acme.events(deployment.id, { after, limit })).map(({ revision }) => revision);
      expect(await revisions(0, 2)).to.deep.equal([1, 2]);
      expect(await revisions(2, 2)).to.deep.equal([3, 4]);
      expect(await revisions(4, 2)).to.deep.equal([]);
    });

    it('lists several statuses together, newest first, in pages', async () => {
      const statuses = ['deployed', 'failed', 'skipped'] as const;
      for (let nth = 0; nth < 9; nth += 1) {
        await used.acme.place(
          { version: `${nth}`, cell: `${nth}` },
          statuses[nth % 3] ?? 'deployed',
        );
      }
      const filter: ListFilter = { status: ['deployed', 'skipped'] };
      expect(await used.acme.versions(filter)).to.deep.equal(['8', '6', '5', '3', '2', '0']);
      const first = await used.acme.list({ filter, limit: 4 });
      expect(first.deployments.map(({ version }) => version)).to.deep.equal(['8', '6', '5', '3']);
      expect(first.more).to.equal(true);
      const rest = await used.acme.list({ filter, limit: 4, after: first.deployments.at(-1) });
      expect(rest.deployments.map(({ version }) => version)).to.deep.equal(['2', '0']);
      expect(rest.more).to.equal(false);
    });

    it('says where else a component is, the newest place first', async () => {
      const place = { provider: 'gcp', cloud_account_id: null, cell: null } as const;
      for (const region of ['a', 'b', 'a']) await used.acme.create({ ...place, region });
      await used.acme.create({ ...place, region: 'c', environment: 'staging' });
      const { name, environment } = used.acme.taxonomy();
      const places = (limit: number) =>
        used.acme.store.read({ read: 'whereabouts', name, environment, limit });
      expect(await places(5)).to.deep.equal([
        { ...place, region: 'a' },
        { ...place, region: 'b' },
      ]);
      expect(await places(1)).to.deep.equal([{ ...place, region: 'a' }]);
    });

    it('gives no more of a long lineage than is shown, and one more', async () => {
      // Back and forth between two versions, each rollback from the one before.
      const created = Array.from({ length: maxLineage + 5 }, (_, nth) =>
        storedDeployment(nth, {
          status: 'deployed',
          version: nth % 2 === 0 ? 'a' : 'b',
          ...(nth > 1 && {
            trigger: 'rollback',
            source_deployment_id: idOf(nth - 2),
            rollback_from_deployment_id: idOf(nth - 1),
          }),
        }),
      );
      await used.acme.store.change('fill', () => ({
        changes: { deployments: { created } },
        result: undefined,
      }));
      const members = await used.acme.store.read({ read: 'lineage', id: idOf(1) });
      expect(members.length).to.be.within(maxLineage + 2, maxLineage + 4);
    });

    it('counts what waits and what runs by environment, of all organisations, and nothing that is over', async () => {
      const { store } = used.opened;
      expect(await store.system.depth()).to.deep.equal([]);
      const other = new StoreUser(store, 'other');
      const production = { environment: 'production' };
      await used.acme.place({ ...production, version: '1' }, 'deployed');
      const { deployment } = await used.acme.place({ ...production, version: '2' }, 'in_progress');
      await used.acme.place({ ...production, version: '3' });
      await other.place(production);
      await other.place({ environment: 'Production' }, 'failed');
      await other.place({ environment: 'ünïcode 🚀' }, 'in_progress');
      await other.place({ environment: 'staging' }, 'skipped');
      expect(await store.system.depth()).to.have.deep.members([
        { environment: 'production', status: 'in_progress', count: 1 },
        { environment: 'production', status: 'scheduled', count: 2 },
        { environment: 'ünïcode 🚀', status: 'in_progress', count: 1 },
      ]);
      await used.acme.move(deployment.id, 'deployed');
      expect(await store.system.depth()).to.have.deep.members([
        { environment: 'production', status: 'scheduled', count: 2 },
        { environment: 'ünïcode 🚀', status: 'in_progress', count: 1 },
      ]);
    });

    it('finds the members of a lineage along both links, back and forward', async () => {
      const first = await used.acme.place({ version: '1' }, 'deployed');
      const second = await used.acme.place({ version: '2' }, 'deployed');
      const third = await used.acme.place({ version: '3' }, 'deployed');
      await used.acme.place({ version: 'stranger', name: 'other' }, 'deployed');
      const { stored: back } = await used.acme.rollback();
      await used.acme.move(back.deployment.id, 'deployed');
      const { stored: further } = await used.acme.rollback();
      const idsOf = async (id: string) =>
        (await used.acme.store.read({ read: 'lineage', id })).map((member) => member.id).sort();
      const [one, two, three, four, five] = [first, second, third, back, further].map(
        ({ deployment }) => deployment.id,
      );
      expect(await idsOf(five ?? '')).to.deep.equal([one, three, four, five].sort());
      expect(await idsOf(three ?? '')).to.deep.equal([three, four, five].sort());
      expect(await idsOf(two ?? '')).to.deep.equal([two]);
    });
  });
}
