import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { filterFields, maxPageBytes } from '../../src/domain/deployments/reads.js';
import type { TaxonomyFilter } from '../../src/domain/deployments/reads.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { createControlsCache } from '../../src/store/controls-cache.js';
import { openDatabase } from '../../src/store/sqlite/database.js';
import type { Database, Value } from '../../src/store/sqlite/database.js';
import {
  bestIndex,
  list,
  listStatement,
  scannedIndex,
} from '../../src/store/sqlite/deployments/list.js';
import type { OneFilter } from '../../src/store/sqlite/deployments/list.js';
import { storedColumnsOf } from '../../src/store/sqlite/deployments/rows.js';
import { taxonomiesStatement } from '../../src/store/sqlite/deployments/taxonomies.js';
import { readFeed } from '../../src/store/sqlite/feed.js';
import { createRowCache } from '../../src/store/sqlite/row-cache.js';
import type { Source } from '../../src/store/sqlite/source.js';
import { openSqliteStore, readers } from '../../src/store/sqlite/store.js';
import { depthStatement } from '../../src/store/sqlite/system.js';
import { StoreUser } from './harness.js';

/** The stamp of what is found, and what the deployments are called there. */
const stamp = /(\w+)\.id \|\| ' ' \|\| \1\.revision \|\| ' ' \|\| \1\.updated_at AS stamp/;

describe('SQLite takes as long with a thousand rows as with a million, since it', () => {
  let folder: string;
  let database: Database;
  let acme: StoreUser;
  let id: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const path = join(folder, 'deployments.db');
    const store = await openSqliteStore(path);
    acme = new StoreUser(store, 'acme');
    await acme.place({ version: '1' }, 'deployed');
    id = (await acme.place({ version: '2' }, 'deployed')).deployment.id;
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

  const filters: OneFilter[] = [
    {},
    ...filterFields.map((field): OneFilter => ({ [field]: 'value' })),
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
        const { sql, values } = listStatement(
          { organisation: 'o' },
          { filter, after, limit: 10 },
          bestIndex(filter),
          '*',
        );
        const steps = plan(sql, values);
        expect(steps).to.have.length(1);
        expect(steps[0]).to.match(
          /^SEARCH deployments USING INDEX deployments_by_\w+ \(organisation=\?/,
        );
        if (after !== undefined) expect(steps[0]).to.include('(created_at,id)<(?,?)');
      });
    }
  }

  for (const filter of filters) {
    const by = Object.keys(filter).join(' and ') || 'no filter';
    it(`looks for a page by ${by} in an index that holds every filter`, () => {
      const { sql, values } = listStatement(
        { organisation: 'o' },
        { filter, limit: 10 },
        scannedIndex(filter),
        'created_at, id',
      );
      const [step, ...others] = plan(sql, values);
      expect(others).to.deep.equal([]);
      expect(step).to.match(/^SEARCH deployments USING COVERING INDEX deployments_by_(age|status)/);
    });
  }

  const parts: TaxonomyFilter[] = [
    {},
    { environment: 'e' },
    { name: 'n' },
    { environment: 'e', name: 'n' },
    { environment: 'e', name: 'n', region: 'r', cell: 'c', provider: 'gcp' },
    { provider: 'gcp' },
    { name: 'n', cell: 'c' },
    { environment: 'e', cloud_account_id: 'a' },
  ];
  for (const filter of parts) {
    for (const by of [undefined, 'taxonomy', 'component'] as const) {
      if (by === 'component' && filter.environment === undefined) continue;
      const page = by === undefined ? 'the first page' : `a page after a ${by}`;
      const named = Object.keys(filter).join(' and ') || 'no part';
      it(`walks one index to ${page} of taxonomies by ${named}, without sorting`, () => {
        const after = by && { key: 'k', by };
        const query = { filter, after, limit: 10 };
        const { sql, values } = taxonomiesStatement({ organisation: 'o' }, query);
        const [walk, ...others] = plan(sql, values);
        expect(walk).to.match(
          /^SEARCH taxonomies USING COVERING INDEX taxonomies_(in_order|by_name) \(organisation=\?/,
        );
        const isPrefix = Object.keys(filter).every((part) => walk?.includes(`${part}=?`));
        const isOne = by === 'component' && 'region' in filter;
        if (by !== undefined && isPrefix && !isOne)
          expect(walk).to.match(/\((\w+,?)+\)>\((\?,?)+\)|\w+>\?/);
        // The start of the page is found by its key.
        expect(others.filter((step) => !/SUBQUERY|PRIMARY KEY/.test(step))).to.deep.equal([]);
      });
    }
  }

  it('counts the queue from an index that holds nothing else', () => {
    expect(plan(depthStatement, [])).to.include(
      'SCAN deployments USING COVERING INDEX deployments_in_queue',
    );
    const index = database
      .prepare("SELECT sql FROM sqlite_schema WHERE name = 'deployments_in_queue'")
      .get();
    expect(index?.['sql']).to.match(/WHERE status IN \('scheduled', 'in_progress'\)$/);
  });

  /** A source that notes which statements are run, and with what. */
  function noting(): { source: Source; prepared: Map<string, Value[]> } {
    const prepared = new Map<string, Value[]>();
    const spy: Database = {
      ...database,
      prepare(sql) {
        const statement = database.prepare(sql);
        const note =
          <R>(run: (...values: Value[]) => R) =>
          (...values: Value[]): R => {
            prepared.set(sql, values);
            // What the cache has not got is read with all of its columns.
            prepared.set(
              sql.replace(stamp, (_, table: string) => storedColumnsOf(table)),
              values,
            );
            return run(...values);
          };
        return {
          ...statement,
          all: note((...values) => statement.all(...values)),
          get: note((...values) => statement.get(...values)),
          iterate: note((...values) => statement.iterate(...values)),
        };
      },
    };
    const source = {
      organisation: 'acme',
      database: spy,
      cache: createRowCache(spy),
      controls: createControlsCache(),
    };
    return { source, prepared };
  }

  it('walks one index along a feed', () => {
    const { source, prepared } = noting();
    readFeed(source, { from: { after: 1 }, limit: 10 });
    const steps = [...prepared].flatMap(([sql, values]) => plan(sql, values));
    expect(steps).to.deep.equal([
      'SEARCH feeds USING PRIMARY KEY (organisation=?)',
      'SEARCH deployment_events USING INDEX deployment_events_feed (organisation=? AND feed_position>?)',
      'SEARCH deployments USING INDEX sqlite_autoindex_deployments_1 (id=?)',
    ]);
  });

  it('gives decisions all that they read along indexes, without sorting', () => {
    const { source, prepared } = noting();
    const place = { key: taxonomyKey(acme.taxonomy()) };
    readers.deployment(source, { id });
    readers.events(source, { id, after: 0, limit: 10 });
    readers.eventTo(source, { id, status: 'deployed' });
    readers.olderScheduled(source, { than: id, limit: 10 });
    readers.skippedBy(source, { id });
    readers.skippingSince(source, { id });
    readers.replacedBy(source, { id });
    readers.running(source, { place: { id } });
    readers.pendingRollbacks(source, { place });
    readers.candidates(source, { place, otherThan: ['1'], limit: 10 });
    readers.ofVersion(source, { place, version: '1', limit: 2 });
    readers.registeredBefore(source, { before: { created_at: '~', id: '' }, limit: 10 });
    readers.usage(source, {});
    readers.rememberedResponse(source, { owner: '', key: 'k' });
    readers.controls(source, {});
    readers.policyEvents(source, { name: 'production', after: 0, limit: 10 });
    readers.gateEvents(source, { after: 0, limit: 10 });
    readers.queue(source, { id });
    readers.ownEntries(source, { id });
    readers.inProgress(source, { within: place });
    readers.inProgress(source, { within: { environment: 'production' } });
    readers.environments(source, { after: '', limit: 10 });
    const selector = { environment: 'production', name: 'checkout' };
    readers.autoScheduled(source, { selector, order: 'newest', approvals: 1, limit: 10 });
    const keys = [place.key];
    readers.runningIn(source, { keys });
    readers.candidatesIn(source, { keys, limit: 10 });
    readers.inProgressIn(source, { keys, limit: 10 });
    readers.scheduledIn(source, { keys });
    readers.everDeployed(source, { versions: [{ ...place, version: '1' }] });
    readers.queues(source, { environments: ['production'] });
    prepared.delete('PRAGMA data_version');
    expect(prepared).to.have.property('size', 37);
    for (const [sql, values] of prepared) {
      for (const step of plan(sql, values)) {
        // What is read is found by an index; what is counted or merged is what has been found.
        if (!/^(SCAN|SEARCH)/.test(step) || /subquery|running|found|VIRTUAL/.test(step)) continue;
        expect(step, sql).to.match(/^SEARCH \S+( AS \w+)? USING (COVERING |PRIMARY |)(INDEX|KEY)/);
      }
      const sorts = plan(sql, values).filter((step) => step.includes('TEMP B-TREE FOR ORDER BY'));
      // Of a handful of rows, or of what waits, sorting them costs nothing.
      const isFew = /skipping\.taxonomy_key|owner IN|deployments_in_queue|FROM found WHERE/.test(
        sql,
      );
      // Of the last ones of three statuses one is taken.
      const few = sql.includes('rowid AS place') ? 1 : 0;
      if (!isFew) expect(sorts, sql).to.have.length(few);
    }
  });

  it('reads the rows of a page once, also of one that ends by its size', async () => {
    const notes = 'x'.repeat(maxPageBytes / 4);
    const store = await openSqliteStore(join(folder, 'large.db'));
    const large = new StoreUser(store, 'large');
    for (let nth = 0; nth < 8; nth += 1) await large.create({ notes });
    await store.close();
    const file = openDatabase(join(folder, 'large.db'));
    let read = 0;
    const spy: Database = {
      ...file,
      prepare(sql) {
        const statement = file.prepare(sql);
        return {
          ...statement,
          *iterate(...values) {
            for (const row of statement.iterate(...values)) {
              read += 1;
              yield row;
            }
          },
        };
      },
    };
    const source = {
      organisation: 'large',
      database: spy,
      cache: createRowCache(spy),
      controls: createControlsCache(),
    };
    const page = await list(source, undefined, { filter: {}, limit: 100 });
    expect(page).to.have.property('more', true);
    const atFirst = read;
    expect(await list(source, undefined, { filter: {}, limit: 100 })).to.deep.equal(page);
    expect({ atFirst, read }).to.deep.equal({
      atFirst: page.deployments.length + 1,
      read: atFirst,
    });
    file.close();
  });

  it('prepares no statement anew for what is bound to its LIMIT', async () => {
    const sources = await readdir('src/store/sqlite', { recursive: true });
    const files = sources.filter((name) => name.endsWith('.ts') && name !== 'database.ts');
    const bare = files.filter((name) =>
      /LIMIT \?\d*(?!\d| \+ 0)/.test(readFileSync(join('src/store/sqlite', name), 'utf8')),
    );
    expect(files).to.have.length.above(10);
    expect(bare).to.deep.equal([]);
  });
});
