import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDatabase, openFile } from '../../src/store/sqlite/database.js';
import type { Database } from '../../src/store/sqlite/database.js';
import { createLogThread } from '../../src/store/sqlite/log-thread.js';
import type { LogThread } from '../../src/store/sqlite/log-thread.js';
import { createReaderPool } from '../../src/store/sqlite/reader-pool.js';
import { carriedPages, maxLogBytes, mostPages } from '../../src/store/sqlite/write-ahead-log.js';
import type { LogKeeping } from '../../src/store/sqlite/write-ahead-log.js';
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

  function open(logKeeping: LogKeeping): void {
    database = openDatabase(path, unobserved, logKeeping);
    database.exec('CREATE TABLE notes (text TEXT NOT NULL) STRICT');
  }

  /** Opens the file, and keeps somebody reading in it until what is returned is called. */
  function openWithReader(measureAfterMs: number): () => void {
    open({ measureAfterMs });
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
  const pages = () => {
    const row = database.prepare('PRAGMA wal_checkpoint(NOOP)').get();
    return { all: Number(row?.['log']), carriedOver: Number(row?.['checkpointed']) };
  };

  it('grows under a reader, and is cut by the changes that come after it', async () => {
    const endReading = openWithReader(never);
    for (let count = 0; count < 24; count += 1) await insert(megabyte);
    expect(await logBytes()).to.be.greaterThan(maxLogBytes);
    endReading();
    // The first carries it over, the second begins it anew.
    await insert('one');
    await insert('two');
    expect(await logBytes()).to.be.at.most(maxLogBytes);
  });

  it('is cut when no change comes after the reader', async () => {
    const endReading = openWithReader(20);
    for (let count = 0; count < 24; count += 1) await insert(megabyte);
    expect(await logBytes()).to.be.greaterThan(maxLogBytes);
    endReading();
    await until('it is cut', async () => (await logBytes()) <= maxLogBytes);
  });

  it('is cut though readers and writers go on without a pause', async () => {
    const endReading = openWithReader(20);
    for (let count = 0; count < 24; count += 1) await insert(megabyte);
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
    for (let count = 0; count < 24; count += 1) await insert(megabyte);
    endReading();
    await until('it is cut', async () => (await logBytes()) <= maxLogBytes);
    expect(
      database.prepare('SELECT count(*) AS rows, sum(length(text)) AS bytes FROM notes').get(),
    ).to.deep.equal({ rows: 24, bytes: 24 * megabyte.length });
    expect(database.prepare('PRAGMA integrity_check').all()).to.deep.equal([
      { integrity_check: 'ok' },
    ]);
  });

  describe('that another thread carries over', () => {
    let thread: LogThread;

    beforeEach(() => {
      thread = createLogThread(path);
    });
    afterEach(() => thread.close());

    it('begins anew again and again while changes go on', async () => {
      let times = 0;
      open({
        carryOverElsewhere: async () => {
          await thread.carryOver();
          times += 1;
        },
        lookAfterMs: 1,
      });
      let begun = 0;
      let last = 0;
      while (begun < 3 || times < 3) {
        await insert('x'.repeat(100_000));
        const { all } = pages();
        if (all < last) begun += 1;
        last = all;
      }
      expect(database.prepare('PRAGMA integrity_check').all()).to.deep.equal([
        { integrity_check: 'ok' },
      ]);
    });

    it('is carried over by no commit before it is long', async () => {
      open({ carryOverElsewhere: () => new Promise(() => undefined), lookAfterMs: 1 });
      while (pages().all < mostPages - 300) await insert(megabyte);
      expect(pages().all).to.be.above(2 * carriedPages);
      expect(pages()).to.have.property('carriedOver', 0);
      while (pages().carriedOver === 0) await insert(megabyte);
      await insert('it begins anew');
      expect(pages().all).to.be.below(carriedPages);
    });

    it('is left to SQLite for a while when the thread has failed', async () => {
      let times = 0;
      const fail = () => {
        times += 1;
        return Promise.reject(new Error('no'));
      };
      open({ carryOverElsewhere: fail, lookAfterMs: 1, measureAfterMs: never });
      while (pages().all < mostPages - 300) await insert(megabyte);
      await until('it was tried', () => Promise.resolve(times > 0));
      while (pages().carriedOver === 0) await insert(megabyte);
      expect(times).to.equal(1);
    });

    it('is in the file as a whole once nobody writes', async () => {
      open({});
      await insert('one');
      expect(pages()).to.have.property('carriedOver', 0);
      await Promise.all([thread.carryOver(), thread.carryOver()]);
      const { all, carriedOver } = pages();
      expect(carriedOver).to.equal(all).and.to.be.above(0);
    });

    it('is not carried over, and no file is made, where there is none any more', async () => {
      open({});
      const elsewhere = createLogThread(join(folder, 'missing.db'));
      const failure = await elsewhere.carryOver().catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Error).with.property('message').that.includes('ENOENT');
      await elsewhere.close();
      expect(await readdir(folder)).not.to.include('missing.db');
    });

    it('lets the store close also when the thread ends by itself meanwhile', async () => {
      open({});
      const elsewhere = createLogThread(join(folder, 'missing.db'));
      const ends = Promise.allSettled([elsewhere.carryOver()]);
      await elsewhere.close();
      expect((await ends)[0]).to.have.property('status', 'rejected');
    });

    it('is left alone once the store closes', async () => {
      open({});
      await thread.carryOver();
      await thread.close();
      const failure = await thread.carryOver().catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Error).with.property('message', 'The store is closing');
    });
  });
});
