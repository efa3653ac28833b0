import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { asApplicationError, code, errorCode } from './failure.js';
import { guardFile } from './file-guard.js';
import type { FileGuard } from './file-guard.js';
import { createGroupCommit } from './group-commit.js';
import { prepareFile, privateFolder } from './permissions.js';
import { unobserved } from '../observer.js';
import { carriedPages, keepLogSmall, maxLogBytes, mostPages } from './write-ahead-log.js';
import type { LogKeeping } from './write-ahead-log.js';

/** A value that SQLite stores in our tables. */
export type Value = string | number | null;
/** A row by column name. */
export type Row = Record<string, Value>;

/** A prepared statement. */
export interface Statement {
  /** Every row of the result. */
  all(...values: Value[]): Row[];
  /** The rows of the result one by one, for as long as they are asked for. */
  iterate(...values: Value[]): Iterable<Row>;
  /** The first row of the result. */
  get(...values: Value[]): Row | undefined;
  /** Runs it and returns how many rows it changed. */
  run(...values: Value[]): number;
}

/** An open SQLite file. */
export interface Database {
  /**
   * Prepares a statement, once for each text.
   *
   * SQLite's planner looks at what is bound to `LIMIT ?`, and prepares the statement anew, which takes longer
   * than most of them run, whenever that is bound again (`sqlite3ExprIsInteger` in its `expr.c`). It does not
   * look into `LIMIT ? + 0`.
   */
  prepare(sql: string): Statement;
  /** Runs statements that have no parameters. */
  exec(sql: string): void;
  /**
   * Runs `work` in a transaction that holds the write lock from its start, so that what it reads
   * cannot change before it writes; leaves no trace of it when it throws. Work that comes at the same
   * time shares the transaction, see `createGroupCommit`.
   *
   * @throws ApplicationError `unavailable` when another process keeps the lock
   */
  transaction<T>(work: () => T): Promise<T>;
  /** @throws ApplicationError `unavailable` when the file is not in its place, or was found damaged */
  verify(): void;
  close(): void;
}

/** How long a writer waits for another process, in milliseconds. */
const lockTimeoutMs = 3_000;

/**
 * Opens a SQLite file and creates it, with its folder, when it is missing; nobody else can read what it
 * creates.
 *
 * `synchronous=FULL` makes every commit durable before it is answered, which WAL's default does not
 * (https://sqlite.org/pragma.html#pragma_synchronous).
 *
 * @param logKeeping how the write-ahead log is kept small
 * @throws ApplicationError `unavailable` when the file cannot be opened
 */
export function openDatabase(
  path: string,
  observer = unobserved,
  logKeeping: LogKeeping = {},
): Database {
  const byItself = logKeeping.carryOverElsewhere === undefined ? carriedPages : mostPages;
  const connection = connect(path, byItself);
  const guard = guardFile(path);
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = guard.run(() => wrap(connection, guard.run, sql));
      statements.set(sql, statement);
    }
    return statement;
  };
  const log = keepLogSmall(
    path,
    {
      pages() {
        guard.verify();
        const row = prepare('PRAGMA wal_checkpoint(NOOP)').get();
        return { all: Number(row?.['log']), carriedOver: Number(row?.['checkpointed']) };
      },
      carryOver() {
        guard.verify();
        prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
      },
      truncate() {
        guard.verify();
        truncateLog(connection);
      },
    },
    logKeeping,
  );
  const transaction = createGroupCommit(
    {
      begin(lastTry) {
        const begun = guard.run(() => begin(connection, lastTry));
        if (!begun) observer.storeRetried('lock');
        return begun;
      },
      exec(sql) {
        if (sql === 'COMMIT') guard.verify();
        prepare(sql).run();
        if (sql === 'COMMIT') log.changed();
      },
      isOpen: () => connection.isTransaction,
    },
    lockTimeoutMs,
  );

  return {
    prepare,

    exec(sql) {
      guard.run(() => {
        connection.exec(sql);
      });
    },

    transaction,

    verify() {
      guard.verify();
    },

    close() {
      log.stop();
      try {
        // The binding lets go of the file only with its last statement, which is for the garbage collector to
        // find; until then the data is to be where a copy of the file would look.
        truncateLog(connection);
      } catch {
        // All that was answered is in the log, and whoever opens the database next reads it there.
      }
      statements.clear();
      connection.close();
    },
  };
}

/** A file that is looked into, or held, without being served. */
export type OpenFile = Pick<Database, 'prepare' | 'exec' | 'close'>;

/** Opens a file that exists, whatever is in it; errors are SQLite's own. */
export function openFile(path: string): OpenFile {
  // Without this, SQLite would create it.
  accessSync(path, constants.R_OK);
  const connection = new DatabaseSync(path, { timeout: 1_000 });
  const statement = (sql: string): Statement => wrap(connection, (action) => action(), sql);
  return {
    prepare: statement,
    exec(sql) {
      connection.exec(sql);
    },
    close() {
      connection.close();
    },
  };
}

/**
 * Opens a file. Nothing is written beside it: there may be no other place that can be written to.
 *
 * @param mostPages from how many pages of the write-ahead log on SQLite carries it over by itself
 */
function connect(path: string, mostPages: number): DatabaseSyncInstance {
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true, mode: privateFolder });
    prepareFile(path);
    // The timeout covers the short locks of recovery and checkpoints; writers wait on their own.
    const connection = new DatabaseSync(path, { timeout: 50 });
    connection.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${maxLogBytes};
       PRAGMA wal_autocheckpoint = ${mostPages}; PRAGMA temp_store = MEMORY;`,
    );
    return connection;
  } catch (error) {
    throw asApplicationError(error);
  }
}

/** Carries the write-ahead log over into the file; truncates it unless somebody still reads it. */
function truncateLog(connection: DatabaseSyncInstance): void {
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

function wrap(connection: DatabaseSyncInstance, run: FileGuard['run'], sql: string): Statement {
  const statement = connection.prepare(sql);
  // STRICT tables hold nothing but text, integers and NULL, so every row is a Row.
  return {
    all: (...values) => run(() => statement.all(...values) as Row[]),
    iterate: (...values) => run(() => statement.iterate(...values) as Iterable<Row>),
    get: (...values) => run(() => statement.get(...values) as Row | undefined),
    run: (...values) => run(() => statement.run(...values).changes),
  };
}

/** Takes the write lock; returns `false` when another process has it and there is time to wait. */
function begin(connection: DatabaseSyncInstance, lastTry: boolean): boolean {
  try {
    connection.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (errorCode(error) === code.busy && !lastTry) return false;
    throw error;
  }
}
