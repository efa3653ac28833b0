import type { Readable } from 'node:stream';
import { loginOptions } from './login-options.js';
import type { SnowflakeOptions } from './options.js';
import { requestsOf } from './request.js';
import type { Row, Statement, Value } from './statement.js';

/** One login to Snowflake. It runs one request at a time. */
export interface Link {
  /** Runs a statement: one round trip. */
  query(statement: Statement): Promise<Row[]>;
  /**
   * Runs several statements in one request, up to the first that fails: one round trip, and another
   * that the driver makes by itself afterwards. Their rows are not read. What is too large for one
   * request takes as many as it needs.
   */
  batch(statements: readonly Statement[]): Promise<void>;
  /** Whether the driver still takes statements for it; asks nobody. */
  isUp(): boolean;
  /** Whether the session answers; keeps it alive. Runs no statement, so it wakes no warehouse. */
  heartbeat(): Promise<boolean>;
  /** Logs out. Never rejects: a session that is gone cannot be closed. */
  close(): Promise<void>;
}

/** Logs in. */
export type Connect = () => Promise<Link>;

/** What is used of snowflake-sdk. */
export interface Sdk {
  configure(options: { logLevel: 'OFF' }): void;
  createConnection(options: ReturnType<typeof connectionOptions>): SdkConnection;
}

/** What is used of one of its connections. */
export interface SdkConnection {
  connect(callback: (error: Error | undefined) => void): unknown;
  execute(options: {
    sqlText: string;
    binds: Value[];
    parameters: Record<string, number>;
    complete: (error: Error | undefined, statement: { streamRows(): Readable }) => void;
  }): unknown;
  isUp(): boolean;
  isValidAsync(): Promise<boolean>;
  destroy(callback: (error: Error | undefined) => void): void;
}

/**
 * Loads snowflake-sdk, which takes a second and a hundred megabytes of packages: only where this
 * store is chosen. Left alone it would look for the cloud that it runs in, report each login, and
 * write a log file.
 */
export async function loadDriver(options: SnowflakeOptions): Promise<Connect> {
  quieten(options.telemetry);
  const { default: sdk } = await import('snowflake-sdk');
  return createConnect(sdk, options);
}

/** Logs in through a given driver. */
export function createConnect(sdk: Sdk, options: SnowflakeOptions): Connect {
  sdk.configure({ logLevel: 'OFF' });
  return async () => {
    const connection = sdk.createConnection(connectionOptions(options));
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    return createLink(connection);
  };
}

/** The driver reads these when it is loaded, so they have to be set before. */
function quieten(telemetry: boolean): void {
  // eslint-disable-next-line no-restricted-properties -- the driver has no other switch for these
  const environment = process.env;
  environment['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] = 'true';
  environment['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  if (!telemetry) environment['SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'] = 'true';
}

/** https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-options */
export function connectionOptions(options: SnowflakeOptions) {
  const { account, accessUrl, user, login, role, warehouse, database, schema } = options;
  return {
    account,
    ...(accessUrl !== undefined && { accessUrl }),
    ...(user !== undefined && { username: user }),
    ...loginOptions(login),
    ...(role !== undefined && { role }),
    warehouse,
    database,
    schema,
    application: 'deployment-queue-api',
    // Otherwise the driver sends a statement that failed for the network once more in full.
    streamResult: true,
    // A login that fails is tried again by whoever waits for it, within its own time.
    sfRetryMaxLoginRetries: 0,
    timeout: options.timeoutMs,
  };
}

function createLink(connection: SdkConnection): Link {
  return {
    query: ({ sql, values }) =>
      new Promise((resolve, reject) => {
        connection.execute({
          sqlText: sql,
          binds: [...values],
          parameters: {},
          complete(error, statement) {
            if (error) reject(error);
            else readRows(statement.streamRows()).then(resolve, reject);
          },
        });
      }),

    async batch(statements) {
      for (const request of requestsOf(statements)) {
        await new Promise<void>((resolve, reject) => {
          connection.execute({
            sqlText: request.map(({ sql }) => sql).join(';\n'),
            binds: request.flatMap(({ values }) => values),
            // https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-execute
            parameters: { MULTI_STATEMENT_COUNT: request.length },
            // Called when all have run, and again when the driver has fetched the rows of the first.
            complete(error) {
              if (error) reject(error);
              else resolve();
            },
          });
        });
      }
    },

    isUp: () => connection.isUp(),
    heartbeat: () => connection.isValidAsync(),
    close: () =>
      new Promise((resolve) => {
        connection.destroy(() => {
          resolve();
        });
      }),
  };
}

async function readRows(stream: Readable): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of stream as AsyncIterable<Row>) rows.push(row);
  return rows;
}
