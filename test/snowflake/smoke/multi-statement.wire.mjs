import assert from 'node:assert/strict';
import { connect, execute, executeAll } from './support/driver.mjs';
import { insertDeployment, tables } from './support/schema.mjs';
import { startServer } from './support/server.mjs';

/** What may be bound among several statements: numbers and texts. */
const insert = (id) => insertDeployment(id, { cloud_account_id: 'none', auto: 'true' });

describe('several statements in one request', () => {
  let server, connection;
  before(async () => {
    server = await startServer();
    connection = await connect(server.url);
    for (const sql of tables) await execute(connection, sql);
  });
  after(() => server.stop());
  beforeEach(() => server.reset());

  it('numbers bind variables through the request and returns the rows of each statement', async () => {
    const { sql, binds } = insert('m-1');
    const results = await executeAll(
      connection,
      [
        'BEGIN TRANSACTION',
        sql,
        "UPDATE deployments SET notes = 'a;b', revision = revision + 1 WHERE id = ? AND revision = ?",
        'SELECT id, revision, notes FROM deployments WHERE id = ?',
        'COMMIT',
      ],
      [...binds, 'm-1', 1, 'm-1'],
    );
    assert.deepEqual(results[1], [{ 'number of rows inserted': 1 }]);
    assert.equal(results[2][0]['number of rows updated'], 1);
    assert.deepEqual(results[3], [{ ID: 'm-1', REVISION: 2, NOTES: 'a;b' }]);
    assert.equal(results.length, 5);
  });

  it('costs one request, and one more for every result that is read', async () => {
    await executeAll(connection, ['SELECT 1 AS a', 'SELECT 2 AS b', 'SELECT 3 AS c']);
    const paths = (await server.requests()).map((request) =>
      request.path.replace(/[0-9a-f-]{36}/, '<id>'),
    );
    assert.deepEqual(paths, [
      '/queries/v1/query-request',
      '/queries/<id>/result',
      '/queries/<id>/result',
      '/queries/<id>/result',
    ]);
  });

  it('refuses several statements that were not announced with 000008', async () => {
    await assert.rejects(execute(connection, 'SELECT 1; SELECT 2'), { code: '000008' });
    await assert.rejects(
      execute(connection, 'SELECT 1', [], { parameters: { MULTI_STATEMENT_COUNT: 2 } }),
      { code: '000008' },
    );
  });

  it('accepts any number when zero is announced', async () => {
    const { rows } = await execute(connection, 'SELECT 1 AS one', [], {
      parameters: { MULTI_STATEMENT_COUNT: 0 },
    });
    assert.deepEqual(rows, [{ ONE: 1 }]);
  });

  it('reports the error of one statement as 100132 with the inner message', async () => {
    const { sql, binds } = insert('m-1');
    await assert.rejects(
      executeAll(connection, ['BEGIN TRANSACTION', sql, 'COMMIT'], binds),
      (error) => {
        assert.equal(error.code, '100132');
        assert.equal(error.sqlState, 'P0000');
        assert.match(error.message, /failed on statement "INSERT INTO deployments \(id, o\.\.\."/);
        assert.match(error.message, /Primary key already exists/);
        return true;
      },
    );
    await execute(connection, 'ROLLBACK');
  });

  it('keeps what ran before the statement that failed', async () => {
    const { sql, binds } = insert('m-2');
    await assert.rejects(executeAll(connection, [sql, 'SELECT * FROM no_such_table'], binds), {
      code: '100132',
    });
    const { rows } = await execute(
      connection,
      'SELECT COUNT(*) AS n FROM deployments WHERE id = ?',
      ['m-2'],
    );
    assert.equal(rows[0].N, 1);
  });

  for (const [what, sql, bind, message] of [
    ['NULL', 'SELECT ?', null, /Bind variable \? not set/],
    ['a boolean', 'SELECT ?', true, /a boolean as a bound value among several/],
    ['a limit', 'SELECT 1 LIMIT ?', 1, /Invalid row count '\?' in limit clause/],
  ]) {
    it(`refuses to bind ${what}, which one statement alone may`, async () => {
      assert.equal((await execute(connection, sql, [bind])).rows.length, 1);
      await assert.rejects(executeAll(connection, ['SELECT 1', sql], [bind]), (error) => {
        assert.equal(error.code, '100132');
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('refuses a BEGIN that could be a block of Snowflake Scripting', async () => {
    await assert.rejects(executeAll(connection, ['BEGIN', 'COMMIT']), /BEGIN TRANSACTION/);
  });

  it('refuses what is larger than the megabyte that Snowflake advises, values included', async () => {
    const large = 'x'.repeat(1024 * 1024);
    await assert.rejects(execute(connection, 'SELECT ?', [large]), /bytes of text and values/);
    await assert.rejects(execute(connection, `SELECT '${large}'`), /bytes of text and values/);
    await execute(connection, 'SELECT ?', ['x'.repeat(1_000_000)]);
  });

  it('refuses fewer bind variables than the statements have', async () => {
    await assert.rejects(execute(connection, 'SELECT ?, ?', ['a']), { code: '002049' });
  });
});
