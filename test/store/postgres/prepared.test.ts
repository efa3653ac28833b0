import { expect } from 'chai';
import { startDeadline } from '../../../src/store/deadline.js';
import { unobserved } from '../../../src/store/observer.js';
import { createClient } from '../../../src/store/postgres/client.js';
import { loadDriver } from '../../../src/store/postgres/driver.js';
import { createPool } from '../../../src/store/postgres/pool.js';
import { openPostgresStore } from '../../../src/store/postgres/store.js';
import { plain } from '../../../src/store/postgres/statement.js';
import { optionsFor } from '../../postgres/options.js';
import { preparedOn } from '../../postgres/prepared.js';
import { newDatabase, runStatement } from '../../postgres/shared.js';
import { silent } from '../../snowflake/support/silent.js';
import { StoreUser } from '../harness.js';

describe('what PostgreSQL keeps prepared', () => {
  it('is what is asked again and again, where the connection leads to the server itself', async () => {
    const options = optionsFor(await newDatabase());
    expect(await preparedOn(options)).to.deep.equal(['SELECT $1::int AS prepared']);
  });

  it('may be of an older schema on every connection: reads and changes go on', async () => {
    const url = await newDatabase();
    const options = { ...optionsFor(url), poolSize: 5 };
    const store = await openPostgresStore(options, silent);
    try {
      const acme = new StoreUser(store, 'acme');
      const [{ stored }] = await Promise.all([acme.create(), acme.create()]);
      const { id } = stored.deployment;
      const read = () => acme.store.read({ read: 'deployment', id });
      const readAtOnce = () => Promise.all(Array.from({ length: options.poolSize }, read));
      for (let nth = 0; nth < 3; nth += 1) await readAtOnce();
      await runStatement(url, 'ALTER TABLE deployments ALTER COLUMN notes TYPE varchar(20000)');
      await acme.move(id, 'in_progress');
      for (const found of await readAtOnce()) {
        expect(found?.deployment).to.include({ id, status: 'in_progress' });
      }
    } finally {
      await store.close();
    }
  });

  it('may be gone from a connection: another one is asked', async () => {
    const options = { ...optionsFor(await newDatabase()), poolSize: 1 };
    const pool = createPool(await loadDriver(options), options, silent, unobserved);
    try {
      const client = createClient(pool, options, silent, unobserved);
      const deadline = startDeadline(options.timeoutMs);
      const ask = () => client.read([{ sql: 'SELECT $1::int AS number', values: [1] }], deadline);
      for (let nth = 0; nth < 2; nth += 1) await ask();
      await pool.use(deadline, (link) => link.query(plain('DEALLOCATE ALL')));
      expect(await ask()).to.deep.equal([[{ number: 1 }]]);
    } finally {
      await pool.close(options.timeoutMs);
    }
  });
});
