import { expect } from 'chai';
import type { ChangeSet, StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import type { DeploymentStore } from '../../../src/store/store.js';
import { ApplicationError } from '../../../src/domain/errors.js';
import type { Row } from '../../../src/store/snowflake/driver.js';
import { toValues } from '../../../src/store/snowflake/rows.js';
import { schemaFiles } from '../../../src/store/snowflake/schema.js';
import { openStoreThrough } from '../../../src/store/snowflake/store.js';
import { idOf, instantOf, storedDeployment } from '../../support/stored.js';
import { driverError, FakeLink, MemoryLog, options, rowOf } from './fakes.js';

const stored = storedDeployment(1, { status: 'deployed', everDeployed: true });
const { organisation, id } = stored.deployment;
const row = rowOf(toValues(stored, 'read-change'));
const nothing: ChangeSet = { created: [], updated: [], events: [] };
const creation = (created: StoredDeployment): ChangeSet => ({ ...nothing, created: [created] });

/** What a schema that is up to date answers; everything else is for the test to say. */
function upToDate(answer: (sql: string) => Row[]): (sql: string) => Promise<Row[]> {
  return async (sql) => {
    if (sql.includes('information_schema')) {
      const names = ['SCHEMA_MIGRATIONS', 'DEPLOYMENTS'];
      return names.map((name) => ({ TABLE_NAME: name, IS_HYBRID: 'YES' }));
    }
    if (sql.includes('FROM schema_migrations')) {
      return schemaFiles('hybrid').map(({ version }) => ({ VERSION: version }));
    }
    return Promise.resolve(answer(sql));
  };
}

describe('the Snowflake store, over a session that does what it is told,', () => {
  let link: FakeLink;
  let store: DeploymentStore;
  let answer: (sql: string) => Row[];

  beforeEach(async () => {
    link = new FakeLink();
    answer = () => [];
    link.answer = upToDate((sql) => answer(sql));
    store = await openStoreThrough(() => Promise.resolve(link), options, new MemoryLog());
    link.sent.length = 0;
  });
  afterEach(() => store.close());

  it('reads with one statement each', async () => {
    answer = (sql) => {
      if (!sql.includes('deployment_events')) return [row];
      const event = { OCCURRED_AT: new Date(0), FROM_STATUS: null, TO_STATUS: 'scheduled' };
      const who = { ACTOR: null, REPOSITORY: null, WORKFLOW: null };
      return [{ ...event, ...who, CAUSE: 'request', CAUSE_DEPLOYMENT_ID: null }];
    };
    expect(await store.get(organisation, id)).to.deep.equal(stored);
    const after = { created_at: instantOf(9), id: idOf(9) };
    const filter = { status: 'deployed', trigger: 'auto' } as const;
    const page = await store.list({ organisation, filter, after, limit: 1 });
    expect(page).to.deep.equal({ deployments: [stored.deployment], more: false });
    expect(await store.events(organisation, id)).to.have.length(1);
    const family = await store.family(organisation, id);
    expect(family?.members).to.deep.equal([stored.deployment]);
    expect(link.sent).to.have.length(4);
    expect(link.sent[1]).to.include('trigger_kind = ?').and.include('created_at <= ?');
  });

  it('says that there is nothing', async () => {
    expect(await store.get(organisation, id)).to.equal(undefined);
    expect(await store.events(organisation, id)).to.equal(undefined);
    expect(await store.family(organisation, id)).to.equal(undefined);
    expect(await store.update(organisation, id, true, () => nothing)).to.equal(undefined);
    const selector = { organisation, id };
    expect(await store.rollback(selector, '1', undefined, () => nothing)).to.equal(undefined);
  });

  it('creates with one request, whose last row says that all of it was written', async () => {
    const idempotency = { key: 'k', fingerprint: 'f', at: instantOf(1) };
    const result = await store.create(organisation, idempotency, () => creation(stored));
    expect(result).to.deep.equal({ stored, replayed: false });
    expect(link.sent).to.have.length(1);
    const verbs = link.sent[0]?.split(';\n').map((sql) => sql.trim().split(/\s+/, 3).join(' '));
    expect(verbs).to.deep.equal([
      'BEGIN',
      'MERGE INTO idempotency_keys',
      'INSERT INTO deployments',
      'INSERT INTO changes',
      'COMMIT',
    ]);
  });

  it('looks a key up once the first try has failed on it, and gives the first answer', async () => {
    const idempotency = { key: 'k', fingerprint: 'f', at: instantOf(1) };
    answer = (sql) => {
      if (sql.startsWith('BEGIN')) throw driverError(100132, 'Primary key already exists');
      if (!sql.includes('FROM idempotency_keys')) return [];
      const deployment = JSON.stringify(stored.deployment);
      return [{ FINGERPRINT: 'f', REMEMBERED_AT: new Date(instantOf(1)), DEPLOYMENT: deployment }];
    };
    const result = await store.create(organisation, idempotency, () => creation(stored));
    expect(result.replayed).to.equal(true);
    expect(result.stored.deployment).to.deep.equal(stored.deployment);
  });

  it('changes with a read and one request, and starts over when the data has changed', async () => {
    let stale = 1;
    answer = (sql) => {
      if (!sql.startsWith('BEGIN')) return sql === 'ROLLBACK' ? [] : [row];
      if (stale > 0) {
        stale -= 1;
        throw driverError(100132, 'NULL result in a non-nullable column');
      }
      return [];
    };
    const changed = { ...stored, revision: stored.revision + 1 };
    const changes = { ...nothing, updated: [changed] };
    const result = await store.update(organisation, id, true, () => changes);
    expect(result).to.deep.equal({ stored: changed, changes });
    const requests = link.sent.map((sql) => sql.trim().split(/\s+/, 1).join());
    expect(requests).to.deep.equal(['WITH', 'BEGIN;', 'ROLLBACK', 'WITH', 'BEGIN;']);
  });

  it('refuses a change that was not made from what was read', async () => {
    answer = () => [row];
    const changes = { ...nothing, updated: [{ ...stored, revision: 9 }] };
    const failed = await store
      .update(organisation, id, false, () => changes)
      .catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error).with.property('message').that.includes('revision 8');
  });

  it('rolls back with a read and one request, which marks the deployment it starts from', async () => {
    const remembered = { FINGERPRINT: null, REMEMBERED_AT: null, DEPLOYMENT: null };
    answer = (sql) =>
      sql.startsWith('BEGIN')
        ? []
        : ['selected', 'member'].map((part) => ({ ...row, ...remembered, PART: part }));
    const back = storedDeployment(2, { rollback_from_deployment_id: id, trigger: 'rollback' });
    for (const target of [undefined, '1.0.0']) {
      link.sent.length = 0;
      const selector = { organisation, id };
      const result = await store.rollback(selector, target, undefined, (members, { from }) => {
        expect(members).to.deep.equal([stored]);
        expect(from).to.deep.equal(stored.deployment);
        return creation(back);
      });
      expect(result).to.deep.equal({ stored: back, replayed: false });
      expect(link.sent).to.have.length(2);
      expect(link.sent[1]).to.include('SET change_id = ? WHERE id = ? AND change_id = ?');
    }
    const byTaxonomy = { taxonomy: stored.deployment };
    const result = await store.rollback(byTaxonomy, undefined, undefined, () => creation(back));
    expect(result?.replayed).to.equal(false);
  });

  it('is ready while its session has a heartbeat, and not otherwise', async () => {
    await store.check();
    link.alive = false;
    expect(await store.check().catch((error: unknown) => error)).to.be.instanceOf(Error);
  });

  it('passes a refusal of the decision on, and stores nothing', async () => {
    answer = () => [row];
    const refusal = new ApplicationError('transition-not-allowed', 'no');
    const failed = store.update(organisation, id, false, () => {
      throw refusal;
    });
    expect(await failed.catch((error: unknown) => error)).to.equal(refusal);
    expect(link.sent.filter((sql) => sql.startsWith('BEGIN'))).to.deep.equal([]);
  });
});
