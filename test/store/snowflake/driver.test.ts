import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { connectionOptions, createConnect } from '../../../src/store/snowflake/driver.js';
import { openSession, sessionStatement } from '../../../src/store/snowflake/session.js';
import { compiled } from '../../support/compiled.js';
import { driverError, FakeSdk, options } from './fakes.js';

describe("Snowflake's driver", () => {
  it('is told the account, the user and where to work, and to log nothing', async () => {
    const sdk = new FakeSdk();
    await createConnect(sdk, options)();
    expect(sdk.configured).to.deep.equal([{ logLevel: 'OFF' }]);
    expect(sdk.created).to.deep.equal([
      {
        account: 'myorg-myaccount',
        username: 'SERVICE',
        password: 'secret',
        warehouse: 'WH',
        database: 'DB',
        schema: 'S',
        application: 'deployment-queue-api',
        streamResult: true,
        sfRetryMaxLoginRetries: 0,
        timeout: 1_000,
      },
    ]);
  });

  it('logs in by key, in a role and at an address where they are set', () => {
    const login = { kind: 'key-pair', privateKey: 'PEM' } as const;
    const found = connectionOptions({ ...options, login, role: 'R', accessUrl: 'https://x' });
    expect(found).to.include({
      authenticator: 'SNOWFLAKE_JWT',
      privateKey: 'PEM',
      role: 'R',
      accessUrl: 'https://x',
    });
    expect(found).not.to.have.property('password');
  });

  it('sends a statement with its values, and gives its rows', async () => {
    const sdk = new FakeSdk();
    sdk.rows = [{ N: 1 }, { N: 2 }];
    const link = await createConnect(sdk, options)();
    expect(await link.query({ sql: 'SELECT ?', values: ['a'] })).to.deep.equal(sdk.rows);
    expect(sdk.executed[0])
      .to.include({ sqlText: 'SELECT ?' })
      .and.deep.include({ binds: ['a'] });
  });

  it('sends several statements as one, with the values of all', async () => {
    const sdk = new FakeSdk();
    const link = await createConnect(sdk, options)();
    await link.batch([
      { sql: 'A ?', values: [1] },
      { sql: 'B ?, ?', values: [2, null] },
    ]);
    expect(sdk.executed[0]).to.deep.include({
      sqlText: 'A ?;\nB ?, NULL',
      binds: [1, 2],
      parameters: { MULTI_STATEMENT_COUNT: 2 },
    });
  });

  it('hands on what a login or a statement fails with, and closes what is gone', async () => {
    const sdk = new FakeSdk();
    const link = await createConnect(sdk, options)();
    sdk.executeError = driverError('000904');
    const statement = { sql: 'SELECT', values: [] };
    for (const call of [link.query(statement), link.batch([statement])]) {
      expect(await call.catch((error: unknown) => error)).to.equal(sdk.executeError);
    }
    await link.close();
    sdk.connectError = driverError('390100');
    const failed = await createConnect(sdk, options)().catch((error: unknown) => error);
    expect(failed).to.equal(sdk.connectError);
  });

  it('is loaded by the Snowflake store, and not by a service on SQLite', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const source = new URL('.', pathToFileURL(compiled('src/main.ts'))).href;
    const script = `
      import { createRequire } from 'node:module';
      const { startService } = await import('${source}service.js');
      const { readSettings } = await import('${source}settings/settings.js');
      const { createLogger } = await import('${source}platform/logging.js');
      const { loadDriver } = await import('${source}store/snowflake/driver.js');
      const loaded = () => Object.keys(createRequire('${source}').cache)
        .filter((path) => path.includes('snowflake-sdk')).length > 0;
      const service = await startService(readSettings({ AUTH_ENABLED: 'false', API_PORT: '0',
        MANAGEMENT_PORT: '0', SQLITE_PATH: 'd.db' }), createLogger('silent'));
      const before = loaded();
      await service.stop();
      await loadDriver({ telemetry: false });
      console.log(JSON.stringify([before, loaded()]));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    await rm(folder, { recursive: true });
    expect(JSON.parse(output)).to.deep.equal([false, true]);
  });
});

describe('a Snowflake session', () => {
  it('is UTC, reads what was just written, undoes what fails, and waits within bounds', () => {
    expect(sessionStatement({ ...options, timeoutMs: 15_000 })).to.equal(
      "ALTER SESSION SET TIMEZONE = 'UTC', TIMESTAMP_INPUT_FORMAT = 'AUTO', AUTOCOMMIT = TRUE, " +
        'JS_TREAT_INTEGER_AS_BIGINT = FALSE, TRANSACTION_ABORT_ON_ERROR = TRUE, LOCK_TIMEOUT = 5, ' +
        'STATEMENT_TIMEOUT_IN_SECONDS = 15, STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 15, ' +
        "QUERY_TAG = 'deployment-queue-api', READ_LATEST_WRITES = TRUE, " +
        'HYBRID_TABLE_LOCK_TIMEOUT = 5',
    );
  });

  it('works with the rights of its role alone', async () => {
    const sdk = new FakeSdk();
    await openSession(createConnect(sdk, options), options);
    expect(sdk.executed.map(({ sqlText }) => sqlText)).to.deep.equal([
      'USE SECONDARY ROLES NONE',
      sessionStatement(options),
    ]);
  });

  it('asks for nothing of hybrid tables where there are none', () => {
    expect(sessionStatement({ ...options, tables: 'standard' })).not.to.match(/HYBRID|LATEST/);
  });

  it('that cannot be set up is closed', async () => {
    const sdk = new FakeSdk();
    sdk.executeError = driverError('001006');
    const failed = await openSession(createConnect(sdk, options), options).catch(
      (error: unknown) => error,
    );
    expect(failed).to.equal(sdk.executeError);
  });
});
