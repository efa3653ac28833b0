import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'chai';
import { copyToPostgres } from '../../src/store/copy/copy.js';
import { copiedTables } from '../../src/store/copy/tables.js';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { optionsFor } from '../postgres/options.js';
import { newDatabase, runStatement } from '../postgres/shared.js';
import { silent } from '../snowflake/support/silent.js';
import type { Store } from '../../src/store/store.js';
import { letGo } from '../support/let-go.js';
import { keyed, StoreUser } from './harness.js';

describe('a copy of a SQLite file in PostgreSQL', () => {
  let folder: string;
  let path: string;
  let url: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
    url = await newDatabase();
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Puts something into the file by its store. */
  async function fill(work: (acme: StoreUser) => Promise<unknown>): Promise<void> {
    await withStore((store) => work(new StoreUser(store, 'acme')));
    await letGo();
  }

  async function withStore(work: (store: Store) => Promise<unknown>): Promise<void> {
    const store = await openSqliteStore(path);
    await work(store);
    await store.close();
  }

  /** Changes the file behind the back of its store. */
  function edit(sql: string): void {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  }

  async function copy(): Promise<string[]> {
    const said: string[] = [];
    try {
      await copyToPostgres(path, optionsFor(url), (line) => said.push(line));
    } finally {
      await letGo();
    }
    return said;
  }

  async function refusal(): Promise<string> {
    const failure: unknown = await copy().catch((error: unknown) => error);
    expect(failure).to.be.an('error');
    return (failure as Error).message;
  }

  const countOf = async (table: string) =>
    Number((await runStatement(url, `SELECT count(*) AS count FROM ${table}`))[0]?.['count']);

  it('has every table and every column that the stores have', async () => {
    await fill(() => Promise.resolve());
    await (await openPostgresStore(optionsFor(url), silent)).close();
    const columns = new Map<string, string[]>();
    const rows = await runStatement(
      url,
      `SELECT table_name, array_agg(column_name::text) AS columns FROM information_schema.columns
       WHERE table_schema = current_schema() AND is_identity = 'NO' GROUP BY table_name`,
    );
    for (const { table_name: table, columns: names } of rows) {
      columns.set(String(table), names as string[]);
    }
    const database = new DatabaseSync(path);
    const ofFile = (
      database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .all() as { name: string }[]
    ).map(({ name }) => name);
    const names = copiedTables.map(({ name }) => name);
    expect([...columns.keys()]).to.have.members([...names, 'changes', 'schema_migrations']);
    expect(ofFile).to.have.members([...names, 'fences', 'schema_migrations']);
    for (const { name, constants = {} } of copiedTables) {
      const present = (
        database.prepare(`PRAGMA table_info(${name})`).all() as { name: string }[]
      ).map((column) => column.name);
      // The order in which events came; the revision says as much.
      const copied = present.filter((column) => column !== 'sequence');
      expect([...copied, ...Object.keys(constants)], name).to.have.members(columns.get(name) ?? []);
    }
    database.close();
  });

  it('has all that was there, and goes on from it', async () => {
    const odd = '{"a":"\\u0000 ü 🚀"}\n\'"';
    await fill(async (acme) => {
      await acme.create({ version: '1', notes: odd, pipeline_extra_params: odd }, keyed('a key'));
      await acme.create({ version: '1', name: 'old' }, keyed('an old key'));
      await acme.place({ version: '2' }, 'in_progress', 'deployed');
      await acme.place({ version: '3', region: 'Zürich' }, 'in_progress', 'failed');
      await acme.place({ version: '4' }, 'deployed');
      const { stored } = await acme.rollback();
      await acme.move(stored.deployment.id, 'deployed');
      await Promise.all(
        Array.from({ length: 1100 }, (_, nth) =>
          acme.create({ name: `many ${nth % 7}`, version: `${nth}` }),
        ),
      );
    });
    await withStore((store) =>
      store.tenants.register({ id: '1', login: 'acme' }, 'acme', '2026-01-31T12:00:00.000Z'),
    );
    await letGo();
    // What refers to what comes later, as after a clock that was set back; and what only a moment has.
    edit(`
      UPDATE deployments SET source_deployment_id = (SELECT max(id) FROM deployments)
      WHERE id = (SELECT min(id) FROM deployments);
      UPDATE idempotency_keys SET owner = '*' WHERE key = 'an old key';
      UPDATE fences SET last = 41;
      INSERT INTO skipping SELECT id, taxonomy_key, updated_at FROM deployments LIMIT 1;
      INSERT INTO environments VALUES
        ('acme', 'production', 2, 1, '{"order": "oldest"}', '2026-01-31T12:00:00.000Z');
      INSERT INTO queue_entries VALUES ('acme', 'production', 'turn', 'key', '{"kind": "turn", "id": "key"}');
      INSERT INTO policy_changes VALUES
        ('acme', 1, 'production', '2026-01-31T12:00:00.001Z', '{"revision":1}', '[]');
    `);
    const said = await copy();
    expect(said[0]).to.equal('deployments: 1106 rows');
    expect(said).to.have.length(copiedTables.length);
    expect(said.filter((line) => line.endsWith(': 0 rows'))).to.deep.equal([]);

    const [was, is] = [
      await openSqliteStore(path),
      await openPostgresStore(optionsFor(url), silent),
    ];
    const [before, after] = [new StoreUser(was, 'acme'), new StoreUser(is, 'acme')];
    const listed = await before.list();
    expect((await after.list()).deployments).to.deep.equal(listed.deployments);
    for (const { id } of listed.deployments.slice(-10)) {
      expect(await after.get(id)).to.deep.equal(await before.get(id));
      expect(await after.events(id)).to.deep.equal(await before.events(id));
    }
    for (const read of ['usage', 'controls'] as const) {
      expect(await after.store.read({ read })).to.deep.equal(await before.store.read({ read }));
    }
    expect(await is.tenants.find('1')).to.deep.equal(await was.tenants.find('1'));
    expect(await is.system.depth()).to.have.deep.members(await was.system.depth());
    expect(await after.store.read({ read: 'nextFence' })).to.equal(42);
    for (const key of ['a key', 'an old key']) {
      expect((await after.create({}, keyed(key))).replayed, key).to.equal(true);
    }
    await Promise.all([was.close(), is.close()]);
  });

  it('is not made of a file that a service uses', async () => {
    const store = await openSqliteStore(path);
    expect(await refusal()).to.equal(`${path} is in use; stop every service on it first`);
    await store.close();
  });

  it('is made while no service can start on the file', async () => {
    await fill((acme) => acme.create());
    let failure: unknown;
    await copyToPostgres(path, optionsFor(url), () => {
      failure ??= (() => {
        try {
          edit('CREATE TABLE other (id)');
          return 'it was changed';
        } catch (error) {
          return error;
        }
      })();
    });
    expect(failure).to.match(/locked/);
  });

  const files: [what: string, make: () => unknown, message: RegExp][] = [
    ['that is not there', () => undefined, /^There is no database at .*deployments\.db$/],
    [
      'that is none of SQLite',
      () => writeFile(path, 'x'.repeat(8192)),
      /is damaged .*backup of it/,
    ],
    [
      'of something else',
      () => {
        edit('CREATE TABLE other (id)');
      },
      /is a database, but not one of/,
    ],
    [
      'of an older schema',
      () => prepare('DELETE FROM schema_migrations WHERE version > 5'),
      /version 5, .* copies \d+: start this version/,
    ],
    [
      'of a newer schema',
      () => prepare("INSERT INTO schema_migrations VALUES (999, 'x', 'x')"),
      /version 999, .*use a newer one/,
    ],
  ];
  const prepare = async (sql: string): Promise<void> => {
    await fill((acme) => acme.create());
    edit(sql);
  };
  for (const [what, make, message] of files) {
    it(`is not made of a file ${what}`, async () => {
      await make();
      expect(await refusal()).to.match(message);
      expect(await runStatement(url, "SELECT to_regclass('deployments') AS found")).to.deep.equal([
        { found: null },
      ]);
    });
  }

  it('is made in an empty database only, and leaves another one as it is', async () => {
    await fill((acme) => acme.create());
    const other = await openPostgresStore(optionsFor(url), silent);
    await new StoreUser(other, 'globex').create();
    await other.close();
    expect(await refusal()).to.match(
      /^The database is not empty, there are rows in deployments, deployment_events, .*: a copy/,
    );
    expect(await countOf('deployments')).to.equal(1);
  });

  const faults: [what: string, body: string, message: RegExp][] = [
    ['is changed', "NEW.notes := 'x'; RETURN NEW;", /^Row 2 of deployments .* differs in notes/],
    ['is left out', 'RETURN NULL;', /^Row 2 of deployments .* differs in id/],
  ];
  for (const [what, body, message] of faults) {
    it(`is given up, whole, when a row ${what} on the way, and can be made again`, async () => {
      await fill(async (acme) => {
        for (const version of ['1', '2']) await acme.create({ version });
      });
      await (await openPostgresStore(optionsFor(url), silent)).close();
      await runStatement(
        url,
        `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
         CREATE TRIGGER spoils BEFORE INSERT ON deployments
         FOR EACH ROW WHEN (NEW.version = '2') EXECUTE FUNCTION spoil()`,
      );
      expect(await refusal()).to.match(message);
      for (const { name } of copiedTables) expect(await countOf(name), name).to.equal(0);
      await runStatement(url, 'DROP TRIGGER spoils ON deployments');
      await copy();
      expect(await countOf('deployments')).to.equal(2);
    });
  }

  it('needs what db:verify looks for', async () => {
    await fill((acme) => acme.create());
    const failure: unknown = await copyToPostgres(
      path,
      { ...optionsFor(url), migrate: 'never' },
      () => undefined,
    ).catch((error: unknown) => error);
    expect(failure)
      .to.have.property('message')
      .that.matches(/^The database lacks what 0001_/);
  });
});
