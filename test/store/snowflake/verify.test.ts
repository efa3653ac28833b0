import { expect } from 'chai';
import type { Row } from '../../../src/store/snowflake/statement.js';
import { explainLogin } from '../../../src/store/snowflake/explain-login.js';
import { warnOfReads } from '../../../src/store/snowflake/read-consistency.js';
import { schemaFilesOf } from '../../../src/store/snowflake/schema.js';
import { verify } from '../../../src/store/snowflake/verify.js';
import { driverError, FakeLink, options } from './fakes.js';
import { columnsOf, tables } from './schema-columns.js';

const context = {
  USER_NAME: 'SERVICE',
  ROLE_NAME: 'QUEUE',
  WAREHOUSE_NAME: 'WH',
  DATABASE_NAME: 'DB',
  SCHEMA_NAME: 'S',
};

/** A session in a schema that is in order, but for what a test takes away. */
function linkTo(
  changes: {
    context?: object;
    tables?: string[];
    lacks?: string;
    versions?: number;
    collated?: string[];
    refuse?: RegExp;
  } = {},
): FakeLink {
  const link = new FakeLink();
  const columns = tables.flatMap((table) =>
    columnsOf('hybrid', table)
      .map((column) => column.split(' ', 1).join())
      .filter((column) => column !== changes.lacks)
      .map((column) => [table, column] as const),
  );
  link.answer = async (sql): Promise<Row[]> => {
    if (sql.includes('collation_name')) {
      return (changes.collated ?? []).map((table) => ({ COLLATED: table.toUpperCase() }));
    }
    if (sql.includes('CURRENT_USER')) return [{ ...context, ...changes.context }];
    if (sql.includes('information_schema.columns')) {
      return columns.map(([table, column]) => ({
        TABLE_NAME: table.toUpperCase(),
        COLUMN_NAME: column.toUpperCase(),
      }));
    }
    if (sql.includes('information_schema')) {
      const present = changes.tables ?? tables;
      return present.map((name) => ({ TABLE_NAME: name.toUpperCase(), IS_HYBRID: 'YES' }));
    }
    if (sql.includes('SELECT DISTINCT version')) {
      return schemaFilesOf('hybrid')
        .slice(0, changes.versions)
        .map(({ version }) => ({ VERSION: version }));
    }
    if (sql.includes('NEXTVAL')) return [{ FENCE: 1 }];
    if (changes.refuse?.test(sql)) throw driverError(3001, 'Insufficient privileges');
    return Promise.resolve([]);
  };
  return link;
}

describe('db:verify', () => {
  it('names user, role, warehouse and place, and finds nothing to mend', async () => {
    const { facts, faults } = await verify(linkTo(), options);
    expect(faults).to.deep.equal([]);
    const files = schemaFilesOf('hybrid').length;
    for (const name of Object.values(context)) expect(facts.join('\n')).to.include(name);
    expect(facts.join('\n')).to.include(`${files} of ${files} files applied`);
  });

  it('says with which grant a missing right is mended', async () => {
    const { faults } = await verify(linkTo({ refuse: /^UPDATE deployments/ }), options);
    const grant = 'GRANT UPDATE ON TABLE DB.S.deployments TO ROLE QUEUE';
    expect(faults).to.deep.equal([`rights on deployments: ${grant}`]);
  });

  it('says which columns are missing', async () => {
    const { faults } = await verify(linkTo({ lacks: 'started_at', versions: 6 }), options);
    expect(faults).to.include('table deployments lacks started_at: npm run db:migrate');
  });

  it('says which table is of another service, and does not look further', async () => {
    const link = linkTo({ lacks: 'taxonomy_key' });
    const { faults } = await verify(link, options);
    expect(faults[0]).to.match(/^The table deployments of this schema is not this service's/);
    expect(link.sent.filter((sql) => /UPDATE|BEGIN/.test(sql))).to.deep.equal([]);
  });

  it('says that a table has a collation', async () => {
    const { faults } = await verify(linkTo({ collated: ['tenants'] }), options);
    expect(faults).to.have.length(1);
    expect(faults[0]).to.match(/^table tenants compares texts by a collation/);
  });

  it('does what the service does, and undoes it', async () => {
    const link = linkTo();
    const { facts } = await verify(link, options);
    expect(facts.join('\n')).to.include('tried');
    const [change] = link.sent.filter((sql) => sql.startsWith('BEGIN'));
    expect(change).to.match(/;\nROLLBACK$/);
    expect(change).not.to.include('COMMIT');
  });

  it('says what the service could not do', async () => {
    const { faults } = await verify(linkTo({ refuse: /^BEGIN|WITH RECURSIVE/ }), options);
    expect(faults).to.deep.equal([
      'reading lineage: Insufficient privileges',
      'storing changes: Insufficient privileges',
    ]);
  });

  it('says which tables are missing, or of another kind', async () => {
    const { faults } = await verify(linkTo({ tables: tables.slice(0, 2) }), options);
    expect(faults.filter((fault) => fault.includes('npm run db:migrate'))).to.have.length(
      tables.length - 2,
    );
    const standard = await verify(linkTo(), { ...options, tables: 'standard' });
    expect(standard.faults.join('\n')).to.include('set SNOWFLAKE_TABLES to hybrid');
  });

  it('says what keeps it from looking further', async () => {
    const { faults } = await verify(
      linkTo({ context: { WAREHOUSE_NAME: null, SCHEMA_NAME: null } }),
      options,
    );
    expect(faults).to.have.length(2);
    expect(faults[0]).to.include('GRANT USAGE ON WAREHOUSE WH TO ROLE QUEUE');
    expect(faults[1]).to.match(/^DB\.S: create it/);
  });
});

describe('the warning of stale reads', () => {
  const linkThatReads = (mode: string | Error): FakeLink => {
    const link = new FakeLink();
    link.answer = () =>
      mode instanceof Error ? Promise.reject(mode) : Promise.resolve([{ value: mode }]);
    return link;
  };

  it('is for standard tables, in an account that does not read globally', async () => {
    expect(await warnOfReads(linkThatReads('SESSION'), 'standard')).to.match(
      /^READ_CONSISTENCY_MODE is SESSION: .*ALTER ACCOUNT SET READ_CONSISTENCY_MODE = 'GLOBAL'/,
    );
    expect(await warnOfReads(linkThatReads('GLOBAL'), 'standard')).to.equal(undefined);
    expect(await warnOfReads(linkThatReads('SESSION'), 'hybrid')).to.equal(undefined);
  });

  it('says so where the role may not look', async () => {
    const link = linkThatReads(driverError(3001, 'Insufficient privileges'));
    expect(await warnOfReads(link, 'standard')).to.match(/cannot be read: SHOW PARAMETERS/);
  });
});

describe('a login that failed', () => {
  const cases: [code: number | string, remedy: RegExp][] = [
    [390144, /^failed \(390144\)\nThe key does not fit the user/],
    [394304, /^failed \(394304\)\nThe key does not fit the user/],
    [394300, /there is no such user/],
    [394303, /the clock/],
    [394400, /SNOWFLAKE_PROGRAMMATIC_ACCESS_TOKEN_PATH.*network policy/],
    [390303, /security integration/],
    [390422, /network policy/],
    [394999, /LOGIN_HISTORY/],
    ['ERR_BAD_REQUEST', /SNOWFLAKE_OAUTH_CLIENT_ID/],
    [390100, /Check SNOWFLAKE_USER/],
    [401001, /Check SNOWFLAKE_ACCOUNT/],
    [999999, /^failed \(999999\)$/],
    ['', /^failed$/],
  ];
  for (const [code, remedy] of cases) {
    it(`is explained by its number: ${code || 'none'}`, () => {
      expect(explainLogin(driverError(code))).to.match(remedy);
    });
  }

  it('without an error is explained as far as can be', () => {
    expect(explainLogin('x')).to.equal('It failed for an unknown reason');
  });
});
