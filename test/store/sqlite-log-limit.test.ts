import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDatabase, openFile } from '../../src/store/sqlite/database.js';
import type { Database } from '../../src/store/sqlite/database.js';
import { maxLogBytes } from '../../src/store/sqlite/log-limit.js';
import { createReaderPool } from '../../src/store/sqlite/reader-pool.js';
import { unobserved } from '../../src/store/observer.js';
import { until } from '../support/until.js';

/** Takes some milliseconds, in which it looks at the file as it was at their beginning. */
const longRead =
  'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) ' +
  'SELECT count(*) + (SELECT count(*) FROM notes) AS found FROM n';

describe('the write-ahead log of the SQLite store', () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const never = 2 ** 31 - 1;
  let folder: string;
  let path: string;
  let database: Database;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
  });
  afterEach(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  /** Opens the file, and keeps somebody reading in it until what is returned is called. */
  function openWithReader(lookAtLogAfterMs: number): () => void {
    database = openDatabase(path, unobserved, lookAtLogAfterMs);
    database.exec('CREATE TABLE notes (text TEXT NOT NULL) STRICT');
    const reader = openFile(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM notes').get();
    return () => {
      reader.exec('COMMIT');
      reader.close();
    };
  }

  const insert = (text: string) =>
    database.transaction(() => database.prepare('INSERT INTO notes VALUES (?)').run(text));
  const logBytes = async () => (await stat(`${path}-wal`)).size;

  it('grows under a reader, and is cut by the changes that come after it', async () => {
    const endReading = openWithReader(never);
    for (let count = 0; count < 12; count += 1) await insert(megabyte);
    expect(await logBytes()).to.be.greaterThan(maxLogBytes);
    endReading();
    // The first carries it over, the second begins it anew.
    await insert('one');
    await insert('two');
    expect(await logBytes()).to.be.at.most(maxLogBytes);
  });

  it('is cut when no change comes after the reader', async () => {
    const endReading = openWithReader(20);
    for (let count = 0; count < 12; count += 1) await insert(megabyte);
    expect(await logBytes()).to.be.greaterThan(maxLogBytes);
    endReading();
    await until('it is cut', async () => (await logBytes()) <= maxLogBytes);
  });

  it('is cut though readers and writers go on without a pause', async () => {
    const endReading = openWithReader(20);
    for (let count = 0; count < 12; count += 1) await insert(megabyte);
    const pool = createReaderPool(path);
    let reading = true;
    const readers = ['acme', 'globex'].map(async (tenant) => {
      while (reading) await pool.query(tenant, { sql: longRead, values: [], maxBytes: 1 });
    });
    endReading();
    await until('it is cut', async () => {
      await insert('more');
      return (await logBytes()) <= maxLogBytes;
    });
    reading = false;
    await Promise.all(readers);
    await pool.close();
  });

  it('keeps all that was written, whoever read meanwhile', async () => {
    const endReading = openWithReader(20);
    for (let count = 0; count < 12; count += 1) await insert(megabyte);
    endReading();
    await until('it is cut', async () => (await logBytes()) <= maxLogBytes);
    expect(
      database.prepare('SELECT count(*) AS rows, sum(length(text)) AS bytes FROM notes').get(),
    ).to.deep.equal({ rows: 12, bytes: 12 * megabyte.length });
    expect(database.prepare('PRAGMA integrity_check').all()).to.deep.equal([
      { integrity_check: 'ok' },
    ]);
  });
});
