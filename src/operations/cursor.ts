import { createHash } from 'node:crypto';
import type { Position } from '../domain/deployments/order.js';
import type { ListFilter } from '../domain/deployments/reads.js';
import { contractViolation } from '../domain/errors.js';

/** An instant, an id and a digest. */
const position = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f-]{36}) ([\w-]{22})$/;

/** The list that a cursor belongs to. */
export interface CursorScope {
  readonly organisation: string;
  readonly filter: ListFilter;
}

/** Makes the cursor that reads on after a position; opaque to callers, safe in a URL. */
export function encodeCursor({ created_at: at, id }: Position, scope: CursorScope): string {
  return Buffer.from(`${at} ${id} ${digest(scope)}`).toString('base64url');
}

/**
 * Reads a cursor.
 *
 * @throws ApplicationError `contract-violation` when it is broken, or was made for another list
 */
export function decodeCursor(cursor: string, scope: CursorScope): Position {
  const parts = position.exec(Buffer.from(cursor, 'base64url').toString());
  const [, at, id, made] = parts ?? [];
  if (
    at === undefined ||
    id === undefined ||
    Buffer.from(cursor, 'base64url').toString('base64url') !== cursor
  ) {
    throw refuse('is not a cursor; take it from the Link header of the page before');
  }
  if (made !== digest(scope)) {
    throw refuse('belongs to another list; repeat the filters of the page before');
  }
  return { created_at: at, id };
}

function refuse(message: string): Error {
  return contractViolation([{ parameter: 'cursor', message }]);
}

/** 128 bits that name a list: a cursor says nothing secret, so this guards against mistakes. */
function digest({ organisation, filter }: CursorScope): string {
  const parts = [organisation, Object.entries(filter).sort()];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
