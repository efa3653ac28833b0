import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { letGo } from '../support/let-go.js';
import { runCommand as run } from '../support/run-command.js';

describe('the commands on the database', () => {
  for (const command of ['db-migrate', 'db-verify', 'db-probe']) {
    it(`${command} has nothing to do for SQLite, and says so`, async () => {
      const { code, stdout, stderr } = await run(command, { STORE: 'sqlite' });
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(/^The store is SQLite/);
    });

    it(`${command} names every setting that is wrong`, async () => {
      const { code, stdout, stderr } = await run(command, { STORE: 'snowflake' });
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.include('SNOWFLAKE_ACCOUNT must be set').and.include('SNOWFLAKE_USER');
    });

    it(`${command} says what to check when Snowflake cannot be reached`, async () => {
      const { code, stdout, stderr } = await run(command, {
        SNOWFLAKE_ACCOUNT: 'acme',
        SNOWFLAKE_USER: 'service',
        SNOWFLAKE_PASSWORD: 'not-to-be-shown',
        SNOWFLAKE_ACCESS_URL: 'http://127.0.0.1:9',
      });
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.include('Check SNOWFLAKE_ACCOUNT').and.not.include('not-to-be-shown');
    });
  }

  it('db-backup and db-restore say where the data is, and what was kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    try {
      const path = join(folder, 'deployments.db');
      const backup = join(folder, 'backup.db');
      const settings = { SQLITE_PATH: path };
      await (await openSqliteStore(path)).close();
      await letGo();
      expect(await run('db-backup', settings, backup)).to.deep.equal({
        code: 0,
        stdout: `${backup} holds 0 deployments of ${path} (schema 11)\n`,
        stderr: '',
      });
      const again = await run('db-backup', settings, backup);
      expect(again).to.include({ code: 1, stdout: '' });
      expect(again.stderr).to.match(/exists and is left as it is; name a new file/);
      const { code, stdout, stderr } = await run('db-restore', settings, backup);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout.split('\n')).to.have.length(3);
      expect(stdout)
        .to.include(`${path} holds the 0 deployments of ${backup} (schema 11)\n`)
        .and.include(`What was there before is kept in ${path}.replaced-`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const command of ['backup', 'restore']) {
    it(`db-${command} says how it is called, and that it is not for Snowflake`, async () => {
      for (const args of [[], ['one', 'two']]) {
        const { code, stderr } = await run(`db-${command}`, {}, ...args);
        expect({ code, stderr }).to.deep.equal({
          code: 1,
          stderr: `Usage: npm run db:${command} -- FILE\n`,
        });
      }
      const snowflake = {
        SNOWFLAKE_ACCOUNT: 'acme',
        SNOWFLAKE_USER: 'service',
        SNOWFLAKE_PASSWORD: 'not-to-be-shown',
      };
      const { code, stdout, stderr } = await run(`db-${command}`, snowflake, 'file.db');
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr)
        .to.match(/The store is Snowflake.*Time Travel/)
        .and.not.include('not-to-be');
    });
  }
});
