import { Readable } from 'node:stream';
import type { Link, Sdk, SdkConnection } from '../../../src/store/snowflake/driver.js';
import type { Row, Statement } from '../../../src/store/snowflake/statement.js';
import type { Value } from '../../../src/store/snowflake/statement.js';
import type { StoreLog } from '../../../src/store/observer.js';
import type { SnowflakeOptions, TableKind } from '../../../src/store/snowflake/options.js';
import { newColumns } from '../../../src/store/snowflake/deployments/rows.js';
import { schemaFilesOf, usedTables } from '../../../src/store/snowflake/schema.js';

export const options: SnowflakeOptions = {
  account: 'myorg-myaccount',
  accessUrl: undefined,
  user: 'SERVICE',
  login: { kind: 'password', password: 'secret' },
  role: undefined,
  warehouse: 'WH',
  database: 'DB',
  schema: 'S',
  tables: 'hybrid',
  poolSize: 2,
  poolWaitMs: 50,
  poolQueue: 200,
  timeoutMs: 1_000,
  telemetry: false,
};

/** A log that keeps its messages, and the fields of each. */
export class MemoryLog implements StoreLog {
  readonly messages: string[] = [];
  readonly fields: object[] = [];
  info(fields: object, message: string): void {
    this.messages.push(message);
    this.fields.push(fields);
  }
  warn(fields: object, message: string): void {
    this.info(fields, message);
  }
}

/** An error as the driver makes them. */
export function driverError(code: string | number, message = 'failed', sqlState = ''): Error {
  return Object.assign(new Error(message), { code, sqlState });
}

/**
 * An error of one of several statements as Snowflake puts it
 * (https://docs.snowflake.com/en/developer-guide/sql-api/submitting-multiple-statements).
 */
export function batchError(inner: string, statement = 'UPDATE deployments'): Error {
  return driverError(
    '100132',
    'JavaScript execution error: Uncaught Execution of multiple statements failed on statement ' +
      `"${statement}" (at line 1, position 75).\n${inner} in SYSTEM$MULTISTMT at '    throw \`Execution of ` +
      "multiple statements failed on statement {0} (at line {1}, position {2}).`.replace('{1}', LINES[i])' " +
      'position 4\nstackstrace: \nSYSTEM$MULTISTMT line: 10',
    'P0000',
  );
}

/** A session that does what a test says. */
export class FakeLink implements Link {
  up = true;
  alive = true;
  closed = false;
  readonly sent: string[] = [];
  answer: (sql: string) => Promise<Row[]> = () => Promise.resolve([]);

  query({ sql }: Statement): Promise<Row[]> {
    this.sent.push(sql);
    return this.answer(sql);
  }
  async batch(statements: readonly Statement[]): Promise<void> {
    await this.query({ sql: statements.map(({ sql }) => sql).join(';\n'), values: [] });
  }
  isUp(): boolean {
    return this.up;
  }
  heartbeat(): Promise<boolean> {
    return Promise.resolve(this.alive);
  }
  close(): Promise<void> {
    this.closed = true;
    this.up = false;
    return Promise.resolve();
  }
}

/** A driver that records what it is asked for. */
export class FakeSdk implements Sdk {
  readonly configured: unknown[] = [];
  readonly created: object[] = [];
  readonly executed: Parameters<SdkConnection['execute']>[0][] = [];
  connectError: Error | undefined;
  executeError: Error | undefined;
  rows: Row[] = [];

  configure(wanted: object): void {
    this.configured.push(wanted);
  }

  createConnection(wanted: object): SdkConnection {
    this.created.push(wanted);
    return {
      connect: (callback) => {
        callback(this.connectError);
      },
      execute: (statement) => {
        this.executed.push(statement);
        statement.complete(this.executeError, { streamRows: () => Readable.from(this.rows) });
      },
      isUp: () => true,
      isValidAsync: () => Promise.resolve(true),
      destroy: (callback) => {
        callback(new Error('gone already'));
      },
    };
  }
}

/** A session in a hybrid schema that is up to date; everything else is for the test to say. */
export function upToDate(answer: (sql: string) => Row[]): (sql: string) => Promise<Row[]> {
  return async (sql) => {
    if (sql.includes('information_schema.columns')) return columnRows('hybrid');
    if (sql.includes('information_schema')) {
      const names = ['SCHEMA_MIGRATIONS', 'DEPLOYMENTS'];
      return names.map((name) => ({ TABLE_NAME: name, IS_HYBRID: 'YES' }));
    }
    if (sql.includes('FROM schema_migrations')) {
      return schemaFilesOf('hybrid').map(({ version }) => ({ VERSION: version }));
    }
    return Promise.resolve(answer(sql));
  };
}

/** What the information schema says of the columns that the service uses. */
export function columnRows(kind: TableKind): Row[] {
  return usedTables(kind).flatMap(([table, columns]) =>
    columns.map((column) => ({
      TABLE_NAME: table.toUpperCase(),
      COLUMN_NAME: column.toUpperCase(),
    })),
  );
}

/** What the driver gives for what was written: instants as Date, names in upper case. */
export function rowOf(values: readonly Value[]): Record<string, unknown> {
  return Object.fromEntries(
    newColumns.map((column, index) => {
      const value = values[index];
      const instant = column.endsWith('_at') && typeof value === 'string';
      return [column.toUpperCase(), instant ? new Date(`${value}Z`) : value];
    }),
  );
}
