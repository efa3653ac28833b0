import { copyFile, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/platform/startup-error.js';
import type { Store } from '../../src/store/store.js';
import type { StoredDeployment } from '../../src/domain/deployments/deployment.js';
import type { Position } from '../../src/domain/deployments/order.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { openDatabase } from '../../src/store/sqlite/database.js';
import type { Database } from '../../src/store/sqlite/database.js';
import { unobserved } from '../../src/store/observer.js';
import { migrate } from '../../src/store/sqlite/migrate.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { StoreUser } from './harness.js';
import { until } from '../support/until.js';

describe('the SQLite file', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'nested', 'folder', 'deployments.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function withStore(use: (store: Store) => Promise<void>): Promise<void> {
    const store = await openSqliteStore(path);
    try {
      await use(store);
    } finally {
      await store.close();
    }
  }

  async function withDatabase(use: (database: Database) => void | Promise<void>): Promise<void> {
    const database = openDatabase(path);
    try {
      await use(database);
    } finally {
      database.close();
    }
  }

  it('is written ahead and flushed at every commit', async () => {
    await withStore(async () => {
      expect(await readdir(join(folder, 'nested', 'folder'))).to.include('deployments.db-wal');
      await withDatabase((database) => {
        expect(database.prepare('PRAGMA journal_mode').get()).to.deep.equal({
          journal_mode: 'wal',
        });
        expect(database.prepare('PRAGMA synchronous').get()).to.deep.equal({ synchronous: 2 });
        // Where only its folder can be written to, as in the container, SQLite needs no other place.
        expect(database.prepare('PRAGMA temp_store').get()).to.deep.equal({ temp_store: 2 });
      });
    });
  });

  it('gets each schema file once, also from two openings at once', async () => {
    const stores = await Promise.all([openSqliteStore(path), openSqliteStore(path)]);
    await Promise.all(stores.map((store) => store.close()));
    await withStore(() => Promise.resolve());
    await withDatabase((database) => {
      const applied = database.prepare('SELECT version, name FROM schema_migrations').all();
      expect(applied).to.deep.equal([
        { version: 1, name: '0001_deployments.sql' },
        { version: 2, name: '0002_deployments_in_queue.sql' },
        { version: 3, name: '0003_contract_0_2.sql' },
        { version: 4, name: '0004_tenants.sql' },
        { version: 5, name: '0005_policies.sql' },
        { version: 6, name: '0006_usage.sql' },
        { version: 7, name: '0007_queue.sql' },
        { version: 8, name: '0008_taxonomies.sql' },
        { version: 9, name: '0009_feed.sql' },
        { version: 10, name: '0010_gates.sql' },
        { version: 11, name: '0011_taxonomy_index.sql' },
      ]);
    });
  });

  it('is left as it was by a schema file that fails', async () => {
    await writeFile(join(folder, '0001_fine.sql'), 'CREATE TABLE fine (a);');
    await writeFile(join(folder, '0002_broken.sql'), 'CREATE TABLE half (a); CREATE TABEL;');
    await withDatabase(async (database) => {
      const failed = await migrate(database, folder).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
      expect(tables).to.deep.equal([]);
    });
  });

  it('of a newer version of the service is refused, and says so', async () => {
    await withStore(() => Promise.resolve());
    await withDatabase((database) => {
      database.exec("INSERT INTO schema_migrations VALUES (99, '0099_future.sql', 'then')");
    });
    const error = await openSqliteStore(path).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.match(/schema version 99.*knows 11.*newer/);
  });

  it('that another process is writing to is waited for, without blocking this one', async () => {
    await withStore(async (store) => {
      const other = openDatabase(path);
      other.exec('BEGIN IMMEDIATE');
      const waiting = new StoreUser(store, 'acme').create();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await new StoreUser(store, 'acme').get('x')).to.equal(undefined);
      other.exec('COMMIT');
      other.close();
      expect((await waiting).replayed).to.equal(false);
    });
  });

  it('that another process has to itself for a while is waited for at the start', async () => {
    const other = openDatabase(path);
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    const opening = openSqliteStore(path);
    await new Promise((resolve) => setTimeout(resolve, 200));
    other.close();
    const store = await opening;
    await new StoreUser(store, 'acme').create();
    await store.close();
  });

  it('that another process keeps locked is out of reach, and nothing is written', async () => {
    await withStore(async (store) => {
      const other = openDatabase(path);
      other.exec('BEGIN IMMEDIATE');
      const acme = new StoreUser(store, 'acme');
      const error = await acme.create().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ApplicationError).with.property('code', 'unavailable');
      expect((error as ApplicationError).details.retryAfter).to.equal(5);
      other.exec('ROLLBACK');
      other.close();
      expect(await acme.versions()).to.deep.equal([]);
      await acme.create();
    });
  });

  it('shows what somebody changes in it by hand, read before or not', async () => {
    await withStore(async (store) => {
      const acme = new StoreUser(store, 'acme');
      const { deployment } = await acme.place({ notes: 'as created' });
      const notes = async () => {
        const { deployments } = await acme.list();
        const one = await acme.get(deployment.id);
        return [one?.deployment.notes, ...deployments.map((listed) => listed.notes)];
      };
      expect(await notes()).to.deep.equal(['as created', 'as created']);
      await withDatabase((other) => {
        other.exec("UPDATE deployments SET notes = 'mended by hand'");
      });
      expect(await notes()).to.deep.equal(['mended by hand', 'mended by hand']);
    });
  });

  it('gives back every text as it was given, read before or not', async () => {
    const characters = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code + 1));
    const texts = [
      ...characters,
      '\u2028\u2029\ufeff\uffff',
      '🚀',
      '{"a":[1]}',
      '\\u0041',
      '""',
      "'",
    ];
    const notes = texts.join('');
    const fields = { description: JSON.stringify(texts), notes, build_uri: 'x'.repeat(2048) };
    let created: StoredDeployment | undefined;
    await withStore(async (store) => {
      created = (await new StoreUser(store, 'acme').create(fields)).stored;
    });
    await withStore(async (store) => {
      const acme = new StoreUser(store, 'acme');
      expect(await acme.get(created?.deployment.id ?? '')).to.deep.equal(created);
    });
    await withStore(async (store) => {
      const { deployments } = await new StoreUser(store, 'acme').list();
      expect(deployments).to.deep.equal([created?.deployment]);
    });
  });

  it('is read into deployments that nobody can change for others', async () => {
    await withStore(async (store) => {
      const acme = new StoreUser(store, 'acme');
      const { id } = (await acme.create()).stored.deployment;
      await acme.move(id, 'in_progress');
      const { deployments } = await acme.list();
      const one = await acme.get(id);
      expect(deployments).to.deep.equal([one?.deployment]);
      for (const held of [one, one?.deployment, deployments[0]]) {
        expect(Object.isFrozen(held)).to.equal(true);
      }
    });
  });

  it('of more deployments than are remembered is listed whole', async () => {
    await withStore(async (store) => {
      const acme = new StoreUser(store, 'acme');
      const count = 9_000;
      await Promise.all(Array.from({ length: count }, () => acme.create()));
      const ids = new Set<string>();
      let after: Position | undefined;
      do {
        const page = await acme.list({ after });
        for (const { id } of page.deployments) ids.add(id);
        after = page.more ? page.deployments.at(-1) : undefined;
      } while (after !== undefined);
      expect(ids.size).to.equal(count);
    });
  });

  it('that was moved away or replaced is out of reach until it is back', async () => {
    await withStore(async (store) => {
      const away = join(folder, 'away.db');
      await store.check();
      await rename(path, away);
      const failed = () => store.check().catch((thrown: unknown) => thrown);
      expect(await failed())
        .to.be.instanceOf(ApplicationError)
        .with.property('code', 'unavailable');
      await copyFile(away, path);
      expect(await failed())
        .to.be.instanceOf(ApplicationError)
        .with.property('code', 'unavailable');
      await rename(away, path);
      await store.check();
    });
  });

  it('that another process holds counts each further try', async () => {
    const reasons: string[] = [];
    const observer = { ...unobserved, storeRetried: (reason: string) => void reasons.push(reason) };
    const store = await openSqliteStore(path, observer);
    const acme = new StoreUser(store, 'acme');
    await acme.create();
    expect(reasons).to.deep.equal([]);
    const other = openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    const waiting = acme.create();
    await until('it has tried', () => reasons.length > 0);
    other.exec('COMMIT');
    other.close();
    await waiting;
    expect(new Set(reasons)).to.deep.equal(new Set(['lock']));
    await store.close();
  });

  it('that is no database is not opened, and is not overwritten', async () => {
    path = join(folder, 'notes.txt');
    const text = 'not a database, but a text of somebody who needs it'.repeat(50);
    await writeFile(path, text);
    const error = await openSqliteStore(path).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(StartupError);
    expect((error as StartupError).message)
      .to.include(path)
      .and.include('no database');
    expect(await readFile(path, 'utf8')).to.equal(text);
  });

  it('serves two stores at once without losing a change of either', async () => {
    await withStore(async (one) => {
      await withStore(async (two) => {
        const first = new StoreUser(one, 'acme');
        const second = new StoreUser(two, 'acme');
        const { deployment } = await first.place({});
        const moves = Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? first : second).move(
            deployment.id,
            index % 4 < 2 ? 'in_progress' : 'scheduled',
          ),
        );
        const results = await Promise.all(moves);
        const changed = results.filter((result) => result.changed).length;
        expect((await first.get(deployment.id))?.revision).to.equal(1 + changed);
        expect(await second.events(deployment.id)).to.have.length(1 + changed);
      });
    });
  });
});
