import type { IdempotentRequest } from '../idempotency/idempotency.js';
import type { FreezeCalendar } from './gate.js';

/** A lock or a freeze, with the request that created it where that had an `Idempotency-Key`. */
export interface Kept<Gate> {
  readonly gate: Gate;
  readonly request: IdempotentRequest | null;
}

/** A calendar, and what is kept of the token that it is read with. */
export interface KeptCalendar {
  readonly calendar: FreezeCalendar;
  readonly tokenHash: string;
}
