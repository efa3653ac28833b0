import assert from 'node:assert/strict';
import { connect, disconnect, execute } from './support/driver.mjs';
import { insertDeployment, tables } from './support/schema.mjs';
import { startServer } from './support/server.mjs';

const update =
  'UPDATE deployments SET notes = ?, revision = revision + 1 WHERE id = ? AND revision = ?';

describe('transactions of two sessions', () => {
  let server, one, two;
  before(async () => {
    server = await startServer({ maxLockWait: 0.6 });
    [one, two] = [await connect(server.url), await connect(server.url)];
    for (const connection of [one, two]) {
      await execute(
        connection,
        "ALTER SESSION SET TIMEZONE = 'UTC', TRANSACTION_ABORT_ON_ERROR = TRUE",
      );
    }
    for (const sql of tables) await execute(one, sql);
  });
  after(() => server.stop());
  beforeEach(async () => {
    for (const connection of [one, two]) await execute(connection, 'ROLLBACK');
    await execute(one, 'DELETE FROM deployment_events');
    await execute(one, 'DELETE FROM deployments');
    const { sql, binds } = insertDeployment('d');
    await execute(one, sql, binds);
  });

  const read = async (connection) =>
    (await execute(connection, "SELECT notes, revision FROM deployments WHERE id = 'd'")).rows[0];

  it('does not show what is not committed, and shows what is', async () => {
    await execute(one, 'BEGIN');
    await execute(one, update, ['mine', 'd', 1]);
    assert.deepEqual(await read(one), { NOTES: 'mine', REVISION: 2 });
    assert.deepEqual(await read(two), { NOTES: null, REVISION: 1 });
    await execute(one, 'COMMIT');
    assert.deepEqual(await read(two), { NOTES: 'mine', REVISION: 2 });
  });

  it('undoes everything on ROLLBACK and on logout', async () => {
    await execute(one, 'BEGIN');
    await execute(one, update, ['mine', 'd', 1]);
    await execute(one, 'ROLLBACK');
    const third = await connect(server.url);
    await execute(third, 'BEGIN');
    await execute(third, update, ['third', 'd', 1]);
    await disconnect(third);
    assert.deepEqual(await read(two), { NOTES: null, REVISION: 1 });
  });

  it('reads what others committed at each statement until it writes', async () => {
    await execute(two, 'BEGIN');
    assert.equal((await read(two)).REVISION, 1);
    await execute(one, update, ['mine', 'd', 1]);
    assert.equal((await read(two)).REVISION, 2);
    await execute(two, 'COMMIT');
  });

  it('makes a compare-and-set wait for the other transaction, and then find nothing to set', async () => {
    await execute(one, 'BEGIN');
    await execute(one, update, ['one', 'd', 1]);
    const waiting = execute(two, update, ['two', 'd', 1]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await execute(one, 'COMMIT');
    assert.equal((await waiting).rows[0]['number of rows updated'], 0);
    assert.deepEqual(await read(two), { NOTES: 'one', REVISION: 2 });
  });

  it('makes the first write of a transaction wait, too', async () => {
    await execute(one, 'BEGIN');
    await execute(one, update, ['one', 'd', 1]);
    await execute(two, 'BEGIN');
    const waiting = execute(two, update, ['two', 'd', 1]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await execute(one, 'ROLLBACK');
    assert.equal((await waiting).rows[0]['number of rows updated'], 1);
    await execute(two, 'COMMIT');
    assert.deepEqual(await read(one), { NOTES: 'two', REVISION: 2 });
  });

  it('gives up waiting with the lock error', async () => {
    await execute(one, 'BEGIN');
    await execute(one, update, ['one', 'd', 1]);
    const started = Date.now();
    await assert.rejects(execute(two, update, ['two', 'd', 1]), (error) => {
      assert.deepEqual([error.code, error.sqlState], ['000625', '57014']);
      assert.match(error.message, /has locked table 'DEPLOYMENTS'.*lock timeout of 0\.6 seconds/);
      return true;
    });
    assert.ok(Date.now() - started >= 500);
    await execute(one, 'COMMIT');
  });

  it('honours HYBRID_TABLE_LOCK_TIMEOUT', async () => {
    await execute(two, 'ALTER SESSION SET HYBRID_TABLE_LOCK_TIMEOUT = 0');
    await execute(one, 'BEGIN');
    await execute(one, update, ['one', 'd', 1]);
    await assert.rejects(execute(two, update, ['two', 'd', 1]), /lock timeout of 0 seconds/);
    await execute(two, 'ALTER SESSION UNSET HYBRID_TABLE_LOCK_TIMEOUT');
  });

  it('fails a later write that conflicts at once, and the transaction with it', async () => {
    const other = insertDeployment('e');
    await execute(one, other.sql, other.binds);
    await execute(one, 'BEGIN');
    await execute(one, update, ['one', 'd', 1]);
    await execute(two, 'BEGIN');
    await execute(two, update, ['two', 'e', 1]);
    await assert.rejects(execute(two, update, ['two', 'd', 1]), { code: '000625' });
    await assert.rejects(execute(two, 'SELECT 1'), /aborted by an earlier error/);
    await assert.rejects(execute(two, 'COMMIT'), /aborted by an earlier error/);
    await execute(one, 'COMMIT');
    assert.deepEqual(await read(two), { NOTES: 'one', REVISION: 2 });
    const { rows } = await execute(two, "SELECT revision FROM deployments WHERE id = 'e'");
    assert.equal(rows[0].REVISION, 1);
  });

  it('lets one of two inserts of a key win', async () => {
    const row = insertDeployment('twice');
    await execute(one, 'BEGIN');
    await execute(one, row.sql, row.binds);
    await execute(two, 'BEGIN');
    await execute(two, row.sql, row.binds);
    await execute(one, 'COMMIT');
    await assert.rejects(execute(two, 'COMMIT'), { code: '200001' });
    const { rows } = await execute(two, "SELECT COUNT(*) AS n FROM deployments WHERE id = 'twice'");
    assert.equal(rows[0].N, 1);
  });

  it('ignores a BEGIN in a transaction and a COMMIT without one', async () => {
    await execute(one, 'BEGIN TRANSACTION');
    await execute(one, update, ['mine', 'd', 1]);
    await execute(one, 'BEGIN');
    await execute(one, 'COMMIT');
    await execute(one, 'COMMIT');
    assert.equal((await read(two)).REVISION, 2);
  });

  it('aborts a transaction whose statement failed with an injected error', async () => {
    await execute(one, 'BEGIN');
    await execute(one, update, ['mine', 'd', 1]);
    await server.fault({ kind: 'too_many_waiters', match: 'delete' });
    await assert.rejects(execute(one, 'DELETE FROM deployments'), { code: '000625' });
    await assert.rejects(execute(one, 'COMMIT'), /aborted by an earlier error/);
    assert.equal((await read(two)).REVISION, 1);
  });

  it('lets two sessions create the same tables at once', async () => {
    const create = (connection) =>
      execute(connection, 'CREATE HYBRID TABLE IF NOT EXISTS raced (id NUMBER PRIMARY KEY)');
    await Promise.all([create(one), create(two)]);
    assert.equal((await execute(one, "SHOW HYBRID TABLES LIKE 'raced'")).rows.length, 1);
  });

  it('updates a row several times in one transaction', async () => {
    await execute(one, 'BEGIN');
    for (let revision = 1; revision <= 3; revision += 1)
      await execute(one, update, ['again', 'd', revision]);
    await execute(one, "DELETE FROM deployments WHERE id = 'd'");
    const { sql, binds } = insertDeployment('e');
    await execute(one, sql, binds);
    await execute(one, 'COMMIT');
    assert.equal((await execute(two, 'SELECT id FROM deployments')).rows[0].ID, 'e');
  });
});
