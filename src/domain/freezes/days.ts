import { all, filtersOf } from './filters.js';
import type { DaysOfMonth, Month } from './filters.js';
import type { Recurrence } from './recurrence.js';
import { selectPositions } from './set-positions.js';
import { firstDayOf, monthOf, weekdayOf } from './wall-clock.js';

/**
 * The days of a recurrence: those of each period (as FREQ says) that no BY part excludes, of which BYSETPOS selects.
 * Nothing is generated: a day is in, or not, whatever came before it, so a search can begin anywhere.
 *
 * @param start the day from which intervals are counted, and which says what the rule leaves open
 */
export function daysOf(rule: Recurrence, start: number): DaysOfMonth {
  const complete = withDefaults(rule, start);
  const filters = filtersOf(complete, start);
  const days = lastRemembered((index) => {
    const first = firstDayOf(index);
    const month: Month = { index, first, length: firstDayOf(index + 1) - first };
    let left = all(month.length);
    for (const filter of filters) {
      if (left === 0) return 0;
      left &= filter(month);
    }
    return left;
  });
  return rule.bySetPos.length === 0 ? days : lastRemembered(selectPositions(rule, days));
}

/** What a rule leaves open is as on the first day (RFC 5545, section 3.3.10). */
function withDefaults(rule: Recurrence, start: number): Recurrence {
  const { frequency, byDay, byMonth, byMonthDay, byWeekNo, byYearDay } = rule;
  const saysDay = [byDay, byMonthDay, byWeekNo, byYearDay].some((by) => by.length > 0);
  if (saysDay || frequency === 'DAILY') return rule;
  if (frequency === 'WEEKLY') return { ...rule, byDay: [{ weekday: weekdayOf(start), nth: 0 }] };
  const month = monthOf(start);
  return {
    ...rule,
    byMonth: frequency === 'YEARLY' && byMonth.length === 0 ? [(month % 12) + 1] : byMonth,
    byMonthDay: [start - firstDayOf(month) + 1],
  };
}

/** A search asks for one month many times in a row, and for those beside it. */
function lastRemembered(days: DaysOfMonth): DaysOfMonth {
  const last = Array.from({ length: 4 }, () => ({ month: -1, days: 0 }));
  return (month) => {
    const slot = last[month & 3];
    if (slot?.month === month) return slot.days;
    const found = days(month);
    last[month & 3] = { month, days: found };
    return found;
  };
}
