import assert from 'node:assert/strict';
import { connect, disconnect, execute } from './support/driver.mjs';
import { newKeyPair, startServer } from './support/server.mjs';

const passphrase = 'open sesame';
const first = newKeyPair();
const second = newKeyPair(passphrase);

describe('login', () => {
  let server;
  before(
    async () => (server = await startServer({ publicKeys: [first.publicKey, second.publicKey] })),
  );
  after(() => server.stop());

  const byKey = (privateKey, options) => ({
    password: undefined,
    authenticator: 'SNOWFLAKE_JWT',
    privateKey,
    ...options,
  });

  it('takes the right password and opens a session with the names that were given', async () => {
    const connection = await connect(server.url);
    const { rows } = await execute(
      connection,
      `SELECT CURRENT_USER() AS u, CURRENT_ROLE() AS r, CURRENT_WAREHOUSE() AS w, CURRENT_DATABASE() AS d,
        CURRENT_SCHEMA() AS s`,
    );
    assert.deepEqual(rows, [
      { U: 'DEPLOYMENT_QUEUE', R: 'DEPLOYER', W: 'COMPUTE_WH', D: 'DEPLOYMENTS_DB', S: 'PUBLIC' },
    ]);
    await disconnect(connection);
  });

  it('refuses a wrong password with 390100', async () => {
    await assert.rejects(connect(server.url, { password: 'wrong' }), { code: '390100' });
  });

  it('refuses an unknown user with 390100', async () => {
    await assert.rejects(connect(server.url, { username: 'NOBODY' }), { code: '390100' });
  });

  it('takes a token signed with a private key', async () => {
    const connection = await connect(server.url, byKey(first.privateKey));
    assert.equal((await execute(connection, 'SELECT 1 AS one')).rows[0].ONE, 1);
    await disconnect(connection);
  });

  it('takes the second key of a rotation, encrypted', async () => {
    await disconnect(
      await connect(server.url, byKey(second.privateKey, { privateKeyPass: passphrase })),
    );
  });

  it('refuses a token signed with another key with 390144', async () => {
    await assert.rejects(connect(server.url, byKey(newKeyPair().privateKey)), { code: '390144' });
  });

  it('opens a session without a current database when the database does not exist', async () => {
    const connection = await connect(server.url, { database: 'NO_SUCH_DB' });
    await assert.rejects(execute(connection, 'SELECT * FROM t'), { code: '090105' });
    await disconnect(connection);
  });

  it('ends the session when the connection is destroyed', async () => {
    const connection = await connect(server.url);
    assert.equal(await disconnect(connection), undefined);
    assert.equal((await server.control('GET', '/__sessions')).sessions.length, 0);
  });
});
