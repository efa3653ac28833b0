import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { backUp, BackupRefused } from '../../src/store/sqlite/backup.js';
import { openDatabase } from '../../src/store/sqlite/database.js';
import { restore } from '../../src/store/sqlite/restore.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { damagePages } from '../support/damage.js';
import { letGo } from '../support/let-go.js';
import { StoreUser } from './harness.js';

describe('a backup of the SQLite file', () => {
  let folder: string;
  let path: string;
  let backup: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
    backup = join(folder, "the team's backup.db");
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The versions in a file, newest first, after work on it. */
  async function versionsIn(
    file: string,
    work: (acme: StoreUser) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<string[]> {
    const versions = await workOn(file, work);
    await letGo();
    return versions;
  }

  async function workOn(
    file: string,
    work: (acme: StoreUser) => Promise<unknown>,
  ): Promise<string[]> {
    const store = await openSqliteStore(file);
    try {
      const acme = new StoreUser(store, 'acme');
      await work(acme);
      return await acme.versions();
    } finally {
      await store.close();
    }
  }

  const create = (version: string) => (acme: StoreUser) => acme.create({ version });

  /** Expects a refusal that says this. */
  function expectRefused(action: () => unknown, message: RegExp): void {
    expect(action).to.throw(BackupRefused, message);
  }

  it('holds all that was answered before, and is one file that opens', async () => {
    await versionsIn(path, async (acme) => {
      await acme.create({ version: '1' });
      expect(backUp(path, backup)).to.deep.equal({ deployments: 1, schemaVersion: 11 });
      await acme.create({ version: '2' });
    });
    expect((await readdir(folder)).sort()).to.deep.equal([
      'deployments.db',
      "the team's backup.db",
    ]);
    expect(await versionsIn(backup)).to.deep.equal(['1']);
  });

  it('takes no place of a file that is there', async () => {
    await versionsIn(path);
    await writeFile(backup, 'precious');
    expectRefused(() => backUp(path, backup), /backup\.db exists and is left as it is/);
    expect(await readFile(backup, 'utf8')).to.equal('precious');
  });

  it('is not made of nothing, nor of what is no database of the service', async () => {
    expectRefused(() => backUp(path, backup), /There is no database at .*deployments\.db/);
    const other = openDatabase(path);
    other.exec('CREATE TABLE other (a)');
    other.close();
    expectRefused(() => backUp(path, backup), /deployments\.db is a database, but not one of this/);
    expect(await readdir(folder)).to.deep.equal(['deployments.db']);
  });

  it('is not made of a damaged file, and leaves nothing behind', async () => {
    await versionsIn(path, (acme) =>
      Promise.all(Array.from({ length: 100 }, () => acme.create({ notes: 'x'.repeat(1000) }))),
    );
    await damagePages(path, 20);
    expect(() => backUp(path, backup)).to.throw(Error, /malformed/);
    expect(await readdir(folder)).to.deep.equal(['deployments.db']);
  });

  it('is put back, and what was there before is kept', async () => {
    await versionsIn(path, create('1'));
    backUp(path, backup);
    await versionsIn(path, create('2'));
    const { aside, ...rest } = restore(backup, path);
    expect(rest).to.deep.equal({ deployments: 1, schemaVersion: 11, damaged: false });
    expect(await versionsIn(path, create('3'))).to.deep.equal(['3', '1']);
    expect(await versionsIn(aside ?? '')).to.deep.equal(['2', '1']);
    expect(restore(aside ?? '', path)).to.include({ deployments: 2 });
    expect(await versionsIn(path)).to.deep.equal(['2', '1']);
    expect(await versionsIn(backup)).to.deep.equal(['1']);
  });

  it('is put where there was none, with its folder', async () => {
    await versionsIn(path, create('1'));
    backUp(path, backup);
    const elsewhere = join(folder, 'new', 'place.db');
    expect(restore(backup, elsewhere).aside).to.equal(undefined);
    expect(await versionsIn(elsewhere)).to.deep.equal(['1']);
  });

  it('is put in the place of a damaged file, whose log is not played into it', async () => {
    await versionsIn(path, create('1'));
    backUp(path, backup);
    // As kill -9 leaves it: with a log that holds the change.
    const crashed = join(folder, 'crashed.db');
    await versionsIn(path, async (acme) => {
      await acme.create({ version: '2' });
      for (const suffix of ['', '-wal']) await copyFile(`${path}${suffix}`, `${crashed}${suffix}`);
    });
    await damagePages(crashed, 0);
    expect(restore(backup, crashed)).to.include({ damaged: true });
    expect(await readdir(folder)).not.to.include('crashed.db-wal');
    expect(await versionsIn(crashed)).to.deep.equal(['1']);
  });

  it('is not put back while a service uses the file, however idle', async () => {
    await versionsIn(path, create('1'));
    backUp(path, backup);
    await versionsIn(path, async (acme) => {
      expectRefused(() => restore(backup, path), /deployments\.db is in use; stop every service/);
      await acme.create({ version: '2' });
    });
    expect(await versionsIn(path)).to.deep.equal(['2', '1']);
  });

  it('of a newer schema is not put back', async () => {
    await versionsIn(path, create('1'));
    backUp(path, backup);
    const database = openDatabase(backup);
    database.exec("INSERT INTO schema_migrations VALUES (99, '0099_future.sql', 'then')");
    database.close();
    expectRefused(() => restore(backup, path), /schema version 99.*knows 11.*newer/);
    expect(await versionsIn(path)).to.deep.equal(['1']);
  });

  it('is not put back when it is none, or damaged, or half of a file in use', async () => {
    await versionsIn(path, (acme) =>
      Promise.all(Array.from({ length: 100 }, () => acme.create({ notes: 'x'.repeat(1000) }))),
    );
    expectRefused(() => restore(backup, path), /There is no file .*backup\.db/);
    await writeFile(backup, 'a letter to somebody'.repeat(500));
    expectRefused(() => restore(backup, path), /backup\.db is no sound database/);
    await rm(backup);
    backUp(path, backup);
    await damagePages(backup, 20);
    expectRefused(() => restore(backup, path), /backup\.db is (damaged|no sound database)/);
    await rename(path, backup);
    await writeFile(`${backup}-wal`, 'something');
    expectRefused(() => restore(backup, path), /has a -wal file beside it/);
    // The binding may still hold the log of the file that was there.
    const left = (await readdir(folder)).filter(
      (name) => !/^deployments\.db-(wal|shm)$/.test(name),
    );
    expect(left.sort()).to.deep.equal(["the team's backup.db", "the team's backup.db-wal"]);
  });
});
