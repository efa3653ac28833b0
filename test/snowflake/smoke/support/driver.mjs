// The driver, loaded so that it opens no connection of its own, and its callbacks as promises.
import { createRequire } from 'node:module';
import { password, user } from './server.mjs';

process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = 'true';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const sdk = createRequire(import.meta.url)('snowflake-sdk');
sdk.configure({ logLevel: 'OFF' });

/** Logs in. An empty accessUrl would make the driver call the real service, so it is refused. */
export function connect(url, options = {}) {
  if (!url) throw new Error('no server to connect to');
  const connection = sdk.createConnection({
    accessUrl: url,
    account: 'TEST',
    username: user,
    password,
    warehouse: 'COMPUTE_WH',
    database: 'DEPLOYMENTS_DB',
    schema: 'PUBLIC',
    role: 'DEPLOYER',
    streamResult: true,
    ...options,
  });
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

/** Logs out. */
export const disconnect = (connection) =>
  new Promise((resolve) => connection.destroy((error) => resolve(error)));

/** Runs one statement. Returns { rows, statement }. */
export function execute(connection, sqlText, binds = [], options = {}) {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      binds,
      ...options,
      complete: (error, statement, rows) => {
        if (error) reject(error);
        else if (rows) resolve({ rows, statement });
        else readRows(statement).then((read) => resolve({ rows: read, statement }), reject);
      },
    });
  });
}

/** Runs several statements in one request. Returns the rows of each. */
export function executeAll(connection, sqlTexts, binds = []) {
  return new Promise((resolve, reject) => {
    const results = [];
    connection.execute({
      sqlText: sqlTexts.join(';\n'),
      binds,
      parameters: { MULTI_STATEMENT_COUNT: sqlTexts.length },
      complete: (error, statement) => {
        if (error) return reject(error);
        // With streamResult the request itself completes first; only its children can be read.
        if (typeof statement.hasNext !== 'function') return undefined;
        return readRows(statement).then((rows) => {
          results.push(rows);
          if (statement.hasNext()) statement.NextResult();
          else resolve(results);
        }, reject);
      },
    });
  });
}

function readRows(statement) {
  return new Promise((resolve, reject) => {
    const rows = [];
    statement
      .streamRows()
      .on('data', (row) => rows.push(row))
      .on('end', () => resolve(rows))
      .on('error', reject);
  });
}
