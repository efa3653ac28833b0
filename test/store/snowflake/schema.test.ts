import { expect } from 'chai';
import { migrate } from '../../../src/store/snowflake/migrate.js';
import { tableKinds } from '../../../src/store/snowflake/options.js';
import type { TableKind } from '../../../src/store/snowflake/options.js';
import {
  requireSchema,
  schemaFilesOf,
  SchemaNotReady,
} from '../../../src/store/snowflake/schema.js';
import { newColumns, newEventColumns } from '../../../src/store/snowflake/deployments/rows.js';
import { columnRows, driverError, FakeLink } from './fakes.js';
import { columnsOf, read, tables, withoutComments } from './schema-columns.js';

/** What has been defined, filled in or dropped already is left as it is. */
function repeatable(kind: TableKind): RegExp {
  const verb = kind === 'hybrid' ? 'CREATE HYBRID TABLE' : 'CREATE TABLE';
  const forms = [
    new RegExp(`^${verb} IF NOT EXISTS \\w+`),
    /^ALTER TABLE \w+ ADD COLUMN( IF NOT EXISTS \w+ \w+(\(\d+(, \d+)?\))?,?)+$/,
    /^ALTER TABLE \w+ DROP COLUMN IF EXISTS \w+$/,
    /^ALTER TABLE \w+ ALTER( COLUMN \w+ SET DATA TYPE VARCHAR\(\d+\),?)+$/,
    /^CREATE SEQUENCE IF NOT EXISTS \w+ START = 1 INCREMENT = 1 ORDER$/,
    /^CREATE INDEX IF NOT EXISTS \w+ ON \w+ \([\w, ]+\)$/,
    /^DROP INDEX IF EXISTS \w+\.\w+$/,
    /^DROP TABLE IF EXISTS \w+$/,
    /^INSERT INTO (?<to>\w+) [^;]+ LEFT JOIN \k<to> ON [^;]+ \k<to>\.\w+ IS NULL$/,
    /^UPDATE \w+ SET [^;]+ IS NULL$/,
  ];
  return new RegExp(forms.map(({ source }) => `(?:${source})`).join('|'));
}

describe('the Snowflake schema files', () => {
  for (const kind of tableKinds) {
    it(`of ${kind} tables are numbered from 1 without a gap, one repeatable statement each`, () => {
      const files = schemaFilesOf(kind);
      expect(files.map(({ version }) => version)).to.deep.equal(files.map((_file, at) => at + 1));
      for (const { path } of files) {
        const sql = withoutComments(read(path)).trim();
        expect(sql).not.to.include(';');
        expect(sql.replaceAll(/\s+/g, ' ')).to.match(repeatable(kind));
      }
    });

    it(`of ${kind} tables have the columns that the store writes`, () => {
      const names = (table: string) =>
        columnsOf(kind, table).map((column) => column.split(' ', 1).join());
      expect(names('deployments')).to.have.members(newColumns);
      expect(names('deployment_events')).to.have.members(newEventColumns);
    });
  }

  it('of both kinds declare the same columns', () => {
    for (const table of tables) {
      expect(columnsOf('hybrid', table)).not.to.deep.equal([]);
      expect(columnsOf('standard', table)).to.deep.equal(columnsOf('hybrid', table));
    }
  });

  it('declare no two indexes that begin with the same column, nor one that begins as a key does', () => {
    const indexes = new Map<string, string>();
    for (const { path } of schemaFilesOf('hybrid')) {
      const sql = withoutComments(read(path)).trim().replaceAll(/\s+/g, ' ');
      const table = /^CREATE HYBRID TABLE IF NOT EXISTS (\w+)/.exec(sql)?.[1];
      for (const [, kind = '', name = '', first = ''] of sql.matchAll(
        /(PRIMARY KEY|UNIQUE|INDEX(?: IF NOT EXISTS)?) ?(\w+ (?:ON \w+ )?)?\((\w+)/g,
      )) {
        const on = table ?? / ON (\w+) /.exec(sql)?.[1] ?? '';
        indexes.set(`${on} ${kind.startsWith('INDEX') ? name.split(' ', 1).join() : kind}`, first);
      }
      const dropped = /^DROP INDEX IF EXISTS (\w+)\.(\w+)$/.exec(sql);
      if (dropped !== null) indexes.delete(`${dropped[1]} ${dropped[2]}`);
    }
    const beginnings = [...indexes].map(
      ([index, first]) => `${index.split(' ', 1).join()} ${first}`,
    );
    expect(beginnings).to.include.members(['deployments id', 'deployments organisation']);
    expect(beginnings).to.deep.equal([...new Set(beginnings)]);
  });

  it('of both kinds fill columns in the same way', () => {
    const fills = (kind: TableKind) =>
      schemaFilesOf(kind)
        .filter(({ name }) => /^\d+_(fill|drop)_/.test(name))
        .map(({ path }) => read(path))
        .filter((sql) => !sql.includes('DROP INDEX'));
    expect(fills('standard')).to.deep.equal(fills('hybrid'));
  });
});

const all = schemaFilesOf('hybrid').map(({ version }) => version);
const newest = schemaFilesOf('hybrid').at(-1)?.name ?? '';

/** A session whose schema has files applied. */
function linkWith(versions: readonly number[], isHybrid: 'YES' | 'NO'): FakeLink {
  const link = new FakeLink();
  link.answer = (sql) => {
    const tables = ['SCHEMA_MIGRATIONS', 'DEPLOYMENTS'];
    if (sql.includes('information_schema.columns')) {
      return Promise.resolve(versions.length === 0 ? [] : columnRows('standard'));
    }
    if (sql.includes('information_schema')) {
      const present = versions.length === 0 ? [] : tables;
      const rows = present.map((name) => ({ TABLE_NAME: name, IS_HYBRID: isHybrid }));
      return Promise.resolve(rows);
    }
    if (sql.includes('SELECT DISTINCT version')) {
      return Promise.resolve(versions.map((version) => ({ VERSION: version })));
    }
    return Promise.resolve([]);
  };
  return link;
}

describe('the Snowflake schema', () => {
  it('that is missing or old is named, with the command', async () => {
    for (const versions of [[], [1, 2, 3, 4]]) {
      const error: unknown = await requireSchema(linkWith(versions, 'YES'), 'hybrid').catch(
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(SchemaNotReady);
      expect((error as Error).message).to.match(/missing: .*0005_changes\.sql.*npm run db:migrate/);
      expect((error as Error).message).to.include(newest);
    }
  });

  it('that is newer will do, so that it can be migrated before the service is replaced', async () => {
    await requireSchema(linkWith([...all, all.length + 1], 'YES'), 'hybrid');
  });

  it('of another kind of table is refused by service and command', async () => {
    const versions = schemaFilesOf('standard').map(({ version }) => version);
    const link = linkWith(versions, 'YES');
    for (const call of [requireSchema(link, 'standard'), migrate(link, 'standard')]) {
      const error: unknown = await call.catch((thrown: unknown) => thrown);
      expect((error as Error).message).to.match(/hybrid, and SNOWFLAKE_TABLES|hybrid tables, and/);
    }
  });

  it('gets what is missing, in order, and each file is recorded after it ran', async () => {
    const link = linkWith([1, 2, 3, ...all.slice(5)], 'YES');
    expect(await migrate(link, 'hybrid')).to.deep.equal([
      '0004_idempotency_keys.sql',
      '0005_changes.sql',
    ]);
    const changes = link.sent.filter((sql) => !/^\s*(SELECT|SHOW)/.test(sql));
    const verbs = changes.map((sql) => /(CREATE|INSERT)/.exec(sql)?.[0]);
    expect(verbs).to.deep.equal(['CREATE', 'INSERT', 'CREATE', 'INSERT']);
  });
});

describe('tables of another service in the schema', () => {
  const foreign = (sql: string) => {
    if (sql.includes('information_schema.columns')) {
      const rows = columnRows('hybrid').filter(
        ({ TABLE_NAME: table, COLUMN_NAME: column }) =>
          table !== 'DEPLOYMENTS' || (column !== 'TAXONOMY_KEY' && column !== 'REVISION'),
      );
      return Promise.resolve(rows);
    }
    return undefined;
  };
  const named =
    /^The table deployments of this schema is not this service's: it lacks taxonomy_key, revision\. .*docs\/COMING_FROM_THE_PYTHON_SERVICE\.md/;

  for (const [when, versions] of [
    ['before the first migration', []],
    ['though all files are recorded', all],
  ] as const) {
    it(`are refused by name ${when}, and nothing is changed`, async () => {
      const link = linkWith(versions, 'YES');
      const { answer } = link;
      link.answer = (sql) => foreign(sql) ?? answer(sql);
      const error: unknown = await migrate(link, 'hybrid').catch((thrown: unknown) => thrown);
      expect((error as Error).message).to.match(named);
      expect(link.sent.filter((sql) => !/^\s*(SELECT|SHOW)/.test(sql))).to.deep.equal([]);
    });
  }

  it('keep the service from starting', async () => {
    const link = linkWith(all, 'YES');
    const { answer } = link;
    link.answer = (sql) => foreign(sql) ?? answer(sql);
    const error: unknown = await requireSchema(link, 'hybrid').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(SchemaNotReady);
    expect((error as Error).message).to.match(/^The table deployments .* lacks .*taxonomy_key/);
  });
});

describe('a schema that would give its tables a collation', () => {
  it('is refused, and nothing is changed', async () => {
    const link = linkWith([], 'YES');
    const { answer } = link;
    link.answer = (sql) =>
      sql.startsWith('SHOW PARAMETERS') ? Promise.resolve([{ value: 'en-ci' }]) : answer(sql);
    const error: unknown = await migrate(link, 'hybrid').catch((thrown: unknown) => thrown);
    expect((error as Error).message).to.match(/collation en-ci.*SET DEFAULT_DDL_COLLATION = ''/);
    expect(link.sent.filter((sql) => !/^\s*(SELECT|SHOW)/.test(sql))).to.deep.equal([]);
  });
});

describe('two migrations at once', () => {
  it('leave what the other has just recorded to it', async () => {
    const link = linkWith([1, 2, 3, 4, ...all.slice(5)], 'YES');
    const { answer } = link;
    link.answer = (sql) =>
      sql.includes('INSERT INTO schema_migrations')
        ? Promise.reject(driverError('200001', 'Primary key already exists'))
        : answer(sql);
    expect(await migrate(link, 'hybrid')).to.deep.equal([]);
  });

  it('leave what the other has done altogether, though it cannot be done any more', async () => {
    const versions = all.filter((version) => version !== 14);
    const link = linkWith(versions, 'YES');
    const { answer } = link;
    link.answer = (sql) => {
      if (!sql.includes('INSERT INTO remembered_responses')) return answer(sql);
      versions.push(14);
      return Promise.reject(driverError('002003', 'Table IDEMPOTENCY_KEYS does not exist'));
    };
    await migrate(link, 'hybrid');
    const filled = link.sent.filter((sql) => sql.includes('INSERT INTO remembered_responses'));
    expect(filled).to.have.length(1);
  });

  it('define a table that the other makes at the same moment in a second try', async () => {
    const link = linkWith([1, 2, 3, 4, ...all.slice(5)], 'YES');
    const { answer } = link;
    let failures = 1;
    link.answer = (sql) =>
      sql.includes('CREATE HYBRID') && failures-- > 0
        ? Promise.reject(driverError('002002', 'Object already exists'))
        : answer(sql);
    expect(await migrate(link, 'hybrid')).to.deep.equal(['0005_changes.sql']);
    link.answer = (sql) =>
      sql.includes('CREATE HYBRID')
        ? Promise.reject(driverError('003001', 'Insufficient privileges'))
        : answer(sql);
    const failed = await migrate(link, 'hybrid').catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error).with.property('message', 'Insufficient privileges');
  });
});
