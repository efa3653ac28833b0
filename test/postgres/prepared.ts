import { startDeadline } from '../../src/store/deadline.js';
import { unobserved } from '../../src/store/observer.js';
import { loadDriver } from '../../src/store/postgres/driver.js';
import type { PostgresOptions } from '../../src/store/postgres/options.js';
import { createPool } from '../../src/store/postgres/pool.js';
import { plain } from '../../src/store/postgres/statement.js';
import { silent } from '../snowflake/support/silent.js';

/** What a connection of the store has prepared after it was asked one thing twice, and another one to be planned anew. */
export async function preparedOn(options: PostgresOptions): Promise<unknown[]> {
  const pool = createPool(await loadDriver(options), options, silent, unobserved);
  try {
    return await pool.use(startDeadline(options.timeoutMs), async (link) => {
      // Where the connection leads is known once there is an answer.
      for (const number of [1, 2]) {
        await link.query({ sql: 'SELECT $1::int AS prepared', values: [number] });
      }
      await link.query({ sql: 'SELECT $1::int AS planned', values: [1], planned: 'each time' });
      const rows = await link.query(plain('SELECT statement FROM pg_prepared_statements'));
      return rows.map(({ statement }) => statement);
    });
  } finally {
    await pool.close(options.timeoutMs);
  }
}
