import type { DaysOfMonth } from './filters.js';
import type { Recurrence } from './recurrence.js';
import { firstDayOf, weekOf } from './wall-clock.js';

type Select = (at: number, length: number) => boolean;

/**
 * The days that BYSETPOS selects of those of each period: the nth, or the nth from the last one (RFC 5545,
 * section 3.3.10). Periods are whole ones, also the first: days before `starts` count, and are no occurrences.
 *
 * @param days what the other parts leave
 */
export function selectPositions(rule: Recurrence, days: DaysOfMonth): DaysOfMonth {
  const positions = new Set(rule.bySetPos);
  const isSelected: Select = (at, length) => positions.has(at + 1) || positions.has(at - length);
  switch (rule.frequency) {
    case 'DAILY':
      return isSelected(0, 1) ? days : () => 0;
    case 'WEEKLY':
      return ofWeeks(rule.weekStart, days, isSelected);
    case 'MONTHLY':
      return (month) => selectOf([days(month)], isSelected)[0] ?? 0;
    case 'YEARLY':
      return ofYears(days, isSelected);
  }
}

function ofYears(days: DaysOfMonth, isSelected: Select): DaysOfMonth {
  let last: { year: number; months: readonly number[] } = { year: -1, months: [] };
  return (month) => {
    const year = Math.floor(month / 12);
    if (last.year !== year) {
      const months = Array.from({ length: 12 }, (_, nth) => days(year * 12 + nth));
      last = { year, months: selectOf(months, isSelected) };
    }
    return last.months[month % 12] ?? 0;
  };
}

/** A week may begin in the month before, and end in the next one. */
function ofWeeks(weekStart: number, days: DaysOfMonth, isSelected: Select): DaysOfMonth {
  return (month) => {
    const [before, here, after] = [days(month - 1), days(month), days(month + 1)];
    const [past, first, next] = [firstDayOf(month - 1), firstDayOf(month), firstDayOf(month + 1)];
    const isIn = (day: number): boolean => {
      if (day < first) return hasBit(before, day - past);
      return day < next ? hasBit(here, day - first) : hasBit(after, day - next);
    };
    let selected = 0;
    for (let week = weekOf(first, weekStart); week < next; week += 7) {
      let length = 0;
      for (let day = week; day < week + 7; day++) if (isIn(day)) length += 1;
      let at = 0;
      for (let day = week; day < week + 7; day++) {
        const isOne = isIn(day) && isSelected(at++, length);
        if (isOne && day >= first && day < next) selected |= 1 << (day - first);
      }
    }
    return selected;
  };
}

/** Of the days of some months that are one period, those at selected places. */
function selectOf(months: readonly number[], isSelected: Select): number[] {
  const length = months.reduce(
    (sum, month) => sum + bits.filter((bit) => hasBit(month, bit)).length,
    0,
  );
  let at = 0;
  return months.map((month) =>
    bits.reduce((left, bit) => {
      if (!hasBit(month, bit)) return left;
      return isSelected(at++, length) ? left | (1 << bit) : left;
    }, 0),
  );
}

const bits: readonly number[] = Array.from({ length: 31 }, (_, bit) => bit);

function hasBit(days: number, bit: number): boolean {
  return ((days >>> bit) & 1) === 1;
}
