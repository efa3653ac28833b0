import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDatabase } from '../../src/store/sqlite/database.js';
import { createReaderPool } from '../../src/store/sqlite/reader-pool.js';
import type { ReaderPool } from '../../src/store/sqlite/reader-pool.js';

describe('the readers of a SQLite file', () => {
  let folder: string;
  let pool: ReaderPool;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const path = join(folder, 'numbers.db');
    const database = openDatabase(path);
    database.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT');
    database.close();
    pool = createReaderPool(path);
  });
  afterEach(async () => {
    await pool.close();
    await rm(folder, { recursive: true });
  });

  /** Counts up to a number: some take longer than others. */
  const count = (tenant: string, to: number, maxBytes = Infinity) =>
    pool.query(tenant, {
      sql: `WITH RECURSIVE counted (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
            SELECT max(n) AS n, 10 AS bytes FROM counted`,
      values: [to],
      maxBytes,
    });

  it('answer while this thread goes on', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    expect(await count('acme', 500_000)).to.deep.equal([{ n: 500_000, bytes: 10 }]);
    clearInterval(timer);
    expect(turns).to.be.above(1);
  });

  it('read no further than is wanted', async () => {
    const rows = await pool.query('acme', {
      sql: 'SELECT value AS n, 10 AS bytes FROM json_each(?)',
      values: ['[1, 2, 3, 4, 5, 6]'],
      maxBytes: 25,
    });
    expect(rows.map(({ n }) => n)).to.deep.equal([1, 2, 3]);
  });

  it('cannot write', async () => {
    const error = await pool
      .query('acme', { sql: 'DELETE FROM numbers', values: [], maxBytes: 0 })
      .catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'unavailable');
  });

  it('say what is wrong with a query, and go on', async () => {
    const error = await pool
      .query('acme', { sql: 'SELECT n FROM nowhere', values: [], maxBytes: 0 })
      .catch((thrown: unknown) => thrown);
    expect(error).to.have.property('message', 'no such table: nowhere');
    expect(await count('acme', 3)).to.have.length(1);
  });

  it('take turns among tenants, of whom none has them all', async () => {
    const order: string[] = [];
    const ask = (tenant: string, to: number) =>
      count(tenant, to).then(() => void order.push(tenant));
    const noisy = Array.from({ length: 8 }, () => ask('noisy', 300_000));
    const quiet = ask('quiet', 1);
    await Promise.all([...noisy, quiet]);
    // Last if it had to wait for all that came before.
    expect(order.indexOf('quiet')).to.be.below(6);
  });

  it('refuse the hundred-and-first that waits of one tenant, and no other', async () => {
    const asked = Array.from({ length: 140 }, () =>
      count('noisy', 20_000).then(
        () => 'answered',
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    expect(await count('quiet', 1)).to.have.length(1);
    const ends = await Promise.all(asked);
    expect(ends.filter((end) => end === 'unavailable').length).to.be.within(1, 40);
    expect(new Set(ends)).to.deep.equal(new Set(['answered', 'unavailable']));
  });

  it('finish what they have begun when they are closed, and refuse the rest', async () => {
    const asked = Array.from({ length: 5 }, () => count('acme', 100_000));
    const ends = Promise.allSettled(asked);
    await pool.close();
    const [first, ...others] = await ends;
    expect(first?.status).to.equal('fulfilled');
    for (const end of [...others, ...(await Promise.allSettled([count('acme', 1)]))]) {
      expect(end.status === 'rejected' && end.reason).to.have.property('code', 'unavailable');
    }
  });

  it('are closed also when they end by themselves meanwhile', async () => {
    const lost = createReaderPool(join(folder, 'missing.db'));
    const query = lost.query('acme', { sql: 'SELECT 1', values: [], maxBytes: 0 });
    const ends = Promise.allSettled([query]);
    await lost.close();
    const [end] = await ends;
    expect(end.status === 'rejected' && end.reason).to.have.property('code', 'unavailable');
  });
});
