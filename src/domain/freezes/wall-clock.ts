/**
 * What the clock on a wall shows, without a zone: the milliseconds from 1970 to it as if it was UTC, so that a
 * day is always 24 hours long. A date is a whole number of such days, which weekdays and months are counted by.
 */
export type WallTime = number;

export const dayMs = 86_400_000;

/** Further than this, no clock is from UTC, nor jumps when it changes: Samoa once left out a day. */
export const maxShiftMs = 26 * 3_600_000;

/** The first and the last year in which a freeze can begin; zones are not known further ahead. */
export const years = { first: 2000, last: 2199 } as const;

const localTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?$/;

/** Reads `2026-12-24T18:00` or `2026-12-24T18:00:00`; `undefined` for anything else, and for a 30 February. */
export function parseWallTime(text: string): WallTime | undefined {
  const fields = localTime
    .exec(text)
    ?.slice(1)
    .map((field) => Number(field));
  return fields === undefined ? undefined : wallTimeOf(fields.map((field) => field || 0));
}

/**
 * The wall time of year, month, day, hour, minute and second.
 *
 * @returns `undefined` when no calendar or clock has it
 */
export function wallTimeOf(fields: readonly number[]): WallTime | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isThere =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return isThere ? date.getTime() : undefined;
}

/** Writes it as it is read, with seconds only where there are some. */
export function showWallTime(wall: WallTime): string {
  return new Date(wall).toISOString().slice(0, 19).replace(/:00$/, '');
}

/** The day that it is on. */
export function dayOf(wall: WallTime): number {
  return Math.floor(wall / dayMs);
}

/** From Monday, 0, to Sunday, 6. */
export function weekdayOf(day: number): number {
  return modulo(day + 3, 7);
}

/** The first day of the week that a day is in. */
export function weekOf(day: number, weekStart: number): number {
  return day - modulo(weekdayOf(day) - weekStart, 7);
}

/** The months are counted through, from January of the year 0. */
export function monthOf(day: number): number {
  const date = new Date(day * dayMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The first day of such a month. */
export function firstDayOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), modulo(month, 12), 1) / dayMs;
}

/** The remainder that is never negative. */
export function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
