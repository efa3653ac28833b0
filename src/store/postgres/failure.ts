import { DeadlinePassed } from '../deadline.js';
import type { RetryReason } from '../observer.js';

/**
 * What a failure means for the one who asked.
 *
 * - `stale`: the change did not find what it was made from; nothing was changed
 * - `contended`: others were in the way, or the server was not ready; nothing was changed, and another try may succeed
 * - `outdated`: the connection no longer does, and another one may; nothing was changed
 * - `exhausted`: the server lacks something, such as room; nothing was changed
 * - `refused`: the login was refused, or the role lacks a right; nothing was changed
 * - `lost`: no answer came, so what was asked may have been done or not
 * - `broken`: the statement is wrong; or it has been judged already
 */
export type FailureKind =
  'stale' | 'contended' | 'outdated' | 'exhausted' | 'refused' | 'lost' | 'broken';

/** SQLSTATEs, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const codes: ReadonlyMap<string, FailureKind> = new Map([
  // A key that is taken, a row that is referred to or is gone, and `require_rows`.
  ['23505', 'stale'],
  ['23503', 'stale'],
  ['40001', 'stale'],
  ['40P01', 'contended'],
  ['55P03', 'contended'],
  // A statement that ran out of its time, or that an operator has cancelled.
  ['57014', 'contended'],
  // The server starts, stops or is full.
  ['57P03', 'contended'],
  ['53300', 'contended'],
  // The server has ended the connection: an operator, a crash of another one, an idle transaction or session. Where
  // that was around a COMMIT, it may have been carried out.
  ['57P01', 'lost'],
  ['57P02', 'lost'],
  ['57P04', 'lost'],
  ['57P05', 'lost'],
  ['25P03', 'lost'],
  ['25P04', 'lost'],
  ['40003', 'lost'],
  // What the connection has prepared is of a schema that a migration has left behind, or somebody has discarded it.
  ['0A000', 'outdated'],
  ['26000', 'outdated'],
  // The connection leads to what is no longer the primary, which has refused the first thing that it was to write.
  ['25006', 'outdated'],
  // Such a database there is not, or it has been closed to the role in part.
  ['3D000', 'refused'],
  ['42501', 'refused'],
]);

const classes: ReadonlyMap<string, FailureKind> = new Map([
  ['08', 'lost'],
  ['28', 'refused'],
  ['53', 'exhausted'],
  ['58', 'exhausted'],
  ['XX', 'exhausted'],
]);

/** Tells what a failed statement means. */
export function classify(error: unknown): FailureKind {
  if (error instanceof DeadlinePassed || error instanceof ConnectionLost) return 'lost';
  if (!isFromServer(error)) return 'broken';
  const code = codeOf(error);
  return codes.get(code) ?? classes.get(code.slice(0, 2)) ?? 'broken';
}

/** The SQLSTATE of an error of the server, or the number of one of the system; empty when there is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Whether the server has said it: then there is a severity, and else there may be a code of the system's. */
function isFromServer(error: unknown): error is Error {
  return error instanceof Error && 'severity' in error && codeOf(error) !== '';
}

/** No answer came from the server, for a reason that lies on the way there. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** An error of the driver: the server's as it is, and of all others that the connection is lost. */
export function asServerError(error: unknown): Error {
  if (isFromServer(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ConnectionLost(reason, { cause: error });
}

/** Why another try follows a failure. */
export function retryReason(error: unknown): RetryReason {
  switch (classify(error)) {
    case 'stale':
      return 'conflict';
    case 'lost':
    case 'outdated':
      return 'lost';
    default:
      return 'lock';
  }
}
