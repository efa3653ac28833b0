import { ApplicationError } from '../../domain/errors.js';
import type { RetryReason } from '../observer.js';
import { DeadlinePassed } from '../deadline.js';
import { isRefusedLogin } from './refused-login.js';

/**
 * What a failure means for the one who asked.
 *
 * - `stale`: the change did not find what it was made from; nothing was changed
 * - `contended`: others were in the way; nothing was changed, and another try may succeed
 * - `unknown`: nothing was changed, for a reason that is not known; another try may succeed, or not
 * - `refused`: the login was refused; another try soon would be refused as well
 * - `lost`: no answer came, so what was asked may have been done or not
 * - `broken`: the statement is wrong, or the role lacks a right; or it has been judged already
 */
export type FailureKind = 'stale' | 'contended' | 'unknown' | 'refused' | 'lost' | 'broken';

/** Snowflake's own errors, by number: an error that quotes a user's text has a number of its own. */
const codes: ReadonlyMap<string, FailureKind> = new Map([
  // A key of a hybrid table: https://docs.snowflake.com/en/sql-reference/sql/create-hybrid-table#examples
  ['200001', 'stale'],
  ['200009', 'stale'],
  // NULL where there may be none: the row of a change that did not find what it was made from, see write.ts
  ['100072', 'stale'],
  // A lock that was not to be had
  ['000625', 'contended'],
]);

/** Where a transaction found no row to lock, with how the statement begins that says so: see requireWriteLock. */
const divisionByZero = 'Division by zero';
const requiringLock = 'SELECT 1 / COUNT(*) AS locked';

/**
 * The same as they stand in the error of several statements, which keeps their text and drops their number
 * (https://docs.snowflake.com/en/developer-guide/sql-api/submitting-multiple-statements). Each is the beginning
 * of such a text, before anything that could be a user's.
 */
const texts: readonly (readonly [RegExp, FailureKind])[] = [
  [/^Primary key already exists/, 'stale'],
  [/^Duplicate key value violates unique constraint/, 'stale'],
  [/^Foreign key constraint "[^"]*" was violated/, 'stale'],
  [/^(DML operation to table \S+ failed on column \S+ with error: )?NULL result in a /, 'stale'],
  [/^Statement '[\w-]*' has locked table /, 'contended'],
  [/^Statement reached its /, 'contended'],
  [/^SQL execution canceled/, 'contended'],
  [/^SQL (compilation|access control) error:/, 'broken'],
  [new RegExp(`^${divisionByZero}`), 'broken'],
];

/** The number of that error, and how it names the statement that failed: by its first thirty characters. */
const severalStatements = '100132';
const failedStatement =
  /Execution of multiple statements failed on statement "\s*([\s\S]{0,33}?)" \(at line \d+, position \d+\)\.\n/;

/** SQLSTATE 57014: a statement was cancelled or ran out of time. */
const cancelled = '57014';

/** The driver's own errors, by the number that it gives them, and what the gateway refuses. */
const lost = /^(401\d{3}|402\d{3}|403\d{3}|405\d{3}|407\d{3})$/;

/** A session that is over, or whose tokens are; what the driver calls so once it knows. */
const ended = /^(39011[0-5]|390104|390195|407002)$/;

/** Tells what a failed statement means, or a failed request of several. */
export function classify(error: unknown): FailureKind {
  if (error instanceof DeadlinePassed) return 'lost';
  if (!(error instanceof Error) || error instanceof ApplicationError) return 'broken';
  const { code, sqlState } = codesOf(error);
  if (code === severalStatements) return classifyInner(error);
  const known = codes.get(code);
  if (known !== undefined) return known;
  if (lost.test(code) || ended.test(code)) return 'lost';
  if (isRefusedLogin(error)) return 'refused';
  if (sqlState === cancelled) return 'contended';
  // An error that did not come from Snowflake came from the way there.
  return /^\d{6}$/.test(code) ? 'broken' : 'lost';
}

/** Whether Snowflake has ended a session: what ended that one may have ended others. */
export function meansEnded(error: unknown): boolean {
  return error instanceof Error && ended.test(codesOf(error).code);
}

/** Whether a transaction with standard tables failed since `write_lock` has no row. */
export function meansUnlocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const failed = failedStatement.exec(error.message);
  if (failed?.[1]?.startsWith(requiringLock) !== true) return false;
  return error.message.startsWith(divisionByZero, failed.index + failed[0].length);
}

function classifyInner(error: Error): FailureKind {
  const failed = failedStatement.exec(error.message);
  if (failed === null) return 'unknown';
  const inner = error.message.slice(failed.index + failed[0].length);
  const known = texts.find(([text]) => text.test(inner));
  if (known !== undefined) return known[1];
  // Whatever it says, this is the one that fails on purpose: see recordChange.
  return failed[1]?.startsWith('INSERT INTO changes') === true ? 'stale' : 'unknown';
}

/**
 * Tells what the failure of a transaction means that was sent as one request. Where it may have come to its COMMIT,
 * that may have been carried out.
 */
export function classifyTransaction(error: unknown): FailureKind {
  const kind = classify(error);
  if (kind === 'stale' || !(error instanceof Error)) return kind;
  const failed = failedStatement.exec(error.message)?.[1];
  const mayBeDone =
    failed === undefined
      ? kind === 'unknown' || codesOf(error).sqlState === cancelled
      : failed.startsWith('COMMIT');
  return mayBeDone ? 'lost' : kind;
}

/** Why another try follows a failure. */
export function retryReason(error: unknown): RetryReason {
  switch (classify(error)) {
    case 'stale':
      return 'conflict';
    case 'contended':
    case 'unknown':
      return 'lock';
    default:
      return 'lost';
  }
}

/** The number and SQLSTATE of an error of the driver, as text; empty when it has none. */
function codesOf(error: Error): { code: string; sqlState: string } {
  const code = 'code' in error ? error.code : '';
  const sqlState = 'sqlState' in error ? error.sqlState : '';
  return {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    sqlState: typeof sqlState === 'string' ? sqlState : '',
  };
}
