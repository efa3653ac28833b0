// What the server remembers: what it made of a statement, whatever the schema and the tables were then, and which
// columns a write may have changed.
import assert from 'node:assert/strict';
import { connect, execute } from './support/driver.mjs';
import { startServer } from './support/server.mjs';

describe('a statement that the server knows', () => {
  let server, one, other;
  const run = async (connection, sql, binds) => (await execute(connection, sql, binds)).rows;
  before(async () => {
    server = await startServer();
    const first = await connect(server.url);
    for (const name of ['one', 'other']) await run(first, `CREATE SCHEMA ${name}`);
    one = await connect(server.url, { schema: 'ONE' });
    other = await connect(server.url, { schema: 'OTHER', role: 'ACCOUNTADMIN' });
  });
  after(() => server.stop());

  it('means the tables of each schema, as they are by then', async () => {
    const all = 'SELECT * FROM things';
    const insert = "INSERT INTO things SELECT '1'";
    await run(one, 'CREATE TABLE things (a NUMBER(38,0))');
    await run(other, 'CREATE TABLE things (b VARCHAR)');
    for (const connection of [one, other]) await run(connection, insert);
    assert.deepEqual(await run(one, all), [{ A: 1 }]);
    assert.deepEqual(await run(other, all), [{ B: '1' }]);

    await run(one, 'ALTER TABLE things ADD COLUMN c VARCHAR');
    assert.deepEqual(await run(one, all), [{ A: 1, C: null }]);
    assert.deepEqual(await run(other, all), [{ B: '1' }]);

    await run(one, 'DROP TABLE things');
    await assert.rejects(run(one, all), { code: '002003' });
    await run(one, 'CREATE TABLE things (d BOOLEAN)');
    await run(one, insert);
    assert.deepEqual(await run(one, all), [{ D: true }]);
  });

  it('defines the same in each schema, with lengths, keys and what the views say of them', async () => {
    const statements = [
      'CREATE HYBRID TABLE parents (id VARCHAR(3) NOT NULL PRIMARY KEY, made TIMESTAMP_NTZ(3))',
      'CREATE HYBRID TABLE children (id VARCHAR(3) NOT NULL PRIMARY KEY, parent VARCHAR(3), FOREIGN KEY (parent) REFERENCES parents (id))',
      "INSERT INTO parents VALUES ('p', '2026-01-01')",
      'ALTER TABLE children ADD COLUMN note VARCHAR(2), more VARCHAR',
    ];
    for (const connection of [one, other]) {
      for (const sql of statements) await run(connection, sql);
      await assert.rejects(run(connection, statements[0]), /already exists/);
      await assert.rejects(run(connection, statements[2]), { code: '200001' });
      await assert.rejects(run(connection, "INSERT INTO parents (id) VALUES ('long')"), {
        code: '100078',
      });
      await assert.rejects(run(connection, "INSERT INTO children VALUES ('c', 'x', NULL, NULL)"), {
        code: '200009',
      });
      const columns = await run(
        connection,
        "SELECT table_name, column_name, data_type, character_maximum_length AS length, datetime_precision AS digits FROM information_schema.columns WHERE table_schema = CURRENT_SCHEMA() AND table_name IN ('PARENTS', 'CHILDREN') ORDER BY table_name, ordinal_position",
      );
      assert.deepEqual(
        columns.map((row) => Object.values(row).join(' ')),
        [
          'CHILDREN ID TEXT 3 ',
          'CHILDREN PARENT TEXT 3 ',
          'CHILDREN NOTE TEXT 2 ',
          'CHILDREN MORE TEXT 16777216 ',
          'PARENTS ID TEXT 3 ',
          'PARENTS MADE TIMESTAMP_NTZ  3',
        ],
      );
    }
  });

  it('is refused in a session without a schema', async () => {
    const all = 'SELECT * FROM parents';
    assert.equal((await run(one, all)).length, 1);
    const without = await connect(server.url, { schema: 'NOWHERE' });
    await assert.rejects(run(without, all), /does not have a current schema/);
  });

  it('names who asks', async () => {
    const role = 'SELECT CURRENT_ROLE() AS role';
    assert.deepEqual(await run(one, role), [{ ROLE: 'DEPLOYER' }]);
    assert.deepEqual(await run(other, role), [{ ROLE: 'ACCOUNTADMIN' }]);
  });

  it('is checked for whatever a write may have broken', async () => {
    const long = { code: '100078' };
    const orphaned = { code: '200009' };
    await run(one, "INSERT INTO children VALUES ('c', 'p', 'ab', 'cd')");
    for (const [write, refused] of [
      ["UPDATE children SET more = 'e', note = 'abc' WHERE id = 'c'", long],
      [
        "UPDATE children SET note = (SELECT 'abc' FROM parents WHERE id = 'p') || '' WHERE TRUE",
        long,
      ],
      ["UPDATE children SET more = (SELECT 'e' FROM parents WHERE id = 'p'), note = 'abc'", long],
      ["UPDATE children SET note = parents.id || 'bc' FROM parents WHERE parents.id = 'p'", long],
      ["INSERT INTO children (id, note) SELECT 'd', 'abc'", long],
      [
        "MERGE INTO children USING (SELECT 'c' AS id) AS new ON children.id = new.id WHEN MATCHED THEN UPDATE SET note = 'abc'",
        long,
      ],
      ["UPDATE children SET parent = 'x'", orphaned],
      ["UPDATE parents SET id = 'q'", orphaned],
      ["INSERT INTO children (id, parent) VALUES ('d', 'x')", orphaned],
      ["DELETE FROM parents WHERE id = 'p'", orphaned],
      [
        "MERGE INTO parents USING (SELECT 'p' AS id) AS old ON parents.id = old.id WHEN MATCHED THEN DELETE",
        orphaned,
      ],
    ]) {
      await assert.rejects(run(one, write), refused, write);
    }
    assert.deepEqual(await run(one, "SELECT * FROM children WHERE id = 'c'"), [
      { ID: 'c', PARENT: 'p', NOTE: 'ab', MORE: 'cd' },
    ]);
    await run(one, "UPDATE children SET note = 'a', more = 'e', parent = NULL");
    await run(one, 'DELETE FROM parents');
  });
});
