import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { Refusal } from '../../domain/refusal.js';
import { createGroupCommit } from './group-commit.js';
import { unobserved } from '../observer.js';

/** A value that SQLite stores in our tables. */
export type Value = string | number | null;
/** A row by column name. */
export type Row = Record<string, Value>;

/** A prepared statement. */
export interface Statement {
  /** Every row of the result. */
  all(...values: Value[]): Row[];
  /** The first row of the result. */
  get(...values: Value[]): Row | undefined;
  /** Runs it and returns how many rows it changed. */
  run(...values: Value[]): number;
}

/** An open SQLite file. */
export interface Database {
  /** Prepares a statement, once for each text. */
  prepare(sql: string): Statement;
  /** Runs statements that have no parameters. */
  exec(sql: string): void;
  /**
   * Runs `work` in a transaction that holds the write lock from its start, so that what it reads
   * cannot change before it writes; leaves no trace of it when it throws. Work that comes at the same
   * time shares the transaction, see `createGroupCommit`.
   *
   * @throws Refusal `unavailable` when another process keeps the lock
   */
  transaction<T>(work: () => T): Promise<T>;
  /**
   * Checks that the file still stands where it was opened. On Unix an open file can be removed or
   * replaced: it takes writes until it is closed, and then they are gone.
   *
   * @throws Refusal `unavailable` when it does not
   */
  requirePlace(): void;
  close(): void;
}

/** How long a writer waits for another process, in milliseconds. */
const lockPatienceMs = 3_000;
/** SQLITE_BUSY, https://sqlite.org/rescode.html#busy. */
const busy = 5;
/** Seconds after which a caller should try again. */
const retryAfter = 5;

/**
 * Opens a SQLite file and creates it, with its folder, when it is missing.
 *
 * `synchronous=FULL` makes every commit durable before it is answered, which WAL's default does not
 * (https://sqlite.org/pragma.html#pragma_synchronous).
 *
 * @throws Refusal `unavailable` when the file cannot be opened
 */
export function openDatabase(path: string, observer = unobserved): Database {
  const connection = connect(path);
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = guarded(() => wrap(connection, sql));
      statements.set(sql, statement);
    }
    return statement;
  };
  const transaction = createGroupCommit(
    {
      begin(lastTry) {
        const begun = begin(connection, lastTry);
        if (!begun) observer.storeRetried('lock');
        return begun;
      },
      exec(sql) {
        prepare(sql).run();
      },
      isOpen: () => connection.isTransaction,
    },
    lockPatienceMs,
  );
  const opened = identify(path);

  return {
    prepare,

    exec(sql) {
      guarded(() => {
        connection.exec(sql);
      });
    },

    transaction,

    requirePlace() {
      if (identify(path) === opened) return;
      throw outOfReach(new Error(`${path} is no longer the file that was opened`));
    },

    close() {
      // The binding lets go of the file only with its last statement, which is for the garbage
      // collector to find; until then the data is to be where a copy of the file would look.
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      statements.clear();
      connection.close();
    },
  };
}

function connect(path: string): DatabaseSyncInstance {
  return guarded(() => {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    // The timeout covers the short locks of recovery and checkpoints; writers wait on their own.
    const connection = new DatabaseSync(path, { timeout: 50 });
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    return connection;
  });
}

function wrap(connection: DatabaseSyncInstance, sql: string): Statement {
  const statement = connection.prepare(sql);
  // STRICT tables hold nothing but text, integers and NULL, so every row is a Row.
  return {
    all: (...values) => guarded(() => statement.all(...values) as Row[]),
    get: (...values) => guarded(() => statement.get(...values) as Row | undefined),
    run: (...values) => guarded(() => statement.run(...values).changes),
  };
}

/** Takes the write lock; returns `false` when another process has it and there is time to wait. */
function begin(connection: DatabaseSyncInstance, lastTry: boolean): boolean {
  try {
    connection.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (errorCode(error) === busy && !lastTry) return false;
    throw unavailable(error);
  }
}

function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): unknown {
  // A broken constraint is a fault of this service, not of the store; so is a wrong statement.
  const code = errorCode(error);
  if (code === undefined || code === 1 || code === 19) return error;
  return outOfReach(error);
}

function outOfReach(cause: unknown): Refusal {
  const message = `The store is out of reach; try again in ${retryAfter} seconds`;
  return new Refusal('unavailable', message, { retryAfter, cause });
}

/** What tells a file from another one at its path; `undefined` for none, as of a database in memory. */
function identify(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}

/** SQLite's primary result code, or `undefined` for an error from elsewhere. */
function errorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
