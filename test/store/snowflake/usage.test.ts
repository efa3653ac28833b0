import { expect } from 'chai';
import type { ChangeSet } from '../../../src/domain/changes.js';
import type { Decided } from '../../../src/domain/decision.js';
import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { withinQuota } from '../../../src/domain/usage/quota.js';
import { bytesOf } from '../../../src/domain/usage/usage.js';
import { toStored, toValues } from '../../../src/store/snowflake/deployments/rows.js';
import type { Row } from '../../../src/store/snowflake/statement.js';
import { openStoreThrough } from '../../../src/store/snowflake/store.js';
import type { Store } from '../../../src/store/store.js';
import { changeStatements } from '../../../src/store/snowflake/write.js';
import { storedDeployment } from '../../support/stored.js';
import { batchError, FakeLink, MemoryLog, options, rowOf, upToDate } from './fakes.js';

const created = storedDeployment(1);
const read = (number: number, changeId: string) =>
  toStored(rowOf(toValues(storedDeployment(number, { status: 'deployed' }), changeId)));
const statementsOf = (changes: ChangeSet, kind: 'hybrid' | 'standard' = 'hybrid', id = 'b-id') =>
  changeStatements({ id, organisation: 'acme', changes }, kind);

describe('what a change adds to the usage of a tenant on Snowflake', () => {
  const changes = { deployments: { created: [created] } };

  it('is added to one of its rows, whose lock is taken in a statement before', () => {
    const [, lock, , add, insert] = statementsOf(changes);
    expect(lock?.sql).to.match(/^UPDATE tenant_usage SET change_id = \? WHERE/);
    expect(lock?.values).to.deep.equal(['b-id', 'acme', 11]);
    expect(add?.sql).to.match(/^\s+UPDATE tenant_usage\s+SET deployments = deployments \+ \?/);
    expect(add?.values).to.deep.equal([1, bytesOf(created), 'b-id', 'acme', 11]);
    expect(insert?.sql).to.match(/^\s+INSERT INTO tenant_usage [^;]+ WHERE NOT EXISTS/);
    expect(insert?.values).to.deep.equal(['acme', 11, 1, bytesOf(created), 'b-id', 'acme', 11]);
  });

  it('is added to the one row there is where changes come one after the other', () => {
    const statements = statementsOf(changes, 'standard').filter(({ sql }) =>
      sql.includes('tenant_usage'),
    );
    expect(statements.map(({ values }) => values)).to.deep.equal([
      [1, bytesOf(created), 'b-id', 'acme', 0],
      ['acme', 0, 1, bytesOf(created), 'b-id', 'acme', 0],
    ]);
  });

  it('is left alone by what adds nothing', () => {
    const idle = statementsOf({ deployments: { unchanged: [read(3, 'c3')] } });
    expect(idle.filter(({ sql }) => sql.includes('tenant_usage'))).to.deep.equal([]);
  });

  it('must be within the quota for the change to be recorded', () => {
    const quota = { deployments: 5, bytes: 0 };
    const record = statementsOf({ ...changes, quota }).at(-2);
    expect(record?.sql).to.match(
      /SUM\(deployments\) FROM tenant_usage WHERE organisation = \?\) <= \?/,
    );
    expect(record?.sql).not.to.include('SUM(bytes)');
    expect(record?.values.slice(-2)).to.deep.equal(['acme', 5]);
  });
});

describe('what is removed on Snowflake', () => {
  const removed = [read(3, 'c3'), read(4, 'c4')];
  const ids = removed.map(({ deployment }) => deployment.id);

  it('goes with its events, as it was read, and must be gone for the change to be recorded', () => {
    const [, , mark, take, events, deployments, versions, add, , record] = statementsOf({
      removed,
    });
    expect(mark?.sql).to.match(/UPDATE deployments\s+SET change_id = \?\s+WHERE id IN \(\?, \?\)/);
    expect(mark?.values).to.deep.equal(['b-id', ...ids, 'c3', 'c4']);
    expect(take?.sql).to.match(/^INSERT INTO changes [^;]+ FROM VALUES \(\?\), \(\?\)$/);
    expect(new Set(take?.values)).to.have.property('size', 2);
    expect(events).to.deep.equal({
      sql: 'DELETE FROM deployment_events WHERE deployment_id IN (?, ?)',
      values: ids,
    });
    expect(deployments?.sql).to.match(
      /DELETE FROM deployments\s+WHERE id IN .* AND change_id = \?\s+AND \(id, revision\) IN/,
    );
    const revisions = ids.flatMap((id) => [id, 1]);
    expect(deployments?.values).to.deep.equal([...ids, 'b-id', ...revisions]);
    expect(versions?.sql).to.match(/DELETE FROM rolled_back/);
    const bytes = removed.reduce((sum, stored) => sum + bytesOf(stored), 0);
    expect(add?.values.slice(0, 2)).to.deep.equal([-2, -bytes]);
    expect(record?.sql).to.match(/COUNT\(\*\) FROM deployments WHERE id IN \(\?, \?\)\) = 0/);
    expect(record?.values.slice(-2)).to.deep.equal(ids);
  });

  it('has to have been read', () => {
    expect(() => statementsOf({ removed: [storedDeployment(3)] })).to.throw('was not read');
  });
});

describe('a quota over Snowflake', () => {
  let link: FakeLink;
  let store: Store;
  let answer: (sql: string) => Row[];
  const { organisation } = created.deployment;
  const creation: Decided<StoredDeployment> = {
    changes: { deployments: { created: [created] } },
    result: created,
  };
  const requests = () => link.sent.map((sql) => sql.trim().split(/\s+/, 1).join());
  const create = () =>
    store
      .for(organisation)
      .change('create', () => withinQuota({ deployments: 7, bytes: 0 }, creation));

  beforeEach(async () => {
    link = new FakeLink();
    answer = () => [];
    link.answer = upToDate((sql) => answer(sql));
    store = await openStoreThrough(() => Promise.resolve(link), options, new MemoryLog());
    link.sent.length = 0;
  });
  afterEach(() => store.close());

  it('is taken to be kept, and costs nothing', async () => {
    expect(await create()).to.equal(created);
    expect(requests()).to.deep.equal(['BEGIN']);
  });

  for (const [what, deployments, ends] of [
    ['refuses where nothing more fits', 7, 'quota-exceeded'],
    ['goes on where there is room after all', 6, 'created'],
  ] as const) {
    it(`that a change fails on is asked about, and ${what}`, async () => {
      let failed = false;
      answer = (sql) => {
        if (sql.includes('SUM(deployments), 0)')) return [{ DEPLOYMENTS: deployments, BYTES: 9 }];
        if (failed || !sql.startsWith('BEGIN')) return [];
        failed = true;
        throw batchError('NULL result in a non-nullable column');
      };
      const result = await create().catch((error: unknown) => error);
      const asked = ['BEGIN', 'ROLLBACK', 'SELECT'];
      if (ends === 'created') {
        expect(result).to.equal(created);
        expect(requests()).to.deep.equal([...asked, 'BEGIN']);
      } else {
        expect(result).to.have.property('code', ends);
        expect(requests()).to.deep.equal(asked);
      }
    });
  }
});
