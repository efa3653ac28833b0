import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { migrate, statementOf } from '../../../src/store/snowflake/migrate.js';
import { tableKinds } from '../../../src/store/snowflake/options.js';
import {
  requireSchema,
  schemaFilesOf,
  SchemaNotReady,
} from '../../../src/store/snowflake/schema.js';
import { newColumns } from '../../../src/store/snowflake/deployments/rows.js';
import { driverError, FakeLink } from './fakes.js';

const read = (path: string) => statementOf(readFileSync(path, 'utf8'));
const withoutComments = (sql: string) => sql.replaceAll(/--.*$/gm, '');

describe('the Snowflake schema files', () => {
  for (const kind of tableKinds) {
    it(`of ${kind} tables are numbered from 1 without a gap, one repeatable statement each`, () => {
      const files = schemaFilesOf(kind);
      expect(files.map(({ version }) => version)).to.deep.equal(files.map((_file, at) => at + 1));
      for (const { path } of files) {
        const sql = withoutComments(read(path)).trim();
        expect(sql).not.to.include(';');
        const verb = kind === 'hybrid' ? 'CREATE HYBRID TABLE' : 'CREATE TABLE';
        const defines = new RegExp(`^${verb} IF NOT EXISTS \\w+`);
        // What has been filled in already is left out.
        const fills = /^INSERT INTO (\w+) [^;]+ LEFT JOIN \1 ON [^;]+ WHERE \1\.\w+ IS NULL$/;
        expect(sql.replaceAll(/\s+/g, ' ')).to.match(
          new RegExp(`${defines.source}|${fills.source}`),
        );
      }
    });

    it(`of ${kind} tables have the columns that the store writes`, () => {
      const file = schemaFilesOf(kind).find(({ name }) => name.includes('0002'));
      const sql = withoutComments(read(file?.path ?? ''));
      const columns = [...sql.matchAll(/^ {2}([a-z_]+) +(VARCHAR|TIMESTAMP|BOOLEAN|NUMBER)/gm)];
      expect(columns.map(([, name]) => name)).to.have.members(newColumns);
    });
  }

  it('of both kinds declare the same columns', () => {
    const columns = (kind: (typeof tableKinds)[number]) =>
      schemaFilesOf(kind)
        .filter(({ name }) => !name.includes('write_lock'))
        .map(({ path }) =>
          withoutComments(read(path))
            .split('\n')
            .filter((line) => /^ {2}[a-z_]+ +[A-Z]/.test(line))
            .map((line) => line.replace(/,$/, '')),
        );
    expect(columns('standard')).to.deep.equal(columns('hybrid'));
  });
});

const all = schemaFilesOf('hybrid').map(({ version }) => version);
const newest = schemaFilesOf('hybrid').at(-1)?.name ?? '';

/** A session whose schema has files applied. */
function linkWith(versions: readonly number[], isHybrid: 'YES' | 'NO'): FakeLink {
  const link = new FakeLink();
  link.answer = (sql) => {
    const tables = ['SCHEMA_MIGRATIONS', 'DEPLOYMENTS'];
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
    const verbs = link.sent.slice(2).map((sql) => /(CREATE|INSERT)/.exec(sql)?.[0]);
    expect(verbs).to.deep.equal(['CREATE', 'INSERT', 'CREATE', 'INSERT']);
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
