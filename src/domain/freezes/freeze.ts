import { daysOf } from './days.js';
import type { DaysOfMonth } from './filters.js';
import { parseRrule } from './parse-rrule.js';
import { once } from './recurrence.js';
import type { Recurrence, Until } from './recurrence.js';
import type { FreezeRule } from './rule.js';
import { dayMs, dayOf, firstDayOf, monthOf, parseWallTime, years } from './wall-clock.js';
import type { WallTime } from './wall-clock.js';
import { instantOf } from './zone.js';

/** A freeze as it is searched. An occurrence is named by the day on which it begins. */
export interface Freeze {
  readonly zone: string;
  /** When in the day it begins, and how long it lasts by the clocks: milliseconds. */
  readonly time: number;
  readonly length: number;
  /** The days between which all occurrences begin, both included. */
  readonly first: number;
  readonly last: number;
  readonly days: DaysOfMonth;
  /** What all questions together have looked at: what a question costs is the difference. */
  readonly effort: Effort;
  /** The occurrence that was asked for last, which is asked for several times in a row. */
  lastSpan?: { readonly day: number; readonly span: Span };
}

/** What takes time: months that were looked at, and wall times that became instants. */
export interface Effort {
  months: number;
  instants: number;
}

/** From and until when an occurrence holds, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** The days that are searched at all. */
const calendar = {
  first: Date.UTC(years.first, 0) / dayMs,
  last: Date.UTC(years.last + 1, 0) / dayMs - 1,
};

/**
 * Makes a rule ready to be searched. All occurrences begin in the years of the calendar, so each search looks
 * at 2,400 months at the most.
 *
 * @param rule one without faults
 */
export function freezeOf(rule: FreezeRule): Freeze {
  const [starts, ends] = [parseWallTime(rule.starts), parseWallTime(rule.ends)];
  const recurrence = rule.rrule === null ? once : parseRrule(rule.rrule);
  if (starts === undefined || ends === undefined || 'fault' in recurrence) {
    throw new Error('A freeze with faults was stored');
  }
  return boundedFreeze(rule.time_zone, starts, ends - starts, recurrence);
}

/** The freeze of a rule that has been read. */
export function boundedFreeze(
  zone: string,
  starts: WallTime,
  length: number,
  recurrence: Recurrence,
): Freeze {
  const effort: Effort = { months: 0, instants: 0 };
  const first = dayOf(starts);
  const days = daysOf(recurrence, first);
  const counted: DaysOfMonth = (month) => {
    effort.months += 1;
    return days(month);
  };
  const time = starts - first * dayMs;
  const endless = { zone, time, length, first, last: calendar.last, days: counted, effort };
  const { until, count } = recurrence;
  if (until !== undefined) return { ...endless, last: lastUntil(endless, until) };
  return count === undefined ? endless : { ...endless, last: lastOfCount(endless, count) };
}

/** The last day on which an occurrence begins by then. */
function lastUntil(freeze: Freeze, { wall, utc }: Until): number {
  const { zone, time, first, last } = freeze;
  if (!utc) return Math.min(last, dayOf(wall - time));
  // No zone is more than a day away from UTC.
  let day = Math.min(last, dayOf(wall) + 2);
  while (day >= first && instantOf(day * dayMs + time, zone, 'earlier') > wall) day -= 1;
  return day;
}

function lastOfCount(freeze: Freeze, count: number): number {
  let last = freeze.first - 1;
  for (let nth = 0; nth < count; nth++) {
    const next = occurrenceFrom(freeze, last + 1);
    if (next === undefined) break;
    last = next;
  }
  return last;
}

/** The first occurrence on a day or after it. */
export function occurrenceFrom(freeze: Freeze, day: number): number | undefined {
  const from = Math.max(day, freeze.first);
  const end = monthOf(freeze.last);
  let month = monthOf(from);
  let skipped = from - firstDayOf(month);
  for (; month <= end && from <= freeze.last; month++, skipped = 0) {
    const left = skipped === 0 ? freeze.days(month) : (freeze.days(month) >>> skipped) << skipped;
    if (left === 0) continue;
    // The lowest bit.
    const found = firstDayOf(month) + 31 - Math.clz32(left & -left);
    return found <= freeze.last ? found : undefined;
  }
  return undefined;
}

/** The last occurrence on a day or before it. */
export function occurrenceUpTo(freeze: Freeze, day: number): number | undefined {
  const to = Math.min(day, freeze.last);
  const end = monthOf(freeze.first);
  let month = monthOf(to);
  let taken = to - firstDayOf(month) + 1;
  for (; month >= end && to >= freeze.first; month--, taken = 31) {
    const left = freeze.days(month) & (2 ** taken - 1);
    if (left === 0) continue;
    const found = firstDayOf(month) + 31 - Math.clz32(left);
    return found >= freeze.first ? found : undefined;
  }
  return undefined;
}

/**
 * When an occurrence holds. Of a time that the clocks show twice, the first is when it begins and the second when
 * it ends, so it is never shorter than it says.
 */
export function spanOf(freeze: Freeze, day: number): Span {
  if (freeze.lastSpan?.day === day) return freeze.lastSpan.span;
  freeze.effort.instants += 2;
  const starts = day * dayMs + freeze.time;
  const from = instantOf(starts, freeze.zone, 'earlier');
  const until = instantOf(starts + freeze.length, freeze.zone, 'later');
  // Where it begins in an hour that the clocks leave out, it may end before that hour would have been over.
  const span = { from, until: until > from ? until : from + freeze.length };
  freeze.lastSpan = { day, span };
  return span;
}

/** Whether an occurrence begins before another one has ended by the clocks, or just then. */
export function isWithin(freeze: Freeze, later: number, earlier: number): boolean {
  return later * dayMs <= earlier * dayMs + freeze.length;
}
