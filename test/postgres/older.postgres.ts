import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { startPostgres } from './server.js';
import type { PostgresServer } from './server.js';
import { optionsFor } from './options.js';
import { runStatement } from './shared.js';
import { describePostgresStore } from './store.js';

/** The oldest version that the service works with, where Debian puts it; another one by `POSTGRES_PROGRAMS`. */
const programs = process.env['POSTGRES_PROGRAMS'] ?? '/usr/lib/postgresql/15/bin';

/** What the programs there say that they are; nothing when there are none. */
function versionOf(folder: string): string | undefined {
  try {
    return /\d+/.exec(execFileSync(`${folder}/postgres`, ['--version'], { encoding: 'utf8' }))?.[0];
  } catch {
    return undefined;
  }
}

const version = versionOf(programs);
if (version === undefined) {
  console.error(
    `SKIPPED the store on PostgreSQL 15, nothing of it was run: it is not in ${programs} ` +
      '(apt-get install postgresql-15)',
  );
} else {
  describe('an older PostgreSQL', () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ programs });
    });
    after(() => server.stop());

    it('is what runs', async () => {
      const [row] = await runStatement(server.url('postgres'), 'SHOW server_version_num');
      expect(String(row?.['server_version_num'])).to.match(new RegExp(`^${version}`));
    });

    describePostgresStore(`PostgreSQL ${version}`, async () => {
      await runStatement(server.url('postgres'), 'CREATE DATABASE store');
      return optionsFor(server.url('store'));
    });
  });
}
