import { expect } from 'chai';
import { describeInstalled, programs, version } from './installed.js';
import { startPostgres } from './server.js';
import type { PostgresServer } from './server.js';
import { optionsFor } from './options.js';
import { runStatement } from './shared.js';
import { describePostgresStore } from './store.js';

describeInstalled('an older PostgreSQL', () => {
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
