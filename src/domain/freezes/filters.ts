import type { ByDay, Recurrence } from './recurrence.js';
import { firstDayOf, modulo, monthOf, weekOf, weekdayOf } from './wall-clock.js';

/**
 * The days of a month, counted through from the year 0, on which a recurrence has an occurrence: the lowest bit is
 * for the first day. To look at a month is the one step of all searches, and takes a bounded time.
 */
export type DaysOfMonth = (month: number) => number;

/** A month: its number from January of the year 0 on, its first day, and how many it has. */
export interface Month {
  readonly index: number;
  readonly first: number;
  readonly length: number;
}

/** The days of a month that a part of a rule leaves: the lowest bit is for the first one. */
export type Filter = (month: Month) => number;

/** All the days of a month. */
export const all = (length: number): number => 2 ** length - 1;

const wholeWeek = all(7);

/**
 * What the parts of a rule leave of a month, those that may exclude it as a whole first.
 *
 * @param start the day from which intervals are counted
 */
export function filtersOf(rule: Recurrence, start: number): readonly Filter[] {
  const { byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = rule;
  const filters: Filter[] = [];
  if (byMonth.length > 0) {
    filters.push(({ index, length }) => (byMonth.includes((index % 12) + 1) ? all(length) : 0));
  }
  if (rule.interval > 1) filters.push(intervals(rule, start));
  if (byMonthDay.length > 0) {
    filters.push(({ length }) =>
      bitsOf(byMonthDay, (day) => (day > 0 ? day - 1 : length + day), length),
    );
  }
  if (byDay.length > 0) filters.push(weekdaysOf(rule));
  if (byYearDay.length > 0) {
    filters.push(({ index, first, length }) => {
      const [from, to] = yearOf(index);
      return bitsOf(byYearDay, (day) => (day > 0 ? from + day - 1 : to + day) - first, length);
    });
  }
  if (byWeekNo.length > 0) filters.push(weeksOf(rule));
  return filters;
}

/** The periods that an INTERVAL of more than 1 leaves. */
function intervals({ frequency, interval, weekStart }: Recurrence, start: number): Filter {
  if (frequency === 'DAILY') {
    return ({ first, length }) =>
      daysWhere(length, (at) => modulo(first + at - start, interval) === 0);
  }
  if (frequency === 'WEEKLY') {
    const week = weekOf(start, weekStart);
    return ({ first, length }) =>
      daysWhere(length, (at) => modulo(Math.floor((first + at - week) / 7), interval) === 0);
  }
  const period = (month: number): number =>
    frequency === 'YEARLY' ? Math.floor(month / 12) : month;
  const begin = period(monthOf(start));
  return ({ index, length }) => (modulo(period(index) - begin, interval) === 0 ? all(length) : 0);
}

/** BYDAY: numbers count within the year where FREQ is YEARLY and no BYMONTH is there, else within the month. */
function weekdaysOf({ byDay, byMonth, frequency }: Recurrence): Filter {
  const ofYear = frequency === 'YEARLY' && byMonth.length === 0;
  const numbered = byDay.filter(({ nth }) => nth !== 0);
  const everyWeek = byDay.filter(({ nth }) => nth === 0).map(({ weekday }) => weekday);
  // The days of a month, by the weekday that it begins with.
  const patterns = [0, 1, 2, 3, 4, 5, 6].map((begins) =>
    daysWhere(31, (at) => everyWeek.includes((begins + at) % 7)),
  );
  return ({ index, first, length }) => {
    const days = (patterns[weekdayOf(first)] ?? 0) & all(length);
    if (numbered.length === 0) return days;
    const [from, to] = ofYear ? yearOf(index) : [first, first + length];
    return days | bitsOf(numbered, (part) => nthOf(part, from, to) - first, length);
  };
}

/** The nth such weekday from a day, or before one; a day outside of them when there is none. */
function nthOf({ weekday, nth }: ByDay, from: number, to: number): number {
  const day =
    nth > 0
      ? from + modulo(weekday - weekdayOf(from), 7) + 7 * (nth - 1)
      : to - 1 - modulo(weekdayOf(to - 1) - weekday, 7) + 7 * (nth + 1);
  return day >= from && day < to ? day : -1;
}

/** BYWEEKNO: of a year is the week that has four of its days or more. */
function weeksOf({ byWeekNo, weekStart }: Recurrence): Filter {
  const wanted = new Set(byWeekNo);
  return ({ first, length }) => {
    let days = 0;
    for (let week = weekOf(first, weekStart); week < first + length; week += 7) {
      if (!weekNumbersOf(week, weekStart).some((number) => wanted.has(number))) continue;
      days |= week < first ? wholeWeek >> (first - week) : wholeWeek << (week - first);
    }
    return days & all(length);
  };
}

/** The number of a week in its year, from the first one on and from the last one. */
function weekNumbersOf(week: number, weekStart: number): [number, number] {
  const middle = week + 3;
  const [from, to] = yearOf(monthOf(middle));
  // The 28th of December is in the last week of its year, on whichever day weeks begin.
  const last = Math.floor((weekOf(to - 4, weekStart) + 3 - from) / 7) + 1;
  const number = Math.floor((middle - from) / 7) + 1;
  return [number, number - last - 1];
}

/** The first day of the year of a month, and that of the next year. */
function yearOf(month: number): [number, number] {
  const january = month - modulo(month, 12);
  return [firstDayOf(january), firstDayOf(january + 12)];
}

/** The days of which something is so, counted from 0. */
function daysWhere(length: number, isSo: (at: number) => boolean): number {
  let days = 0;
  for (let at = 0; at < length; at++) if (isSo(at)) days |= 1 << at;
  return days;
}

/** The days that parts of a rule stand for, counted from 0, where the month has them. */
function bitsOf<Part>(
  parts: readonly Part[],
  dayOf: (part: Part) => number,
  length: number,
): number {
  let days = 0;
  for (const part of parts) {
    const at = dayOf(part);
    if (at >= 0 && at < length) days |= 1 << at;
  }
  return days;
}
