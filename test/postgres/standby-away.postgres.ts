import { expect } from 'chai';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import { silent } from '../snowflake/support/silent.js';
import { keyed, StoreUser } from '../store/harness.js';
import { until } from '../support/until.js';
import { describeInstalled, programs } from './installed.js';
import { optionsFor } from './options.js';
import { startPostgres } from './server.js';
import { runStatement } from './shared.js';
import { startStandby } from './standby.js';

describeInstalled('a synchronous standby that is away', () => {
  it('keeps changes from being acknowledged and seen, and none is made twice once it does not', async () => {
    const primary = await startPostgres({ programs, isDurable: true });
    const standby = await startStandby(primary);
    const url = primary.url('postgres');
    const store = await openPostgresStore({ ...optionsFor(url), timeoutMs: 3_000 }, silent);
    try {
      const acme = new StoreUser(store, 'acme');
      await acme.create({ version: '0' });
      await standby.stop();
      const create = () => acme.create({ version: '1' }, keyed('a key'));
      const lost: unknown = await create().catch((error: unknown) => error);
      expect(lost).to.have.property('code', 'unavailable');
      expect(String(lost)).to.include('may have been made');
      // Who reads is served, and nobody has seen what a standby might not know of.
      expect(await acme.versions()).to.deep.equal(['0']);

      await runStatement(url, "ALTER SYSTEM SET synchronous_standby_names = ''");
      await runStatement(url, 'SELECT pg_reload_conf()');
      await until('it is there', async () => (await acme.versions()).length === 2);
      expect((await create()).replayed).to.equal(true);
      expect(await acme.versions()).to.deep.equal(['1', '0']);
    } finally {
      await store.close();
      await primary.stop();
    }
  });
});
