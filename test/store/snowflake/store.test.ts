import { expect } from 'chai';
import type { Decided, Decision } from '../../../src/domain/decision.js';
import { look } from '../../../src/domain/decision.js';
import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { ApplicationError } from '../../../src/domain/errors.js';
import type { Read } from '../../../src/domain/reads.js';
import { newEventColumns, toValues } from '../../../src/store/snowflake/deployments/rows.js';
import type { Row } from '../../../src/store/snowflake/statement.js';
import { openStoreThrough } from '../../../src/store/snowflake/store.js';
import type { Commit, Store, TenantStore } from '../../../src/store/store.js';
import { idOf, instantOf, storedDeployment } from '../../support/stored.js';
import { batchError, FakeLink, MemoryLog, options, rowOf, upToDate } from './fakes.js';

const stored = storedDeployment(1, { status: 'deployed' });
const { organisation, id } = stored.deployment;
const row = { ...rowOf(toValues(stored, 'read-change')), PART: 0, EXTRA: null };
const next = { ...stored, revision: stored.revision + 1 };

const creation = (created: StoredDeployment): Decided<StoredDeployment> => ({
  changes: { deployments: { created: [created] } },
  result: created,
});

function* renewal(from = stored.revision): Decision<StoredDeployment | undefined> {
  const { target } = yield* look({ target: { read: 'deployment', id } });
  return { changes: { deployments: { updated: [{ from, to: next, growth: 0 }] } }, result: target };
}

describe('the Snowflake store, over a session that does what it is told,', () => {
  let link: FakeLink;
  let store: Store;
  let tenant: TenantStore;
  let answer: (sql: string) => Row[];
  let commits: Commit[];

  beforeEach(async () => {
    link = new FakeLink();
    answer = () => [];
    link.answer = upToDate((sql) => answer(sql));
    store = await openStoreThrough(() => Promise.resolve(link), options, new MemoryLog());
    tenant = store.for(organisation);
    commits = [];
    store.subscribe((commit) => commits.push(commit));
    link.sent.length = 0;
  });
  afterEach(() => store.close());

  const requests = () => link.sent.map((sql) => sql.trim().split(/\s+/, 1).join());
  const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);

  it('reads with one statement each', async () => {
    answer = (sql) => {
      if (!sql.includes('deployment_events')) return [row];
      const none = newEventColumns.map((name) => [name.toUpperCase(), null] as const);
      const event = { OCCURRED_AT: new Date(0), TO_STATUS: 'scheduled', CAUSE: 'request' };
      return [
        { ...Object.fromEntries(none), ...event, REVISION: 1, TYPE: 'registered', CHANGED: '[]' },
      ];
    };
    expect(await tenant.read({ read: 'deployment', id })).to.deep.equal(stored);
    const after = { created_at: instantOf(9), id: idOf(9) };
    const filter = { status: ['deployed', 'failed'], trigger: 'auto' } as const;
    const page = await tenant.read({ read: 'deployments', filter, after, limit: 1 });
    expect(page).to.deep.equal({ deployments: [stored.deployment], more: false });
    expect(await tenant.read({ read: 'events', id, after: 0, limit: 9 })).to.have.length(1);
    expect(await tenant.read({ read: 'lineage', id })).to.deep.equal([stored.deployment]);
    expect(link.sent).to.have.length(4);
    expect(link.sent[1]).to.include('trigger_kind = ?').and.include('created_at <= ?');
    expect(link.sent[1]).to.include('status IN (?, ?)');
  });

  const place = { id };
  const absent: [read: Read, gives: unknown][] = [
    [{ read: 'deployment', id }, undefined],
    [{ read: 'events', id, after: 0, limit: 9 }, []],
    [{ read: 'lineage', id }, []],
    [{ read: 'eventTo', id, status: 'deployed' }, undefined],
    [{ read: 'olderScheduled', than: id, limit: 9 }, []],
    [{ read: 'skippingSince', id }, undefined],
    [{ read: 'skippedBy', id }, undefined],
    [{ read: 'replacedBy', id }, undefined],
    [{ read: 'running', place }, []],
    [{ read: 'pendingRollbacks', place }, []],
    [{ read: 'candidates', place, otherThan: [], limit: 9 }, []],
    [{ read: 'ofVersion', place, version: '1', limit: 9 }, []],
    [{ read: 'whereabouts', name: 'a', environment: 'e', limit: 9 }, []],
    [{ read: 'rememberedResponse', owner: 'o', key: 'k' }, undefined],
  ];
  for (const [read, gives] of absent) {
    it(`says that there is nothing: ${read.read}`, async () => {
      expect(await tenant.read(read)).to.deep.equal(gives);
      expect(link.sent).to.have.length(1);
    });
  }

  it('reads the parts of a slice with one statement, and gives each what is its own', async () => {
    answer = () => [
      { ...row, PART: 2, EXTRA: instantOf(5) },
      { ...row, PART: 0 },
    ];
    const data = await tenant.change('look', function* () {
      return {
        changes: {},
        result: yield* look({
          target: { read: 'deployment', id },
          running: { read: 'running', place },
          needless: undefined,
          candidates: { read: 'candidates', place, otherThan: [], limit: 9 },
        }),
      };
    });
    expect(data).to.deep.equal({
      target: stored,
      running: [],
      candidates: [{ stored, foundBadAt: instantOf(5) }],
    });
    expect(link.sent).to.have.length(1);
    expect(link.sent[0]?.match(/UNION ALL/g)).to.have.length(2);
  });

  it('creates with one request, whose last row says that all of it was written', async () => {
    const response = {
      owner: 'o',
      key: 'k',
      fingerprint: 'f',
      at: instantOf(1),
      deployment: stored.deployment,
    };
    const result = await tenant.change('create', () => ({
      changes: { ...creation(stored).changes, response },
      result: stored,
    }));
    expect(result).to.equal(stored);
    expect(link.sent).to.have.length(1);
    const verbs = link.sent[0]?.split(';\n').map((sql) => sql.trim().split(/\s+/, 3).join(' '));
    expect(verbs).to.deep.equal([
      'BEGIN TRANSACTION',
      'UPDATE tenant_usage SET',
      'INSERT INTO taxonomies',
      'UPDATE remembered_responses SET',
      'UPDATE remembered_responses SET',
      'INSERT INTO remembered_responses',
      'INSERT INTO deployments',
      'UPDATE tenant_usage SET',
      'INSERT INTO tenant_usage',
      'INSERT INTO changes',
      'COMMIT',
    ]);
  });

  it('changes with a read and one request, and starts over when the data has changed', async () => {
    let stale = 1;
    answer = (sql) => {
      if (!sql.startsWith('BEGIN')) return sql === 'ROLLBACK' ? [] : [row];
      if (stale > 0) {
        stale -= 1;
        throw batchError('NULL result in a non-nullable column');
      }
      return [];
    };
    expect(await tenant.change('renew', () => renewal())).to.deep.equal(stored);
    expect(requests()).to.deep.equal(['SELECT', 'BEGIN', 'ROLLBACK', 'SELECT', 'BEGIN']);
  });

  it('refuses a change that was not made from what was read, at once', async () => {
    answer = () => [row];
    const failed = await failure(tenant.change('renew', () => renewal(8)));
    expect(failed).to.be.instanceOf(Error).with.property('message').that.includes('revision 8');
    expect(requests()).to.deep.equal(['SELECT']);
  });

  it('rolls back with a read and one request, which marks the deployment it starts from', async () => {
    const base = instantOf(0);
    answer = (sql) => (sql.startsWith('BEGIN') ? [] : [{ ...row, EXTRA: base }]);
    const back = storedDeployment(2, { rollback_from_deployment_id: id, trigger: 'rollback' });
    const result = await tenant.change('rollback', function* (): Decision<StoredDeployment> {
      const { running } = yield* look({ running: { read: 'running', place } as const });
      expect(running).to.deep.equal([{ stored, baseDeployedAt: base }]);
      const from = running.map((each) => each.stored);
      const deployments = { created: [back], unchanged: from };
      return { changes: { deployments, rolledBack: from }, result: back };
    });
    expect(result).to.equal(back);
    expect(requests()).to.deep.equal(['SELECT', 'BEGIN']);
    expect(link.sent[1]).to.include('SET change_id = ? WHERE id = ? AND change_id = ?');
    expect(link.sent[1]).to.include('INSERT INTO rolled_back');
  });

  it('lets a change that reads wait for those of its tenant that were in the way, and no other', async () => {
    let stale = 2;
    let unblock: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => (unblock = resolve));
    link.answer = async (sql) => {
      if (!sql.startsWith('BEGIN')) return sql === 'ROLLBACK' ? [] : [row];
      if (stale === 0) return [];
      stale -= 1;
      if (stale === 0) await blocked;
      throw batchError('NULL result in a non-nullable column');
    };
    const first = tenant.change('renew', () => renewal());
    while (requests().filter((verb) => verb === 'BEGIN').length < 2) await turn();
    const reads = () => requests().filter((verb) => verb === 'SELECT').length;
    const before = reads();
    const second = tenant.change('renew', () => renewal());
    await turn();
    expect(reads()).to.equal(before);
    await store.for('other').read({ read: 'deployment', id });
    expect(reads()).to.equal(before + 1);
    unblock();
    await Promise.all([first, second]);
    expect(requests().slice(-2)).to.deep.equal(['SELECT', 'BEGIN']);
  });

  it('tells of what it has stored, and of nothing else', async () => {
    answer = () => [row];
    await tenant.change('create', () => creation(next));
    await tenant.change('nothing', () => ({ changes: {}, result: undefined }));
    await failure(tenant.change('renew', () => renewal(8)));
    const { changes } = creation(next);
    expect(commits).to.deep.equal([{ organisation, changes }]);
  });

  it('tells of the queue of all tenants, and of what is still to be skipped', async () => {
    answer = (sql) =>
      sql.includes('FROM skipping')
        ? [{ ORGANISATION: 'acme', ID: id }]
        : [{ ENVIRONMENT: 'production', STATUS: 'scheduled', DEPLOYMENTS: 3 }];
    const { system } = store;
    expect(await system.skipping()).to.deep.equal([{ organisation: 'acme', id }]);
    expect(await system.depth()).to.deep.equal([
      { environment: 'production', status: 'scheduled', count: 3 },
    ]);
  });

  it('removes what has expired, responses in a transaction, and says that this was all', async () => {
    expect(await store.system.removeExpiredResponses(instantOf(1))).to.equal(false);
    const [responses = '', changes = ''] = link.sent;
    expect(responses).to.match(
      /^BEGIN TRANSACTION;\nUPDATE rem[^;]*;\nDELETE FROM rem[^;]*;\nCOMMIT$/,
    );
    expect(changes).to.match(/^DELETE FROM changes WHERE/);
    expect(link.sent).to.have.length(2);
  });

  it('is ready while its session has a heartbeat, and not otherwise', async () => {
    await store.check();
    link.alive = false;
    expect(await failure(store.check())).to.be.instanceOf(Error);
  });

  it('passes a refusal of the decision on, and stores nothing', async () => {
    answer = () => [row];
    const refusal = new ApplicationError('transition-not-allowed', 'no');
    const failed = tenant.change('refuse', function* (): Decision<never> {
      yield* look({ target: { read: 'deployment', id } });
      throw refusal;
    });
    expect(await failure(failed)).to.equal(refusal);
    expect(requests()).to.deep.equal(['SELECT']);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
