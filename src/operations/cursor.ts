import { createHash } from 'node:crypto';
import { contractViolation } from '../domain/errors.js';

/** A position without spaces of its own but one, and a digest. */
const form = /^(\S+(?: \S+)?) ([\w-]{22})$/;

/** The list that a cursor belongs to. */
export interface CursorScope {
  readonly organisation: string;
  /** The same for the same list: its name, and what it is narrowed by. */
  readonly list: string;
}

/** Makes the cursor that reads on after a position; opaque to callers, safe in a URL. */
export function encodeCursor(position: string, scope: CursorScope): string {
  return Buffer.from(`${position} ${digest(scope)}`).toString('base64url');
}

/**
 * Reads a cursor.
 *
 * @returns the position
 * @throws ApplicationError `contract-violation` when it is broken, or was made for another list
 */
export function decodeCursor(cursor: string, scope: CursorScope): string {
  const [, position, made] = form.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (position === undefined || Buffer.from(cursor, 'base64url').toString('base64url') !== cursor) {
    throw refuse('is not a cursor; take it from the Link header of the page before');
  }
  if (made !== digest(scope)) {
    throw refuse('belongs to another list; repeat the filters of the page before');
  }
  return position;
}

/** The header that leads to the next page; none on the last one. */
export function nextPage(
  path: string,
  parameters: Iterable<[string, string]> | Record<string, string>,
  cursor: string | undefined,
): { Link?: string } {
  if (cursor === undefined) return {};
  const query = new URLSearchParams(parameters as Record<string, string>);
  query.append('cursor', cursor);
  return { Link: `<${path}?${query.toString()}>; rel="next"` };
}

function refuse(message: string): Error {
  return contractViolation([{ parameter: 'cursor', message }]);
}

/** 128 bits that name a list: a cursor says nothing secret, so this guards against mistakes. */
function digest({ organisation, list }: CursorScope): string {
  const text = JSON.stringify([organisation, list]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
