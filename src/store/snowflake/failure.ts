import { ApplicationError } from '../../domain/errors.js';
import type { RetryReason } from '../observer.js';
import { isRefusedLogin } from './refused-login.js';

/**
 * What a failure means for the one who asked.
 *
 * - `stale`: the change did not find what it was made from; nothing was changed
 * - `contended`: others were in the way; nothing was changed, and another try may succeed
 * - `refused`: the login was refused; another try soon would be refused as well
 * - `lost`: no answer came, so what was asked may have been done or not
 * - `broken`: the statement is wrong, or the role lacks a right; or it has been judged already
 */
export type FailureKind = 'stale' | 'contended' | 'refused' | 'lost' | 'broken';

/**
 * Where Snowflake publishes the text of an error and no number, or puts one error into another and
 * drops the number, the text is what is left to go by.
 */
const texts: readonly (readonly [RegExp, FailureKind])[] = [
  // https://docs.snowflake.com/en/sql-reference/sql/create-hybrid-table#examples
  [/Primary key already exists|Duplicate key value violates unique constraint/i, 'stale'],
  // 100072: the row of a change that did not find what it was made from, see write.ts
  [/NULL result in a non-nullable column/i, 'stale'],
  // 000625 with too many waiters, and an expired lock wait
  [/has locked table|lock(ed)? .*timeout|number of waiters|deadlock/i, 'contended'],
  // https://docs.snowflake.com/en/user-guide/tables-hybrid-limitations#quotas-and-throttling
  [/throttl|too many requests|quota/i, 'contended'],
];

/** SQLSTATE 57014: a statement was cancelled or ran out of time. */
const cancelled = '57014';

/** The driver's own errors, by the number that it gives them, and what the gateway refuses. */
const lost = /^(401\d{3}|402\d{3}|403\d{3}|405\d{3}|407\d{3}|39011[0-5]|390104|390195)$/;

/** Tells what a failed statement means. */
export function classify(error: unknown): FailureKind {
  if (error instanceof DeadlinePassed) return 'lost';
  if (!(error instanceof Error) || error instanceof ApplicationError) return 'broken';
  const found = texts.find(([text]) => text.test(error.message));
  if (found !== undefined) return found[1];
  const { code, sqlState } = codesOf(error);
  if (lost.test(code)) return 'lost';
  if (isRefusedLogin(error)) return 'refused';
  if (sqlState === cancelled) return 'contended';
  // An error that did not come from Snowflake came from the way there.
  return code === '' || !/^\d{6}$/.test(code) ? 'lost' : 'broken';
}

/** Why another try follows a failure. */
export function retryReason(error: unknown): RetryReason {
  switch (classify(error)) {
    case 'stale':
      return 'conflict';
    case 'contended':
      return 'lock';
    default:
      return 'lost';
  }
}

/** Whether a failed request of several statements had come to its COMMIT. */
export function failedAtCommit(error: unknown): boolean {
  return error instanceof Error && /failed on statement "COMMIT/i.test(error.message);
}

/** No answer came in time; the statement may still be running. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor() {
    super('No answer from Snowflake in time');
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
