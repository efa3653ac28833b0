import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import { verify } from '../../src/store/postgres/verify.js';
import { loadDriver, withConnection } from '../../src/store/postgres/driver.js';
import { silent } from '../snowflake/support/silent.js';
import { StoreUser } from '../store/harness.js';
import { describeInstalled, programs } from './installed.js';
import { optionsFor } from './options.js';
import { makeFolder, startPostgres } from './server.js';
import type { PostgresServer } from './server.js';
import { runStatement } from './shared.js';

const run = promisify(execFile);

describeInstalled('a dump, restored as docs/POSTGRESQL.md says', () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ programs });
  });
  after(() => server.stop());

  it('has all that was there, and the service goes on from it', async () => {
    const admin = server.url('postgres');
    for (const sql of [
      'CREATE ROLE deployment_queue LOGIN',
      'CREATE DATABASE queue OWNER deployment_queue',
    ])
      await runStatement(admin, sql);
    const owned = (database: string): string => {
      const url = new URL(server.url(database));
      url.username = 'deployment_queue';
      return url.href;
    };
    const before = await openPostgresStore(optionsFor(owned('queue')), silent);
    const acme = new StoreUser(before, 'acme');
    await acme.place({ version: '1', notes: 'Zürich' }, 'in_progress', 'deployed');
    const { deployment } = await acme.place({ version: '2' }, 'deployed');
    await acme.rollback();
    const feedOf = (user: StoreUser) =>
      user.store.read({ read: 'feed', from: { after: 0 }, limit: 100 });
    const feed = await feedOf(acme);
    // One that has no position yet.
    await acme.update(deployment.id, { notes: 'last' });
    const stored = await acme.list();

    const file = join(await makeFolder(), 'queue.dump');
    // While the service runs.
    await run(`${programs}/pg_dump`, ['--format=custom', `--file=${file}`, owned('queue')]);
    await before.close();
    const at = ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'postgres'];
    await run(`${programs}/createdb`, [
      ...at,
      ...['--owner=deployment_queue', '--encoding=UTF8', '--template=template0', 'queue_restored'],
    ]);
    await run(`${programs}/pg_restore`, [
      ...at,
      ...['--no-owner', '--role=deployment_queue', '--exit-on-error', '--single-transaction'],
      ...['--dbname=queue_restored', file],
    ]);
    const options = { ...optionsFor(owned('queue_restored')), migrate: 'never' } as const;
    const { faults } = await withConnection(await loadDriver(options), options.url, (link) =>
      verify(link, options),
    );
    expect(faults).to.deep.equal([]);

    const after = await openPostgresStore(options, silent);
    try {
      const again = new StoreUser(after, 'acme');
      expect(await again.list()).to.deep.equal(stored);
      await again.create({ version: '3' });
      const whole = await feedOf(again);
      expect(whole.entries.slice(0, feed.entries.length)).to.deep.equal(feed.entries);
      const rest = whole.entries.slice(feed.entries.length);
      expect(
        rest.map(({ position, deployment: { version }, event }) => [
          position - feed.position,
          version,
          event.revision,
        ]),
      ).to.deep.equal([
        [1, '2', 3],
        [2, '3', 1],
      ]);
    } finally {
      await after.close();
    }
  });
});
