import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';

/** Runs a command of `src/commands` with only these settings. */
async function run(command: string, settings: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx/esm', `src/commands/${command}.ts`], {
    env: {
      PATH: process.env['PATH'],
      NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'],
      ...settings,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

describe('the commands on the database', function () {
  this.timeout(60_000);

  for (const command of ['db-migrate', 'db-verify']) {
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
});
