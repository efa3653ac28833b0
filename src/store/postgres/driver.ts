import type { Client, ClientConfig, Notification, Pool, PoolClient } from 'pg';
import { asServerError } from './failure.js';
import type { PostgresOptions } from './options.js';
import type { Row, Statement } from './statement.js';

/** A connection. Statements that are sent before the first has an answer travel together. */
export interface Link {
  query(statement: Statement): Promise<Row[]>;
}

/** The connections that one use after another borrows. */
export type ConnectionPool = Pool;
/** A connection that is lent. */
export type LentConnection = PoolClient;

/** All that is needed of the driver. */
export interface Driver {
  /** A pool that opens a connection when one is wanted and none is idle. */
  createPool(size: number): ConnectionPool;
  /** Opens a connection of its own, which has to be closed; one in the background keeps no process alive. */
  connect(url: string, kind?: 'background'): Promise<Client>;
}

export type { Client, Notification };

/** After which idle time a connection asks the network whether the other side is there, in milliseconds. */
const keepAliveMs = 10_000;
/** How long a connection may be idle, in milliseconds, and how long it lives, in seconds: a pool follows a move. */
const idleMs = 60_000;
const lifetimeSeconds = 30 * 60;

/** Loads the driver, which is not loaded for another store. */
export async function loadDriver(options: PostgresOptions): Promise<Driver> {
  const { default: pg } = await import('pg');
  const { builtins } = pg.types;
  const toDate = pg.types.getTypeParser(builtins.TIMESTAMPTZ) as (text: string) => unknown;
  const types = new pg.TypeOverrides();
  types.setTypeParser(builtins.INT8, Number);
  types.setTypeParser(builtins.TIMESTAMPTZ, (text: string) => toInstant(toDate(text)));
  // Whoever reads JSON knows what is in it.
  types.setTypeParser(builtins.JSON, (text: string) => text);
  const settings = (url: string): ClientConfig => ({
    connectionString: withStrictTls(url),
    application_name: 'deployment-queue-api',
    connectionTimeoutMillis: options.poolWaitMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    statement_timeout: options.timeoutMs,
    idle_in_transaction_session_timeout: options.timeoutMs,
    // What is sent together travels together: https://node-postgres.com/features/pipelining
    pipeline: true,
    types,
  });

  return {
    createPool(size) {
      return new pg.Pool({
        ...settings(options.url),
        max: size,
        idleTimeoutMillis: idleMs,
        maxLifetimeSeconds: lifetimeSeconds,
        allowExitOnIdle: true,
      });
    },
    async connect(url, kind) {
      const client = new pg.Client(settings(url));
      // Whoever asks it something is told; nobody else has to be.
      client.on('error', () => undefined);
      await client.connect();
      // Missing in its types.
      if (kind === 'background') (client as Client & { unref(): void }).unref();
      return client;
    },
  };
}

/** Opens a connection for one use of it. */
export async function withConnection<T>(
  driver: Driver,
  url: string,
  use: (link: Link) => Promise<T>,
): Promise<T> {
  const client = await driver.connect(url);
  try {
    return await use(linkOf(client));
  } finally {
    await client.end();
  }
}

/**
 * Asks a connection.
 *
 * @param nameOf the name under which a statement is prepared; none for what is parsed and planned each time
 */
export function linkOf(
  client: Pick<Client, 'query'>,
  nameOf: (statement: Statement) => string | undefined = () => undefined,
): Link {
  return {
    async query(statement) {
      const { sql: text, values } = statement;
      try {
        const name = nameOf(statement);
        const { rows } = await client.query<Row>({ name, text, values: [...values] });
        return rows;
      } catch (error) {
        throw asServerError(error);
      }
    },
  };
}

/** An instant in the contract's form; the one beyond all others has none. */
function toInstant(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  throw new Error('A timestamptz is no instant');
}

/** `require` checks the server's certificate and name, too: else anybody on the way could be the server. */
function withStrictTls(url: string): string {
  return url.replace(/([?&]sslmode=)require(?=&|$)/, '$1verify-full');
}
