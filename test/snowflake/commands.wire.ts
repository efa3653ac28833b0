import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { tableKinds } from '../../src/store/snowflake/options.js';
import { schemaFilesOf } from '../../src/store/snowflake/schema.js';
import { Processes } from '../support/process.js';
import { environmentFor, optionsFor, withLink } from './support/schema.js';
import { password, SnowflakeServer } from './support/server.js';

describe('the commands for Snowflake', function () {
  this.timeout(60_000);
  let server: SnowflakeServer;
  let processes: Processes;
  let environment: Record<string, string>;
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  beforeEach(async () => {
    server = await SnowflakeServer.start([publicKey]);
    processes = await Processes.create();
    environment = environmentFor(optionsFor(server));
  });
  afterEach(async () => {
    await processes.dispose();
    await server.stop();
  });

  const schemas = async (): Promise<unknown[]> => {
    const rows = await withLink(optionsFor(server), (link) =>
      link.query({ sql: 'SELECT schema_name AS it FROM information_schema.schemata', values: [] }),
    );
    return rows.map(({ IT: name }) => name);
  };

  const run = (command: 'migrate' | 'verify' | 'probe', more: Record<string, string> = {}) =>
    processes.run({ ...environment, ...more }, `src/commands/db-${command}.ts`).ended;

  for (const kind of tableKinds) {
    const count = schemaFilesOf(kind).length;
    it(`apply each schema file of ${kind} tables once, and find all well then`, async () => {
      const more = { SNOWFLAKE_TABLES: kind };
      const before = await run('verify', more);
      expect(before).to.include({ code: 1, stderr: '' });
      expect(before.stdout).to.match(/MISSING {2}schema files 0001.*npm run db:migrate/);

      const first = await run('migrate', more);
      expect(first).to.include({ code: 0, stderr: '' });
      expect(first.stdout.match(/^applied \d{4}_\w+\.sql$/gm)).to.have.length(count);
      const second = await run('migrate', more);
      expect(second).to.include({ code: 0, stderr: '' });
      expect(second.stdout).to.match(/^Nothing to do/);

      const after = await run('verify', more);
      expect(after, after.stdout).to.include({ code: 0, stderr: '' });
      expect(after.stdout).to.match(/user +DEPLOYMENT_QUEUE\nrole +DEPLOYER\nwarehouse COMPUTE_WH/);
      expect(after.stdout).to.match(/All is well\n$/);
      const warning = 'WARNING  READ_CONSISTENCY_MODE is SESSION';
      expect(after.stdout.includes(warning), after.stdout).to.equal(kind === 'standard');
    });
  }

  it('give statements that go through all rows more time than the service gives its own', async () => {
    await run('migrate', { SNOWFLAKE_TIMEOUT_MS: '15000' });
    const sessions = (await server.requests()).filter(({ sql }) =>
      sql?.startsWith('ALTER SESSION'),
    );
    expect(sessions[0]?.sql).to.include('STATEMENT_TIMEOUT_IN_SECONDS = 3600');
  });

  it('refuse the tables of the earlier service by name, and leave them as they are', async () => {
    await withLink(optionsFor(server), (link) =>
      link.query({ sql: 'CREATE TABLE deployments (id VARCHAR(36), name VARCHAR)', values: [] }),
    );
    await server.reset();
    for (const command of ['migrate', 'verify'] as const) {
      const { code, stdout, stderr } = await run(command);
      expect(code).to.equal(1);
      expect(stdout + stderr).to.match(
        /The table deployments of this schema is not this service's: it lacks created_at, .*docs\/COMING_FROM_THE_PYTHON_SERVICE\.md/,
      );
    }
    const sent = (await server.requests()).map(({ sql }) => sql?.trim() ?? 'SELECT');
    expect(
      sent.filter((sql) => !/^(SELECT|SHOW|ALTER SESSION|USE SECONDARY ROLES)/.test(sql)),
    ).to.deep.equal([]);
  });

  it('refuse a schema whose tables would get a collation', async () => {
    await withLink(optionsFor(server), (link) =>
      link.query({ sql: "ALTER SCHEMA public SET DEFAULT_DDL_COLLATION = 'en-ci'", values: [] }),
    );
    const { code, stderr } = await run('migrate');
    expect(code).to.equal(1);
    expect(stderr).to.match(/collation en-ci.*SET DEFAULT_DDL_COLLATION = ''/);
  });

  it('find a column that is too short for what the service writes', async () => {
    const more = { SNOWFLAKE_TABLES: 'standard' };
    await run('migrate', more);
    await withLink(optionsFor(server, { tables: 'standard' }), async (link) => {
      await link.query({ sql: 'DROP TABLE write_lock', values: [] });
      const made = "CREATE TABLE write_lock AS SELECT 'changes' AS name, '' AS change_id";
      await link.query({ sql: made, values: [] });
    });
    const { code, stdout } = await run('verify', more);
    expect(code).to.equal(1);
    expect(stdout).to.match(
      /MISSING {2}storing changes: [^]*WRITE_LOCK failed on column CHANGE_ID/,
    );
  });

  for (const [rows, change] of [
    [0, 'DELETE FROM write_lock'],
    [2, "INSERT INTO write_lock (name, change_id) VALUES ('changes', '')"],
  ] as const) {
    it(`say how write_lock gets its one row when it has ${rows}`, async () => {
      const more = { SNOWFLAKE_TABLES: 'standard' };
      await run('migrate', more);
      const standard = optionsFor(server, { tables: 'standard' });
      await withLink(standard, (link) => link.query({ sql: change, values: [] }));
      const { code, stdout } = await run('verify', more);
      expect(code).to.equal(1);
      const [, remedy = ''] =
        new RegExp(`MISSING  The table write_lock has ${rows} rows, .*: (DELETE .*)$`, 'm').exec(
          stdout,
        ) ?? [];
      for (const sql of remedy.split(', then '))
        await withLink(standard, (link) => link.query({ sql, values: [] }));
      expect((await run('verify', more)).code).to.equal(0);
    });
  }

  it('warn no more of stale reads once the account reads globally', async () => {
    const more = { SNOWFLAKE_TABLES: 'standard' };
    await withLink(optionsFor(server, { role: 'ACCOUNTADMIN' }), (link) =>
      link.query({ sql: "ALTER ACCOUNT SET READ_CONSISTENCY_MODE = 'GLOBAL'", values: [] }),
    );
    expect((await run('verify', more)).stdout).not.to.include('WARNING');
  });

  it('report what Snowflake does, and remove the schema in which they found it out', async () => {
    const { code, stdout, stderr } = await run('probe');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/^# What Snowflake does/);
    const [, schema = ''] = /^schema (\w+)$/m.exec(stderr) ?? [];
    expect(stderr).to.match(/^schema \w+ removed$/m);
    expect(await schemas()).not.to.include(schema);
    for (const secret of [password, 'DEPLOYMENT_QUEUE', 'DEPLOYMENTS_DB', schema])
      expect(stdout).not.to.match(new RegExp(`(?<!\\w)${secret}(?!\\w)`));
  });

  it('are named by a service that finds no schema, and it changes nothing', async () => {
    const { code, stdout } = await processes.run({ ...environment, AUTH_ENABLED: 'false' }).ended;
    expect(code).to.equal(1);
    expect(stdout).to.match(/not up to date.*run npm run db:migrate/);
    const created = (await server.requests()).filter(({ sql }) => /create/i.test(sql ?? ''));
    expect(created).to.deep.equal([]);
  });

  it('say which grant is missing', async () => {
    await run('migrate');
    const denied = { code: '003001', sqlState: '42501', message: 'Insufficient privileges' };
    await server.fault({ kind: 'error', match: '^delete from changes', times: null, ...denied });
    const { code, stdout } = await run('verify');
    expect(code).to.equal(1);
    expect(stdout).to.include(
      'GRANT DELETE ON TABLE DEPLOYMENTS_DB.PUBLIC.changes TO ROLE DEPLOYER',
    );
  });

  it('say what to do about a refused login, without the secret', async () => {
    await server.fault({ kind: 'refuse_login', times: null });
    const { code, stderr } = await run('verify');
    expect(code).to.equal(1);
    expect(stderr).to.match(/390100.*\nCheck SNOWFLAKE_USER and the password, key or token/);
    expect(stderr).not.to.include(password);
  });

  it('log in by a key that is encrypted', async () => {
    const path = join(processes.folder, 'key.pem');
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'open sesame' };
    await writeFile(
      path,
      keys.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString(),
    );
    const { code, stdout } = await run('migrate', {
      SNOWFLAKE_PASSWORD: '',
      SNOWFLAKE_PRIVATE_KEY_PATH: path,
      SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'open sesame',
    });
    expect(stdout).to.include('applied 0001_schema_migrations.sql');
    expect(code).to.equal(0);
  });

  it('may run twice at once', async () => {
    const runs = await Promise.all([run('migrate'), run('migrate')]);
    for (const { code, stderr } of runs)
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    const rows = await withLink(optionsFor(server), (link) =>
      link.query({ sql: 'SELECT COUNT(*) AS n FROM schema_migrations', values: [] }),
    );
    expect(rows).to.deep.equal([{ N: schemaFilesOf('hybrid').length }]);
  });

  it('leave the service on Snowflake silent but for its log, and let it end', async () => {
    await run('migrate');
    const service = await processes.start({ ...environment, AUTH_ENABLED: 'false' });
    const created = await fetch(`${service.apiUrl}/v1/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"a","version":"1","environment":"e","provider":"gcp","type":"k8s"}',
    });
    expect(created.status).to.equal(201);
    const sessions = await server.sessions();
    expect(sessions).not.to.be.empty;
    for (const { parameters, secondaryRoles } of sessions) {
      expect(secondaryRoles).to.equal('NONE');
      expect(parameters).to.include({
        TIMEZONE: 'UTC',
        READ_LATEST_WRITES: true,
        TRANSACTION_ABORT_ON_ERROR: true,
        HYBRID_TABLE_LOCK_TIMEOUT: 5,
        STATEMENT_TIMEOUT_IN_SECONDS: 15,
      });
    }
    const telemetry = (await server.requests()).filter(({ path }) => path.includes('telemetry'));
    expect(telemetry).to.deep.equal([]);
    service.signal('SIGTERM');
    const { stderr } = await service.ended;
    expect(stderr).to.equal('');
    expect(await server.sessions()).to.deep.equal([]);
  });
});
