// What the driver does by itself. These are facts that a store relies on; a new version of the driver may change them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, disconnect, execute } from './support/driver.mjs';
import { insertDeployment, tables } from './support/schema.mjs';
import { startServer } from './support/server.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the driver', () => {
  let server, connection;
  before(async () => {
    server = await startServer();
    connection = await connect(server.url);
    for (const sql of tables) await execute(connection, sql);
    await server.reset();
  });
  after(() => server.stop());
  afterEach(() => server.reset());

  it('runs a request id once in a session, and again in another', async () => {
    const requestId = '0f4f9c5e-6f2c-4d0a-9a53-0b1a2c3d4e5f';
    const sql =
      "INSERT INTO deployment_events SELECT UUID_STRING(), 'd', SYSDATE(), NULL, 'x', 'request', NULL FROM deployments WHERE id = 'd'";
    const row = insertDeployment('d');
    await execute(connection, row.sql, row.binds);
    await execute(connection, sql, [], { requestId });
    await execute(connection, sql, [], { requestId });
    const other = await connect(server.url);
    await execute(other, sql, [], { requestId });
    await disconnect(other);
    const { rows } = await execute(connection, 'SELECT COUNT(*) AS n FROM deployment_events');
    assert.equal(rows[0].N, 2);
  });

  it('sends a failed request a second time when it collects the rows itself, and once with streamResult', async () => {
    await server.fault({ kind: 'http_status', status: 404, times: null });
    await assert.rejects(execute(connection, 'SELECT 1', [], { streamResult: true }));
    assert.equal((await server.requests()).length, 1);
    await server.control('DELETE', '/__requests');
    await assert.rejects(execute(connection, 'SELECT 1', [], { streamResult: false }));
    assert.equal((await server.requests()).length, 2);
  });

  it('goes on sending an abandoned statement, unless the agent that it was given refuses', async () => {
    let closed = false;
    const agent = new Agent({ keepAlive: true });
    const createConnection = agent.createConnection.bind(agent);
    agent.createConnection = (...parameters) => {
      if (closed) throw new Error('this connection was abandoned');
      return createConnection(...parameters);
    };
    const guarded = await connect(server.url, { agentClass: () => agent });
    await server.control('DELETE', '/__requests');
    await server.fault({ kind: 'cut_before', times: null });
    execute(guarded, 'SELECT 1').catch(() => {});
    execute(connection, 'SELECT 2').catch(() => {});
    await pause(300);
    closed = true;
    agent.destroy();
    await server.control('DELETE', '/__faults');
    await pause(3500);
    const sent = (await server.requests()).map((request) => `${request.sql} ${request.outcome}`);
    assert.equal(sent.filter((line) => line === 'SELECT 1 cut_before').length, 1);
    assert.equal(sent.filter((line) => line.startsWith('SELECT 1')).length, 1);
    assert.ok(sent.includes('SELECT 2 200'));
  });

  it('sends a heartbeat for isValidAsync and renews an expired token with it', async () => {
    await server.fault({ kind: 'expire_session' });
    assert.equal(await connection.isValidAsync(), true);
    assert.deepEqual(
      (await server.requests()).map((request) => request.path),
      ['/session/heartbeat', '/session/token-request', '/session/heartbeat'],
    );
  });

  it('sends no telemetry when it is switched off', async () => {
    const other = await connect(server.url);
    await disconnect(other);
    assert.deepEqual(
      (await server.requests()).map((request) => request.path),
      ['/session/v1/login-request', '/session'],
    );
  });

  for (const [what, code] of [
    ['after a logout', 'await disconnect(connection)'],
    ['with an idle connection left open', ''],
  ]) {
    it(`lets the process end ${what}, and writes nothing anywhere`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'driver-'));
      const module = fileURLToPath(new URL('./support/driver.mjs', import.meta.url));
      const script = `
        const { connect, disconnect, execute } = await import(${JSON.stringify(module)});
        const connection = await connect(${JSON.stringify(server.url)});
        await execute(connection, 'SELECT 1');
        ${code}`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
      let output = '';
      child.stdout.on('data', (data) => (output += data));
      child.stderr.on('data', (data) => (output += data));
      const started = Date.now();
      const exit = await new Promise((resolve) => child.once('exit', resolve));
      assert.deepEqual([exit, output, readdirSync(folder)], [0, '', []]);
      assert.ok(Date.now() - started < 20000);
      rmSync(folder, { recursive: true });
    });
  }
});
