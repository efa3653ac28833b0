import { StartupError } from '../../platform/startup-error.js';
import { ApplicationError } from '../../domain/errors.js';
import { unavailable } from '../unavailable.js';

/** Primary result codes, https://sqlite.org/rescode.html. */
export const code = {
  error: 1,
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** What SQLite says for a code, https://sqlite.org/c3ref/errcode.html. */
const messages: ReadonlyMap<string, number> = new Map([
  ['database is locked', code.busy],
  ['attempt to write a readonly database', code.readOnly],
  ['disk I/O error', code.ioError],
  ['database disk image is malformed', code.corrupt],
  ['database or disk is full', code.full],
  ['unable to open database file', code.cannotOpen],
  ['file is not a database', code.notADatabase],
]);

/** SQLite's primary result code, or `undefined` for an error from elsewhere. */
export function errorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') {
    return undefined;
  }
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff;
  // The binding leaves the number out where many rows are read, and such an error is the store's.
  return messages.get(error.message) ?? code.ioError;
}

/** Whether the file holds something else than SQLite wrote. */
export function meansDamage(error: unknown): boolean {
  const found = errorCode(error);
  return found === code.corrupt || found === code.notADatabase;
}

/** An error of SQLite as callers are to see it. */
export function asApplicationError(error: unknown): unknown {
  const found = errorCode(error);
  // A broken constraint is a fault of this service, not of the store; so is a wrong statement.
  if (found === undefined || found === code.error || found === code.constraint) return error;
  return unavailable(error);
}

/** Whether an opening failed because another process has the file locked. */
export function meansLocked(error: unknown): boolean {
  return errorCode(causeOf(error)) === code.busy;
}

/** The error of SQLite behind a refusal. */
function causeOf(error: unknown): unknown {
  return error instanceof ApplicationError ? (error.details.cause ?? error) : error;
}

const remedies: ReadonlyMap<number | undefined, string> = new Map([
  [code.busy, 'another process has it locked; wait for a backup or restore to end'],
  [code.readOnly, 'the service must be able to write the file and its folder'],
  [code.ioError, 'look at the disk and the log of the kernel'],
  [code.full, 'make room on the disk'],
  [code.cannotOpen, 'the service must be able to write the file and its folder'],
  [code.corrupt, 'the file is damaged; put a backup in its place'],
  [code.notADatabase, 'the file is damaged or no database; put a backup in its place'],
]);

/**
 * Says in one line why a file cannot be opened, and what to do.
 *
 * @returns StartupError for what an operator can mend, else the error itself
 */
export function explainOpening(path: string, error: unknown): unknown {
  const cause = causeOf(error);
  const remedy = remedies.get(errorCode(cause));
  if (remedy === undefined || !(cause instanceof Error)) return error;
  const message = `Cannot open the store ${path}: ${cause.message}: ${remedy} (docs/OPERATIONS.md)`;
  return new StartupError(message, { cause });
}
