import assert from 'node:assert/strict';
import { connect, disconnect, execute, executeAll } from './support/driver.mjs';
import { insertDeployment, tables } from './support/schema.mjs';
import { startServer } from './support/server.mjs';

describe('faults', () => {
  let server, connection;
  before(async () => {
    server = await startServer();
    connection = await connect(server.url);
    for (const sql of tables) await execute(connection, sql);
  });
  after(() => server.stop());
  afterEach(() => server.reset());

  const outcomes = async () =>
    (await server.requests()).map((request) => [request.path, request.outcome]);
  const count = async (id) =>
    (await execute(connection, 'SELECT COUNT(*) AS n FROM deployments WHERE id = ?', [id])).rows[0]
      .N;

  it('refuse_login refuses as often as it is told, with the code it is told', async () => {
    await server.fault(
      { kind: 'refuse_login' },
      { kind: 'refuse_login', code: '390189', message: 'Role does not exist' },
    );
    await assert.rejects(connect(server.url), { code: '390100' });
    await assert.rejects(connect(server.url), { code: '390189' });
    await disconnect(await connect(server.url));
  });

  it('expire_session makes the driver renew its token and send the same request again', async () => {
    await server.control('DELETE', '/__requests');
    await server.fault({ kind: 'expire_session' });
    assert.equal((await execute(connection, 'SELECT 7 AS seven')).rows[0].SEVEN, 7);
    const requests = await server.requests();
    assert.deepEqual(
      requests.map((r) => [r.path, r.outcome]),
      [
        ['/queries/v1/query-request', '390112'],
        ['/session/token-request', '200'],
        ['/queries/v1/query-request', '200'],
      ],
    );
    assert.equal(requests[0].request_id, requests[2].request_id);
  });

  it('expire_session in a transaction keeps the transaction', async () => {
    const { sql, binds } = insertDeployment('renewed');
    await execute(connection, 'BEGIN');
    await execute(connection, sql, binds);
    await server.fault({ kind: 'expire_session' });
    await execute(connection, 'COMMIT');
    assert.equal(await count('renewed'), 1);
  });

  for (const kind of ['expire_master', 'close_session']) {
    it(`${kind} ends the connection: 407002, and isUp() is false`, async () => {
      const doomed = await connect(server.url);
      const { sessions } = await server.control('GET', '/__sessions');
      await server.fault({ kind, session: Math.max(...sessions.map((session) => session.id)) });
      await assert.rejects(execute(doomed, 'SELECT 1'), { code: 407002 });
      assert.equal(doomed.isUp(), false);
      assert.equal(connection.isUp(), true);
      assert.equal((await execute(connection, 'SELECT 1 AS one')).rows[0].ONE, 1);
    });
  }

  it('http_status 503 is retried by the driver with the same request id', async () => {
    const { sql, binds } = insertDeployment('gateway');
    await server.fault({ kind: 'http_status', status: 503 });
    const started = Date.now();
    await execute(connection, sql, binds);
    assert.ok(Date.now() - started >= 1000);
    const requests = await server.requests();
    assert.deepEqual(
      requests.map((r) => [r.outcome, r.retry]),
      [
        ['http_status 503', 0],
        ['200', 1],
      ],
    );
    assert.equal(requests[0].request_id, requests[1].request_id);
    assert.equal(await count('gateway'), 1);
  });

  it('cut_before loses a request that never ran; the driver sends it again', async () => {
    const { sql, binds } = insertDeployment('cut-before');
    await server.fault({ kind: 'cut_before', match: '^insert' });
    await execute(connection, sql, binds);
    assert.deepEqual(
      (await outcomes()).map(([, outcome]) => outcome),
      ['cut_before', '200'],
    );
    assert.equal(await count('cut-before'), 1);
  });

  it('cut_after loses the answer to a COMMIT; the driver asks again and nothing is done twice', async () => {
    const { sql, binds } = insertDeployment('cut-after', {
      cloud_account_id: 'none',
      auto: 'true',
    });
    await server.fault({ kind: 'cut_after', match: '\\bcommit\\b' });
    const results = await executeAll(connection, ['BEGIN TRANSACTION', sql, 'COMMIT'], binds);
    assert.equal(results.length, 3);
    assert.equal((await outcomes())[0][1], 'cut_after');
    assert.equal(await count('cut-after'), 1);
  });

  it('http_status 4xx around a COMMIT reaches the caller, who does not know the outcome', async () => {
    const { sql, binds } = insertDeployment('unknown');
    await execute(connection, 'BEGIN');
    await execute(connection, sql, binds);
    await server.fault({ kind: 'http_status', status: 404, match: '^commit' });
    await assert.rejects(execute(connection, 'COMMIT'), { code: 401002 });
    await execute(connection, 'ROLLBACK');
    assert.equal(await count('unknown'), 0);
  });

  it('delay holds a statement back, and a cancelled one ends with 000604', async () => {
    await server.fault({ kind: 'delay', match: 'slow', ms: 300, times: null });
    const started = Date.now();
    await execute(connection, 'SELECT 1 AS slow');
    assert.ok(Date.now() - started >= 300);
    await server.fault({ kind: 'delay', match: 'endless', ms: 60000 });
    const failed = new Promise((resolve) => {
      const statement = connection.execute({
        sqlText: 'SELECT 1 AS endless',
        complete: (error) => resolve(error),
      });
      setTimeout(() => statement.cancel(), 100);
    });
    assert.equal((await failed).code, '000604');
  });

  it('delay beyond STATEMENT_TIMEOUT_IN_SECONDS ends with 000630', async () => {
    const limited = await connect(server.url);
    await execute(limited, 'ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1');
    await server.fault({ kind: 'delay', match: 'slow', ms: 60000 });
    await assert.rejects(execute(limited, 'SELECT 1 AS slow'), { code: '000630' });
  });

  it('lock_timeout and too_many_waiters answer 000625 without running the statement', async () => {
    const { sql, binds } = insertDeployment('locked');
    await server.fault(
      { kind: 'lock_timeout', match: 'insert' },
      { kind: 'too_many_waiters', match: 'insert', times: 2 },
    );
    await assert.rejects(execute(connection, sql, binds), /lock timeout of 3600 seconds/);
    await assert.rejects(execute(connection, sql, binds), { code: '000625', sqlState: '57014' });
    await assert.rejects(
      execute(connection, sql, binds),
      /number of waiters for this lock exceeds the 20 statements/,
    );
    await execute(connection, sql, binds);
    assert.equal(await count('locked'), 1);
  });

  it('error answers whatever a test needs, also inside several statements', async () => {
    const wanted = {
      kind: 'error',
      match: 'select 2',
      code: '000606',
      sqlState: '57P03',
      message: 'No active warehouse',
    };
    await server.fault(wanted, wanted);
    await assert.rejects(execute(connection, 'SELECT 2'), { code: '000606', sqlState: '57P03' });
    await assert.rejects(
      executeAll(connection, ['SELECT 1', 'SELECT 2']),
      /No active warehouse in SYSTEM\$MULTISTMT/,
    );
  });

  it('latency is added to every round trip, and the round trips are counted', async () => {
    await server.control('DELETE', '/__requests');
    await server.fault({ kind: 'latency', ms: 40 });
    const started = Date.now();
    for (let i = 0; i < 3; i += 1) await execute(connection, 'SELECT 1');
    const took = Date.now() - started;
    assert.ok(took >= 120 && took < 1000, `took ${took} ms`);
    const { count: requests } = await server.control('GET', '/__requests');
    assert.equal(requests, 3);
  });

  it('says how often each fault struck and refuses an unknown one', async () => {
    await server.fault({ kind: 'error', match: 'never' });
    assert.deepEqual(
      (await server.control('GET', '/__faults')).faults.map((f) => [f.kind, f.left, f.hits]),
      [['error', 1, 0]],
    );
    await assert.rejects(server.fault({ kind: 'earthquake' }), /unknown fault/);
  });
});
