import assert from 'node:assert/strict';
import { connect, execute } from './support/driver.mjs';
import { insertDeployment, tables } from './support/schema.mjs';
import { startServer } from './support/server.mjs';

describe('values', () => {
  let server, connection;
  before(async () => {
    server = await startServer();
    connection = await connect(server.url);
    for (const sql of tables) await execute(connection, sql);
  });
  after(() => server.stop());

  it('round-trips every type of a deployment, milliseconds and NULL included', async () => {
    const { sql, binds } = insertDeployment('d-1', {
      notes: 'ünïcode "quoted" \'single\' \\ \n 🚀',
      revision: 7,
    });
    const inserted = await execute(connection, sql, binds);
    assert.deepEqual(inserted.rows, [{ 'number of rows inserted': 1 }]);
    assert.equal(inserted.statement.getNumUpdatedRows(), 1);
    const { rows, statement } = await execute(
      connection,
      'SELECT * FROM deployments WHERE id = ?',
      ['d-1'],
    );
    const row = rows[0];
    assert.equal(Object.keys(row).length, 30);
    assert.equal(row.NOTES, 'ünïcode "quoted" \'single\' \\ \n 🚀');
    assert.equal(row.AUTO, true);
    assert.equal(row.EVER_DEPLOYED, false);
    assert.equal(row.REVISION, 7);
    assert.equal(row.CLOUD_ACCOUNT_ID, null);
    assert.equal(row.CREATED_AT.getTime(), Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    assert.equal(row.CREATED_AT.toISOString(), '2026-01-02T03:04:05.678Z');
    const column = statement.getColumn('CREATED_AT');
    assert.deepEqual([column.getType(), column.getScale()], ['timestamp_ntz', 3]);
    assert.equal(statement.getColumn('REVISION').getType(), 'fixed');
    assert.equal(statement.getColumn('AUTO').getType(), 'boolean');
  });

  it('keeps milliseconds and no more', async () => {
    await execute(
      connection,
      "INSERT INTO schema_migrations VALUES (1, 'first', '2026-01-02 03:04:05.678000')",
    );
    await execute(connection, "INSERT INTO schema_migrations (version, name) VALUES (2, 'second')");
    const { rows } = await execute(
      connection,
      'SELECT version FROM schema_migrations WHERE applied_at = applied_at::TIMESTAMP_NTZ(3) ORDER BY version',
    );
    assert.deepEqual(
      rows.map((row) => row.VERSION),
      [1, 2],
    );
  });

  it('casts a bind variable to a timestamp in both ways of writing it', async () => {
    const text = '1969-12-31T23:59:59.999';
    const { rows } = await execute(
      connection,
      'SELECT ?::TIMESTAMP_NTZ(3) AS a, CAST(? AS TIMESTAMP_NTZ(3)) AS b',
      [text, text],
    );
    assert.deepEqual([rows[0].A.getTime(), rows[0].B.getTime()], [-1, -1]);
  });

  it('sends numbers, booleans, dates, times, binary, variants and nulls', async () => {
    const { rows } = await execute(
      connection,
      `SELECT ?::BOOLEAN AS b, ?::NUMBER(10,2) AS n, ?::FLOAT AS f, PARSE_JSON(?) AS v, ?::VARCHAR AS nothing,
        ?::DATE AS d, ?::TIME(3) AS t, TO_BINARY('AB01', 'HEX') AS x, -5 AS i, 12345678901234567890 AS big`,
      [false, 5.25, 1.5, '{"a":[1,null]}', null, '2026-01-02', '10:11:12.345'],
    );
    const row = rows[0];
    assert.equal(row.B, false);
    assert.equal(row.N, 5.25);
    assert.equal(row.F, 1.5);
    assert.equal(row.NOTHING, null);
    assert.equal(row.D.toISOString().slice(0, 10), '2026-01-02');
    assert.match(String(row.T), /10:11:12/);
    assert.deepEqual([...row.X], [0xab, 0x01]);
    assert.equal(row.I, -5);
  });

  it('tells TIMESTAMP_TZ from TIMESTAMP_LTZ', async () => {
    await execute(
      connection,
      'CREATE HYBRID TABLE zones (id NUMBER PRIMARY KEY, tz TIMESTAMP_TZ, ltz TIMESTAMP_LTZ)',
    );
    const at = '2026-01-02T03:04:05.678+02:00';
    await execute(connection, 'INSERT INTO zones VALUES (1, ?, ?)', [at, at]);
    const { rows, statement } = await execute(
      connection,
      'SELECT tz, ltz, CURRENT_TIMESTAMP() AS now FROM zones',
    );
    assert.deepEqual(
      statement.getColumns().map((c) => c.getType()),
      ['timestamp_tz', 'timestamp_ltz', 'timestamp_ltz'],
    );
    assert.equal(rows[0].TZ.getTime(), Date.parse(at));
    assert.equal(rows[0].LTZ.getTime(), Date.parse(at));
    assert.ok(Math.abs(rows[0].NOW.getTime() - Date.now()) < 5000);
  });

  it('has the time zone of Los Angeles until it is told otherwise, as a new account has', async () => {
    const zone = async () =>
      (await execute(connection, "SHOW PARAMETERS LIKE 'TIMEZONE' IN SESSION")).rows[0].value;
    assert.equal(await zone(), 'America/Los_Angeles');
    const wall = async () =>
      (
        await execute(connection, 'SELECT CURRENT_TIMESTAMP()::TIMESTAMP_NTZ(3) AS t')
      ).rows[0].T.getTime();
    assert.ok(Date.now() - (await wall()) > 6 * 3600 * 1000);
    await execute(
      connection,
      "ALTER SESSION SET TIMEZONE = 'UTC', READ_LATEST_WRITES = TRUE, LOCK_TIMEOUT = 5",
    );
    assert.equal(await zone(), 'UTC');
    assert.ok(Math.abs(Date.now() - (await wall())) < 5000);
  });

  it('refuses a parameter that Snowflake does not have', async () => {
    await assert.rejects(
      execute(connection, 'ALTER SESSION SET NO_SUCH_PARAMETER = 1'),
      /NO_SUCH_PARAMETER/,
    );
  });
});
