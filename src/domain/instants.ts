import { contractViolation } from './errors.js';

/** What is wrong with a text that is no instant, as the end of a sentence. */
export const instantFault = 'must be an instant that there is, such as 2026-01-05T09:12:44Z';

/**
 * An instant of any offset in the contract's form, in which there are no more years than four digits hold.
 *
 * @param text RFC 3339
 * @param pointer where it stands in the body
 * @throws ApplicationError `contract-violation` when it is none
 */
export function instantOf(text: string | null | undefined, pointer: string): string | null {
  if (text === null || text === undefined) return null;
  const instant = toUtc(text);
  if (instant !== undefined) return instant;
  throw contractViolation([{ pointer, message: instantFault }]);
}

/** An instant in UTC with milliseconds; `undefined` when it is none. */
export function toUtc(text: string): string | undefined {
  const instant = new Date(text);
  // JavaScript takes the 30th of February for the 2nd of March, and 24 o'clock for the next day.
  const day = text.slice(0, 10);
  const inUtc = isDay(day) && text.slice(11, 13) !== '24' ? isoOf(instant) : undefined;
  return inUtc?.length === 24 ? inUtc : undefined;
}

function isDay(day: string): boolean {
  return isoOf(new Date(`${day}T00:00:00Z`))?.startsWith(day) ?? false;
}

function isoOf(instant: Date): string | undefined {
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
