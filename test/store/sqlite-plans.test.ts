import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { filterFields } from '../../src/store/store.js';
import type { ListFilter } from '../../src/store/store.js';
import type { Taxonomy } from '../../src/domain/deployments/taxonomy.js';
import { openDatabase } from '../../src/store/sqlite/database.js';
import type { Database, Value } from '../../src/store/sqlite/database.js';
import { listStatement } from '../../src/store/sqlite/list.js';
import { depthStatement, readRollbackMembers } from '../../src/store/sqlite/read.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { StoreUser } from './harness.js';

describe('SQLite takes as long with a thousand rows as with a million, since it', () => {
  let folder: string;
  let database: Database;
  let taxonomy: Taxonomy;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const path = join(folder, 'deployments.db');
    const store = await openSqliteStore(path);
    const acme = new StoreUser(store, 'acme');
    await acme.place({ version: '1' }, 'deployed');
    await acme.place({ version: '2' }, 'deployed');
    taxonomy = acme.taxonomy();
    await store.close();
    database = openDatabase(path);
  });
  after(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  /** How SQLite would run a statement, one line a step. */
  function plan(sql: string, values: Value[]): string[] {
    return database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map((row) => String(row['detail']));
  }

  const filters: ListFilter[] = [
    {},
    ...filterFields.map((field): ListFilter => ({ [field]: 'value' })),
    { status: 'scheduled', environment: 'production' },
    { name: 'checkout', environment: 'production', status: 'deployed' },
    { name: 'a', environment: 'b', provider: 'gcp', cell: 'c', region: 'd', trigger: 'auto' },
  ];
  const positions = [
    undefined,
    { created_at: '2026-01-01T00:00:00.000Z', id: '01900000-0000-7000-8000-000000000000' },
  ];

  for (const filter of filters) {
    for (const after of positions) {
      const page = after === undefined ? 'the first page' : 'a later page';
      const by = Object.keys(filter).join(' and ') || 'no filter';
      it(`walks one index to ${page} of a list by ${by}, without sorting`, () => {
        const { sql, values } = listStatement({ organisation: 'o', filter, after, limit: 10 }, '*');
        const steps = plan(sql, values);
        expect(steps).to.have.length(1);
        expect(steps[0]).to.match(
          /^SEARCH deployments USING INDEX deployments_by_\w+ \(organisation=\?/,
        );
        if (after !== undefined) expect(steps[0]).to.include('(created_at,id)<(?,?)');
      });
    }
  }

  it('counts the queue from an index that holds nothing else', () => {
    expect(plan(depthStatement, [])).to.deep.equal([
      'SCAN deployments USING COVERING INDEX deployments_in_queue',
    ]);
    const index = database
      .prepare("SELECT sql FROM sqlite_schema WHERE name = 'deployments_in_queue'")
      .get();
    expect(index?.['sql']).to.match(/WHERE status IN \('scheduled', 'in_progress'\)$/);
  });

  it('reads what decides about a rollback along indexes, without sorting a taxonomy', () => {
    const prepared: string[] = [];
    const spy: Database = {
      ...database,
      prepare(sql) {
        prepared.push(sql);
        return database.prepare(sql);
      },
    };
    expect(readRollbackMembers(spy, { taxonomy, targetVersion: undefined })).to.have.length(2);
    readRollbackMembers(spy, { taxonomy, targetVersion: '1' });
    expect(new Set(prepared)).to.have.property('size', 4);
    for (const sql of new Set(prepared)) {
      const count = sql.includes('?1') ? 1 : (sql.match(/\?/g) ?? []).length;
      const steps = plan(sql, Array<Value>(count).fill('x'));
      const reads = steps.filter((step) => /deployments|candidate/.test(step));
      expect(reads).not.to.deep.equal([]);
      for (const step of reads) expect(step).to.match(/^SEARCH \w+ USING (COVERING )?INDEX/);
    }
  });
});
