// SQL that works in Snowflake by its documentation, and here; and SQL that only DuckDB has, which is refused.
import assert from 'node:assert/strict';
import { connect, execute } from './support/driver.mjs';
import { insertDeployment, tables } from './support/schema.mjs';
import { startServer } from './support/server.mjs';

describe('SQL', () => {
  let server, connection;
  const run = async (sql, binds) => (await execute(connection, sql, binds)).rows;
  const add = async (id, values) => {
    const { sql, binds } = insertDeployment(id, values);
    await run(sql, binds);
  };
  before(async () => {
    server = await startServer();
    connection = await connect(server.url);
    await run("ALTER SESSION SET TIMEZONE = 'UTC'");
    for (const sql of tables) await run(sql);
    await add('a', { created_at: '2026-01-01 00:00:00.001', cell: null });
    await add('b', {
      created_at: '2026-01-01 00:00:00.002',
      cell: 'blue',
      source_deployment_id: 'a',
    });
    await add('c', {
      created_at: '2026-01-01 00:00:00.002',
      cell: null,
      source_deployment_id: 'b',
    });
  });
  after(() => server.stop());

  const ids = (rows) => rows.map((row) => row.ID).join(' ');

  it('a division, which by zero is an error', async () => {
    const divide = (condition) =>
      run(`SELECT 6 / COUNT(*) AS parts FROM deployments WHERE ${condition}`);
    assert.deepEqual(await divide('TRUE'), [{ PARTS: 2 }]);
    await assert.rejects(divide('FALSE'), { code: '100051', message: /^Division by zero/ });
  });

  it('EQUAL_NULL and IS NOT DISTINCT FROM', async () => {
    assert.equal(
      ids(await run('SELECT id FROM deployments WHERE EQUAL_NULL(cell, ?) ORDER BY id', [null])),
      'a c',
    );
    assert.equal(
      ids(
        await run('SELECT id FROM deployments WHERE cell IS NOT DISTINCT FROM ? ORDER BY id', [
          'blue',
        ]),
      ),
      'b',
    );
  });

  it('a keyset, as a comparison of rows and written out', async () => {
    const at = '2026-01-01 00:00:00.002';
    const rows =
      'SELECT id FROM deployments WHERE (created_at, id) < (?::TIMESTAMP_NTZ(3), ?) ORDER BY created_at DESC, id DESC LIMIT ?';
    assert.equal(ids(await run(rows, [at, 'c', 2])), 'b a');
    const written =
      'SELECT id FROM deployments WHERE created_at <= ? AND (created_at < ? OR id < ?) ORDER BY created_at DESC, id DESC LIMIT 2';
    assert.equal(ids(await run(written, [at, at, 'c'])), 'b a');
  });

  it('a recursive CTE', async () => {
    const rows = await run(
      `WITH RECURSIVE lineage (id, source_deployment_id, depth) AS (
         SELECT id, source_deployment_id, 0 FROM deployments WHERE id = ?
         UNION ALL
         SELECT d.id, d.source_deployment_id, l.depth + 1 FROM lineage l JOIN deployments d ON d.id = l.source_deployment_id
       ) SELECT id, depth FROM lineage ORDER BY depth`,
      ['c'],
    );
    assert.equal(ids(rows), 'c b a');
  });

  it('QUALIFY', async () => {
    const rows = await run(
      'SELECT id FROM deployments QUALIFY ROW_NUMBER() OVER (PARTITION BY cell ORDER BY created_at DESC, id DESC) = 1 ORDER BY id',
    );
    assert.equal(ids(rows), 'b c');
  });

  it('TO_VARCHAR of an instant in the form of RFC 3339', async () => {
    const rows = await run(
      `SELECT TO_VARCHAR(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') AS at FROM deployments WHERE id = ?`,
      ['a'],
    );
    assert.equal(rows[0].AT, '2026-01-01T00:00:00.001Z');
  });

  it('an INSERT of several rows, from VALUES, and guarded by NOT EXISTS', async () => {
    const columns =
      'INSERT INTO idempotency_keys (organisation, idempotency_key, request_hash, response, expires_at)';
    const at = '2026-01-01 00:00:00';
    const several = await run(`${columns} VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)`, [
      'o',
      '1',
      'h',
      '{}',
      at,
      'o',
      '2',
      'h',
      '{}',
      at,
    ]);
    assert.equal(several[0]['number of rows inserted'], 2);
    const selected = await run(
      `${columns} SELECT column1, column2, column3, column4, column5::TIMESTAMP_NTZ(3) FROM VALUES (?, ?, ?, ?, ?)`,
      ['o', '3', 'h', '{}', at],
    );
    assert.equal(selected[0]['number of rows inserted'], 1);
    const guarded = `${columns} SELECT ?, ?, ?, ?, ?::TIMESTAMP_NTZ(3) WHERE NOT EXISTS
      (SELECT 1 FROM idempotency_keys WHERE organisation = ? AND idempotency_key = ?)`;
    const binds = ['o', '3', 'h', '{}', at, 'o', '3'];
    assert.equal((await run(guarded, binds))[0]['number of rows inserted'], 0);
  });

  it('UPDATE ... FROM, and an INSERT ... SELECT from the table that is updated', async () => {
    const updated = await run(
      `UPDATE deployments SET notes = v.notes FROM (SELECT column1 AS id, column2 AS notes FROM VALUES (?, ?), (?, ?)) v
       WHERE deployments.id = v.id`,
      ['a', 'one', 'b', 'two'],
    );
    assert.equal(updated[0]['number of rows updated'], 2);
    const events = await run(
      `INSERT INTO deployment_events (id, deployment_id, occurred_at, from_status, to_status, cause)
       SELECT UUID_STRING(), id, ?::TIMESTAMP_NTZ(3), status, 'skipped', 'auto-skip' FROM deployments WHERE status = ?`,
      ['2026-01-01 00:00:00.123', 'scheduled'],
    );
    assert.equal(events[0]['number of rows inserted'], 3);
  });

  it('MERGE, in and out of a transaction', async () => {
    const merge = `MERGE INTO idempotency_keys t USING (SELECT ? AS o, ? AS k, ? AS h) s
      ON t.organisation = s.o AND t.idempotency_key = s.k
      WHEN MATCHED THEN UPDATE SET request_hash = s.h
      WHEN NOT MATCHED THEN INSERT (organisation, idempotency_key, request_hash, response, expires_at)
        VALUES (s.o, s.k, s.h, '{}', '2026-01-01')`;
    assert.deepEqual(await run(merge, ['m', '1', 'x']), [
      { 'number of rows inserted': 1, 'number of rows updated': 0 },
    ]);
    await run('BEGIN');
    assert.deepEqual(await run(merge, ['m', '1', 'y']), [
      { 'number of rows inserted': 0, 'number of rows updated': 1 },
    ]);
    await run('COMMIT');
    assert.equal(
      (await run("SELECT request_hash AS h FROM idempotency_keys WHERE organisation = 'm'"))[0].H,
      'y',
    );
  });

  it('refuses what Snowflake does not have: RETURNING, ON CONFLICT', async () => {
    await assert.rejects(run("UPDATE deployments SET notes = 'x' RETURNING id"), {
      code: '001003',
    });
    await assert.rejects(
      run("INSERT INTO schema_migrations VALUES (1, 'a', '2026-01-01') ON CONFLICT DO NOTHING"),
      { code: '001003' },
    );
    assert.equal(
      (await run("SELECT notes FROM deployments WHERE notes = 'RETURNING ON CONFLICT'")).length,
      0,
    );
  });

  it('refuses what would be dropped on the way to DuckDB, instead of answering wrongly', async () => {
    await assert.rejects(
      run("SELECT TO_CHAR(created_at, 'YYYY') FROM deployments"),
      /Not supported by this test server/,
    );
    await assert.rejects(
      run('SELECT id FROM deployments FOR UPDATE'),
      /Not supported by this test server|syntax/i,
    );
    await assert.rejects(run('EXECUTE IMMEDIATE $$ BEGIN RETURN 1; END $$'), /Snowflake Scripting/);
  });
});

describe('keys and definitions', () => {
  let server, connection;
  const run = async (sql, binds) => (await execute(connection, sql, binds)).rows;
  const add = async (id, values) => {
    const { sql, binds } = insertDeployment(id, values);
    await run(sql, binds);
  };
  before(async () => {
    server = await startServer();
    connection = await connect(server.url);
    for (const sql of tables) await run(sql);
  });
  after(() => server.stop());

  it('enforces the keys of a hybrid table with the codes of the documentation', async () => {
    const row = insertDeployment('d');
    await run(row.sql, row.binds);
    await assert.rejects(run(row.sql, row.binds), {
      code: '200001',
      sqlState: '22000',
      message: 'Primary key already exists',
    });
    await run("INSERT INTO schema_migrations (version, name) VALUES (1, 'one')");
    await assert.rejects(
      run("INSERT INTO schema_migrations (version, name) VALUES (2, 'one')"),
      /Duplicate key value violates unique constraint "SYS_INDEX_UNIQUE_NAME"/,
    );
    const event =
      "INSERT INTO deployment_events (id, deployment_id, occurred_at, to_status, cause) VALUES ('e', ?, '2026-01-01', 'x', 'y')";
    await assert.rejects(run(event, ['nowhere']), { code: '200009' });
    await run(event, ['d']);
    await assert.rejects(run('INSERT INTO schema_migrations (version) VALUES (3)'), {
      code: '100072',
    });
  });

  it('does not enforce the keys of a standard table, as Snowflake does not', async () => {
    await run(`CREATE TABLE plain (id VARCHAR NOT NULL PRIMARY KEY, name VARCHAR UNIQUE, d VARCHAR REFERENCES deployments (id),
      CONSTRAINT other UNIQUE (name), FOREIGN KEY (d) REFERENCES deployments (id)) CLUSTER BY (id, name)`);
    const inserted = await run(
      "INSERT INTO plain VALUES ('1', 'n', 'nowhere'), ('1', 'n', 'nowhere')",
    );
    assert.equal(inserted[0]['number of rows inserted'], 2);
  });

  it('knows hybrid tables and their indexes', async () => {
    await run('CREATE INDEX by_status ON deployments (status)');
    const hybrid = await run(
      "SELECT table_name FROM information_schema.tables WHERE is_hybrid = 'YES' ORDER BY 1",
    );
    assert.deepEqual(
      hybrid.map((row) => row.TABLE_NAME),
      ['DEPLOYMENTS', 'DEPLOYMENT_EVENTS', 'IDEMPOTENCY_KEYS', 'SCHEMA_MIGRATIONS'],
    );
    assert.equal((await run("SHOW HYBRID TABLES LIKE 'deployment%'")).length, 2);
    const indexes = await run('SHOW INDEXES');
    assert.deepEqual(
      indexes.map((row) => row.name),
      ['BY_STATUS', 'DEPLOYMENTS_LIST', 'DEPLOYMENTS_TAXONOMY', 'DEPLOYMENT_EVENTS_OF'],
    );
  });

  it('describes columns in the information schema', async () => {
    const rows = await run(
      `SELECT column_name, data_type, is_nullable, datetime_precision FROM information_schema.columns
       WHERE table_name = 'DEPLOYMENTS' AND column_name IN ('ID', 'AUTO', 'REVISION', 'CREATED_AT') ORDER BY ordinal_position`,
    );
    assert.deepEqual(
      rows.map((row) => [row.COLUMN_NAME, row.DATA_TYPE, row.IS_NULLABLE, row.DATETIME_PRECISION]),
      [
        ['ID', 'TEXT', 'NO', null],
        ['AUTO', 'BOOLEAN', 'NO', null],
        ['REVISION', 'NUMBER', 'NO', null],
        ['CREATED_AT', 'TIMESTAMP_NTZ', 'NO', 3],
      ],
    );
  });

  it('refuses a hybrid table without a primary key', async () => {
    await assert.rejects(run('CREATE HYBRID TABLE keyless (id VARCHAR)'), /PRIMARY KEY/);
  });

  it('removes what a foreign key refers to after what refers to it, and not before', async () => {
    await add('removed');
    await run(
      "INSERT INTO deployment_events (id, deployment_id, occurred_at, to_status, cause) VALUES ('r', 'removed', '2026-01-01', 'x', 'y')",
    );
    await assert.rejects(run("DELETE FROM deployments WHERE id = 'removed'"), { code: '200009' });
    await run('BEGIN');
    await run("DELETE FROM deployment_events WHERE deployment_id = 'removed'");
    await run("DELETE FROM deployments WHERE id = 'removed'");
    await run('COMMIT');
    assert.deepEqual(await run("SELECT id FROM deployments WHERE id = 'removed'"), []);
  });

  it('counts the bytes of a text in UTF-8', async () => {
    await add('bytes', { notes: 'Grüße 🚀' });
    const [row] = await run(
      "SELECT OCTET_LENGTH(notes) AS bytes FROM deployments WHERE id = 'bytes'",
    );
    assert.equal(row.BYTES, 12);
    await run("DELETE FROM deployments WHERE id = 'bytes'");
  });

  it('alters a table that a foreign key refers to, several columns at once, and once more', async () => {
    const add = `ALTER TABLE deployments ADD COLUMN
      IF NOT EXISTS one TIMESTAMP_NTZ(3),
      IF NOT EXISTS two NUMBER(18, 0)`;
    for (const _ of [1, 2]) await run(add);
    const columns = await run(
      `SELECT column_name, data_type, datetime_precision FROM information_schema.columns
       WHERE table_name = 'DEPLOYMENTS' AND column_name IN ('ONE', 'TWO') ORDER BY 1`,
    );
    assert.deepEqual(
      columns.map((row) => [row.COLUMN_NAME, row.DATA_TYPE, row.DATETIME_PRECISION]),
      [
        ['ONE', 'TIMESTAMP_NTZ', 3],
        ['TWO', 'NUMBER', null],
      ],
    );
    for (const _ of [1, 2])
      await run('ALTER TABLE deployments DROP COLUMN IF EXISTS ever_deployed');
    await assert.rejects(run('SELECT ever_deployed FROM deployments'));
    const event =
      "INSERT INTO deployment_events (id, deployment_id, occurred_at, to_status, cause) VALUES ('f', 'nowhere', '2026-01-01', 'x', 'y')";
    await assert.rejects(run(event), { code: '200009' });
  });

  for (const [what, sql] of [
    ['ADD for each column', 'ALTER TABLE deployments ADD COLUMN a INT, ADD COLUMN b INT'],
    [
      'IF NOT EXISTS with a default',
      'ALTER TABLE deployments ADD COLUMN IF NOT EXISTS a INT DEFAULT 1',
    ],
    ['IF NOT EXISTS with a key', 'ALTER TABLE deployments ADD COLUMN IF NOT EXISTS a INT UNIQUE'],
    [
      'a second IF NOT EXISTS with a default',
      'ALTER TABLE deployments ADD IF NOT EXISTS a INT, IF NOT EXISTS b INT DEFAULT 1',
    ],
    ['dropping a column of an index', 'ALTER TABLE deployments DROP COLUMN organisation'],
    ['adding and dropping at once', 'ALTER TABLE deployments DROP COLUMN notes, ADD COLUMN a INT'],
  ]) {
    it(`refuses what Snowflake does not take: ${what}`, async () => {
      await assert.rejects(run(sql), { code: '001003' });
    });
  }

  it('refuses a text that is longer than its column, and stores nothing of it', async () => {
    await run('CREATE TABLE short (id VARCHAR(3), note VARCHAR, mark CHAR)');
    await run("INSERT INTO short VALUES ('äöü', 'as long as one likes', 'x')");
    for (const [column, write] of [
      ['ID', "INSERT INTO short VALUES ('four', NULL, NULL)"],
      ['ID', "UPDATE short SET id = 'four'"],
      ['MARK', "UPDATE short SET mark = 'xy'"],
    ]) {
      await assert.rejects(run(write), (error) => {
        assert.deepEqual([error.code, error.sqlState], ['100078', '22000']);
        assert.match(
          error.message,
          new RegExp(
            `DML operation to table SHORT failed on column ${column} with error: String '\\w+' is too long`,
          ),
        );
        return true;
      });
    }
    assert.deepEqual(await run('SELECT id, mark FROM short'), [{ ID: 'äöü', MARK: 'x' }]);
    await run('ALTER TABLE short ADD COLUMN IF NOT EXISTS added VARCHAR(2)');
    await assert.rejects(run("UPDATE short SET added = 'xyz'"), { code: '100078' });
    await run(
      'ALTER TABLE short ALTER COLUMN id SET DATA TYPE VARCHAR(4), COLUMN added SET DATA TYPE VARCHAR(3)',
    );
    await run("UPDATE short SET id = 'four', added = 'xyz'");
    await assert.rejects(run('ALTER TABLE short ALTER COLUMN id SET DATA TYPE VARCHAR(3)'), {
      code: '001003',
    });
    await run('DROP TABLE short');
  });

  it('makes a column of a query as long as what it is made of', async () => {
    await run(
      "CREATE TABLE made AS SELECT 'abc' AS name, '' AS mark, ''::VARCHAR(5) AS wide, 1 AS n",
    );
    for (const [write, isTaken] of [
      ["UPDATE made SET name = 'abcd'", false],
      ["UPDATE made SET mark = 'ab'", false],
      ["UPDATE made SET wide = 'abcdef'", false],
      ["UPDATE made SET name = 'xyz', mark = 'a', wide = 'abcde', n = 17", true],
    ]) {
      if (isTaken) await run(write);
      else await assert.rejects(run(write), { code: '100078' });
    }
    await assert.rejects(run('CREATE TABLE copy AS SELECT name FROM made'), /cast it/);
    await run('DROP TABLE made');
  });

  it('knows the collation that a schema gives its tables', async () => {
    const show = "SHOW PARAMETERS LIKE 'DEFAULT_DDL_COLLATION' IN SCHEMA";
    assert.equal((await run(show))[0].value, '');
    await run("ALTER SCHEMA public SET DEFAULT_DDL_COLLATION = 'en-ci'");
    assert.equal((await run(show))[0].value, 'en-ci');
    await run("ALTER SCHEMA public SET DEFAULT_DDL_COLLATION = ''");
  });

  it('refuses other alterations of a table, rather than guess', async () => {
    await assert.rejects(run('ALTER TABLE deployments RENAME TO others'), /Not supported/);
  });

  it('logs every translation', () => {
    const names = new Set(
      server.log.filter((line) => line.event === 'translation').map((line) => line.name),
    );
    for (const name of [
      'hybrid-table',
      'hybrid-table-index',
      'standard-table-keys',
      'cluster-by',
      'index-statement',
      'timestamp-ntz-3',
    ]) {
      assert.ok(names.has(name), name);
    }
  });

  it('commits an open transaction before a definition', async () => {
    await run('BEGIN');
    const row = insertDeployment('before-definition');
    await run(row.sql, row.binds);
    await run('CREATE TABLE another (id VARCHAR)');
    await run('ROLLBACK');
    assert.equal(
      (await run("SELECT id FROM deployments WHERE id = 'before-definition'")).length,
      1,
    );
  });
});
