import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { Place } from '../../src/domain/deployments/reads.js';
import { bytesOf } from '../../src/domain/usage/usage.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import type { Link } from '../../src/store/snowflake/driver.js';
import { migrate } from '../../src/store/snowflake/migrate.js';
import type { SnowflakeOptions, TableKind } from '../../src/store/snowflake/options.js';
import { schemaFilesOf } from '../../src/store/snowflake/schema.js';
import { openSnowflakeStore } from '../../src/store/snowflake/store.js';
import { toTimestamp } from '../../src/store/snowflake/values.js';
import { verify } from '../../src/store/snowflake/verify.js';
import type { Store } from '../../src/store/store.js';
import { StoreUser } from '../store/harness.js';
import { attempts } from '../support/attempts-of-0-1.js';
import { idOf, instantOf, storedDeployment } from '../support/stored.js';
import { addDeployment, filesBefore, insert, migrateBefore } from './support/before-0.2.js';
import type { Past } from './support/before-0.2.js';
import { emptySchema, newSchema, withLink } from './support/schema.js';
import { silent } from './support/silent.js';
import { SnowflakeServer } from './support/server.js';

/** The number of the instant at which the present attempt began and ended, and of the last deployment. */
type Attempt = readonly [started: number | null, finished: number | null, deployed: number | null];

/** Deployments of before, and what 0.2 says of each attempt. */
const pasts: readonly (readonly [what: string, past: Past, attempt: Attempt])[] = [
  [
    'taken back, with notes',
    [
      ['scheduled', 80],
      ['in_progress', 81],
      ['scheduled', 82],
      ['notes', 83],
    ],
    [null, null, null],
  ],
  [
    'failed in its second attempt, with notes',
    [
      ['scheduled', 90],
      ['in_progress', 91],
      ['failed', 92],
      ['scheduled', 93],
      ['notes', 94],
      ['in_progress', 95],
      ['failed', 96],
    ],
    [95, 96, null],
  ],
  ...attempts.map(([history, ...attempt]) => {
    const past = ['scheduled' as const, ...history].map(
      (status, nth) => [status, nth + 1] as const,
    );
    return [past.map(([status]) => status).join(', '), past, attempt] as const;
  }),
];

/** A registration as 0.1 remembered it. */
const registered01 = {
  ...storedDeployment(201, { environment: 'Production', cell: ' ' }).deployment,
  ...{
    started_at: undefined,
    finished_at: undefined,
    deployed_at: undefined,
    commit_at: undefined,
  },
};

const deployedAt = (at: number): Past => [
  ['scheduled', at],
  ['deployed', at + 1],
];

for (const tables of ['hybrid', 'standard'] as const satisfies readonly TableKind[]) {
  describe(`a schema of 0.1 with ${tables} tables, migrated,`, () => {
    let server: SnowflakeServer;
    let options: SnowflakeOptions;
    let store: Store;
    let acme: StoreUser;
    let applied: readonly string[];

    before(async () => {
      server = await SnowflakeServer.start();
      options = await emptySchema(server, tables);
      applied = await withLink(options, async (link) => {
        await migrateBefore(link, tables);
        await addRows(link);
        return migrate(repeating(link), tables);
      });
      store = await openSnowflakeStore(options, silent);
      acme = new StoreUser(store, 'acme');
    });
    after(async () => {
      await store.close();
      await server.stop();
    });

    async function addRows(link: Link): Promise<void> {
      for (const [nth, [what, past]] of pasts.entries()) {
        await addDeployment(link, nth + 1, past, { name: what });
      }
      // 1, 2 back to 1, 3 back to 1, 4 that was to go back to 1 for 3: each a copy of the rollback before it.
      await addDeployment(link, 201, deployedAt(201));
      await addDeployment(link, 202, deployedAt(203));
      const rollback = { version: '201', trigger_kind: 'rollback' };
      const back = (source: number, from: number) => ({
        ...rollback,
        source_deployment_id: idOf(source),
        rollback_from_deployment_id: idOf(from),
      });
      await addDeployment(link, 203, deployedAt(205), back(201, 202));
      await addDeployment(link, 204, deployedAt(207));
      await addDeployment(link, 205, deployedAt(209), back(203, 204));
      await addDeployment(link, 206, [['scheduled', 211]], back(205, 205));
      await insert(link, 'idempotency_keys', {
        organisation: 'acme',
        idempotency_key: 'k',
        fingerprint: 'f',
        remembered_at: toTimestamp(instantOf(300)),
        deployment: JSON.stringify(registered01),
        change_id: 'change',
      });
      await addDeployment(link, 207, deployedAt(213), {
        name: 'blank',
        region: '\t',
        cell: '\u00a0',
      });
      await addDeployment(link, 208, [['scheduled', 215]], { name: 'blank' });
      // 211 was rolled back from, and deployed again afterwards.
      const again = { name: 'again' };
      await addDeployment(link, 210, deployedAt(220), again);
      const past: Past = [...deployedAt(222), ['failed', 226], ['deployed', 227]];
      await addDeployment(link, 211, past, again);
      await addDeployment(link, 212, deployedAt(224), { ...back(210, 211), ...again });
    }

    const get = async (number: number): Promise<Deployment> => {
      const stored = await acme.get(idOf(number));
      if (stored === undefined) throw new Error(`There is no deployment ${number}`);
      return stored.deployment;
    };
    const place = { key: taxonomyKey(storedDeployment(1).deployment) };
    const candidatesOf = async (place: Place) => {
      const read = { read: 'candidates', place, otherThan: [], limit: 9 } as const;
      const found = await acme.store.read(read);
      return found.map(({ stored, foundBadAt }) => [stored.deployment.id, foundBadAt]);
    };

    it('has got every file that 0.1 has not, and db:verify finds all well', async () => {
      const files = schemaFilesOf(tables).map(({ name }) => name);
      expect(applied).to.deep.equal(files.slice(filesBefore[tables]));
      const { faults } = await withLink(options, (link) => verify(link, options));
      expect(faults).to.deep.equal([]);
    });

    it('has the indexes of a schema that is new', async () => {
      const names = async (of: SnowflakeOptions) => {
        const rows = await withLink(of, (link) => link.query({ sql: 'SHOW INDEXES', values: [] }));
        return rows.map((row) => `${String(row['table'])} ${String(row['name'])}`);
      };
      const migrated = await names(options);
      const fresh = await SnowflakeServer.start();
      const made = await names(await newSchema(fresh, tables)).finally(() => fresh.stop());
      expect(migrated).to.have.members(made);
    });

    for (const [nth, [what, past, attempt]] of pasts.entries()) {
      it(`knows when the attempt of one that is ${what} began and ended`, async () => {
        const { status, started_at, finished_at, deployed_at, commit_at } = await get(nth + 1);
        const at = (number: number | null) => (number === null ? null : instantOf(number));
        const [started, finished, deployed] = attempt;
        expect({ started_at, finished_at, deployed_at, commit_at }).to.deep.equal({
          started_at: at(started),
          finished_at: at(finished),
          deployed_at: at(deployed),
          commit_at: null,
        });
        expect(status).to.equal(past.findLast(([each]) => each !== 'notes')?.[0]);
      });
    }

    it('tells of each event what kind it is and what it changed, in its order', async () => {
      const events = await acme.events(idOf(2));
      expect(events.map(({ revision }) => revision)).to.deep.equal([1, 2, 3, 4, 6, 7]);
      const told = (nth: number) => {
        const { type, changed, from_status, to_status, reason, run_id, actor } = events[nth] ?? {};
        return { type, changed, from_status, to_status, reason, run_id, actor };
      };
      const none = { reason: null, run_id: null, actor: 'octocat' };
      expect(told(0)).to.deep.equal({
        ...{ type: 'registered', changed: [], from_status: null, to_status: 'scheduled' },
        ...none,
      });
      expect(told(5)).to.deep.equal({
        ...{ type: 'changed', changed: ['status'], from_status: 'in_progress' },
        ...{ to_status: 'failed', ...none },
      });
      expect(await acme.events(idOf(2), { after: 4, limit: 1 })).to.deep.equal([events[4]]);
    });

    it('knows how much the organisation has stored', async () => {
      const { deployments } = await acme.list();
      const stored = await Promise.all(deployments.map(({ id }) => acme.get(id)));
      const bytes = stored.map((each) => (each === undefined ? NaN : bytesOf(each)));
      expect(await acme.store.read({ read: 'usage' })).to.deep.equal({
        deployments: stored.length,
        bytes: bytes.reduce((sum, each) => sum + each, 0),
      });
    });

    it('has environments in lower case, and finds taxonomies by them', async () => {
      expect((await get(201)).environment).to.equal('production');
      const found = await acme.list({ filter: { environment: 'production', name: 'checkout' } });
      expect(found.deployments.map(({ id }) => id)).to.deep.equal(
        [206, 205, 204, 203, 202, 201].map(idOf),
      );
      const ofVersion = await acme.store.read({
        ...{ read: 'ofVersion', place, version: '201', limit: 9 },
      });
      expect(ofVersion.map(({ deployment }) => deployment.id)).to.deep.equal(
        [205, 203, 201].map(idOf),
      );
    });

    it('knows the base of each rollback', async () => {
      const bases = await Promise.all(
        [201, 202, 203, 204, 205, 206].map(
          async (number) => (await acme.get(idOf(number)))?.baseId,
        ),
      );
      const base = idOf(201);
      expect(bases).to.deep.equal([null, null, base, null, base, base]);
      const [running] = await acme.store.read({ read: 'running', place });
      expect(running?.stored.deployment.id).to.equal(idOf(205));
      expect(running?.baseDeployedAt).to.equal(instantOf(202));
      const pending = await acme.store.read({ read: 'pendingRollbacks', place });
      expect(pending.map(({ deployment }) => deployment.id)).to.deep.equal([idOf(206)]);
    });

    it('counts as bad what a rollback that was deployed has replaced', async () => {
      expect(await candidatesOf(place)).to.deep.equal([
        [idOf(205), undefined],
        [idOf(204), instantOf(208)],
        [idOf(203), undefined],
        [idOf(202), instantOf(204)],
        [idOf(201), undefined],
      ]);
    });

    it('takes what was deployed again after a rollback from it for good', async () => {
      expect(await candidatesOf({ id: idOf(211) })).to.deep.equal([
        [idOf(211), instantOf(223)],
        [idOf(212), undefined],
        [idOf(210), undefined],
      ]);
    });

    it('takes blank parts of a taxonomy for none', async () => {
      expect(await get(207)).to.include({ cloud_account_id: null, region: null, cell: null });
      expect(await candidatesOf({ id: idOf(208) })).to.deep.equal([[idOf(207), undefined]]);
    });

    it('gives every caller the first response under a key of before, while it holds', async () => {
      const [later, nextDay] = [instantOf(301), instantOf(300 + 24 * 60 * 60 + 1)];
      const request = (owner: string, at: string) => ({ owner, key: 'k', fingerprint: 'f', at });
      for (const owner of ['repository 1', 'person octocat']) {
        const { stored, replayed } = await acme.create({}, request(owner, later));
        expect({ deployment: stored.deployment, replayed }).to.deep.equal({
          deployment: storedDeployment(201).deployment,
          replayed: true,
        });
      }
      const first = await acme.create({}, request('repository 1', nextDay));
      expect(first.replayed).to.equal(false);
      const again = await acme.create({}, request('repository 1', nextDay));
      expect(again).to.deep.equal({ ...first, replayed: true });
      const other = await acme.create({}, request('person octocat', nextDay));
      expect(other.replayed).to.equal(false);
    });

    it('has no tenant yet, and gives the name of what is stored to the first owner that asks', async () => {
      const { tenants } = store;
      expect(await tenants.seenAs('acme')).to.deep.equal([]);
      const at = instantOf(400);
      const first = await tenants.register({ id: '65', login: 'acme' }, 'acme', at);
      const second = await tenants.register({ id: '66', login: 'acme' }, 'acme', at);
      expect([first.organisation, second.organisation]).to.deep.equal(['acme', 'acme~66']);
      expect(await tenants.seenAs('acme')).to.deep.equal([first, second]);
    });

    it('takes what 0.2 writes', async () => {
      const { stored } = await acme.create({ name: 'new', commit_at: '2026-01-01T01:00:00+01:00' });
      const { id } = stored.deployment;
      await acme.move(id, 'in_progress');
      const { stored: cancelled } = await acme.move(id, 'cancelled');
      expect(await acme.get(id)).to.deep.equal(cancelled);
      expect(cancelled.deployment).to.include({ commit_at: '2026-01-01T00:00:00.000Z' });
      const [, , last] = await acme.events(id);
      expect(last).to.deep.include({
        to_status: 'cancelled',
        changed: ['status'],
        run_attempt: '2',
        gates: [],
      });
    });
  });
}

/** Runs every statement twice, as a run that was cut off before it recorded a file does. */
function repeating(link: Link): Link {
  return {
    ...link,
    async query(statement) {
      const rows = await link.query(statement);
      await link.query(statement);
      return rows;
    },
  };
}
