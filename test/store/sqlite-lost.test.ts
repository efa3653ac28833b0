import { copyFile, mkdtemp, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/platform/startup-error.js';
import type { Store } from '../../src/store/store.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { openDatabase } from '../../src/store/sqlite/database.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { damagePages } from '../support/damage.js';
import { errorOf } from '../support/error-of.js';
import { StoreUser } from './harness.js';

describe('a SQLite file that is lost while it is open', () => {
  let folder: string;
  let path: string;
  let store: Store;
  let acme: StoreUser;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
    store = await openSqliteStore(path);
    acme = new StoreUser(store, 'acme');
    await acme.create({ version: 'before' });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Expects that nothing is acknowledged, that the check fails and that what was read is readable. */
  async function expectLost(message: RegExp): Promise<void> {
    for (const error of [await errorOf(acme.create()), await errorOf(store.check())]) {
      expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
      expect(String((error as ApplicationError).details.cause)).to.match(message);
    }
    expect(await acme.versions()).to.deep.equal(['before']);
  }

  for (const suffix of ['', '-wal', '-shm']) {
    it(`takes no change once deployments.db${suffix} is deleted, and says which file`, async () => {
      await unlink(`${path}${suffix}`);
      await expectLost(new RegExp(`deployments\\.db${suffix} was deleted while it was open`));
    });
  }

  it('takes no change once another file is in its place', async () => {
    await copyFile(path, join(folder, 'other.db'));
    await rename(join(folder, 'other.db'), path);
    await expectLost(/deployments\.db was replaced while it was open/);
  });

  it('goes on when it is put back', async () => {
    await rename(path, join(folder, 'elsewhere.db'));
    await expectLost(/was deleted/);
    await rename(join(folder, 'elsewhere.db'), path);
    await store.check();
    await acme.create({ version: 'after' });
    expect(await acme.versions()).to.deep.equal(['after', 'before']);
  });

  it('forgets what it saw of changes that were not stored, also while the clock stands still', async () => {
    const machineNow = Date.now;
    const stopped = machineNow() + 1000;
    Date.now = () => stopped;
    try {
      const { id } = (await acme.create()).stored.deployment;
      await rename(path, join(folder, 'elsewhere.db'));
      // The second reads what the first wrote; neither is stored.
      const moves = [acme.move(id, 'in_progress'), acme.move(id, 'in_progress')].map(errorOf);
      for (const error of await Promise.all(moves)) {
        expect(error).to.have.property('code', 'unavailable');
      }
      await rename(join(folder, 'elsewhere.db'), path);
      expect((await acme.move(id, 'failed')).stored.deployment.status).to.equal('failed');
      expect((await acme.get(id))?.deployment.status).to.equal('failed');
    } finally {
      Date.now = machineNow;
    }
  });

  it('leaves the file that took its place alone when it is closed', async () => {
    await rename(path, join(folder, 'elsewhere.db'));
    for (const suffix of ['-wal', '-shm']) await unlink(`${path}${suffix}`);
    const other = await openSqliteStore(path);
    const user = new StoreUser(other, 'acme');
    await user.create({ version: 'of the other' });
    await store.close();
    expect(await readdir(folder)).to.include.members(['deployments.db-wal', 'deployments.db-shm']);
    await user.create({ version: 'and one more' });
    await other.close();

    store = await openSqliteStore(path);
    const found = await new StoreUser(store, 'acme').versions();
    expect(found).to.deep.equal(['and one more', 'of the other']);
  });
});

describe('a damaged SQLite file', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
    const store = await openSqliteStore(path);
    const acme = new StoreUser(store, 'acme');
    await Promise.all(Array.from({ length: 200 }, () => acme.create({ notes: 'x'.repeat(1000) })));
    await store.close();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is not opened, whether its header or a row is damaged, and the message says what to do', async () => {
    const whole = join(folder, 'whole.db');
    await copyFile(path, whole);
    for (const from of [0, 20]) {
      await copyFile(whole, path);
      await damagePages(path, from);
      const error = await errorOf(openSqliteStore(path));
      expect(error).to.be.instanceOf(StartupError);
      const { message } = error as StartupError;
      expect(message)
        .to.include(path)
        .and.match(/damaged/)
        .and.include('docs/OPERATIONS.md');
      expect(message).not.to.include('\n');
    }
  });

  it('takes no change once the damage has been seen, wherever the change would go', async () => {
    const store = await openSqliteStore(path);
    try {
      const acme = new StoreUser(store, 'acme');
      // Beyond those of the schema.
      await damagePages(path, 60);
      // SQLite remembers pages; another's write makes it look again.
      const other = openDatabase(path);
      other.exec('CREATE TABLE other (a)');
      other.close();
      expect(await errorOf(acme.versions())).to.have.property('code', 'unavailable');
      for (const error of [await errorOf(acme.create()), await errorOf(store.check())]) {
        expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
        expect(String((error as ApplicationError).details.cause)).to.match(/damaged|malformed/);
      }
    } finally {
      await store.close();
    }
  });

  it('is not made out of one that cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const error = await errorOf(openSqliteStore(join(folder, 'file', 'deployments.db')));
    expect(error).to.be.instanceOf(Error);
  });
});
