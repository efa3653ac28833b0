import { frequencies, once, weekdays } from './recurrence.js';
import type { ByDay, Frequency, Recurrence, Until } from './recurrence.js';
import { dayMs, wallTimeOf } from './wall-clock.js';

/** How long the text of a rule may be. */
export const maxRuleLength = 255;

/** The parts whose value is one number or several, up to which, and with which FREQ they mean something. */
const numbers = {
  INTERVAL: { max: 1000, one: true },
  COUNT: { max: 1000, one: true },
  BYMONTH: { max: 12 },
  BYMONTHDAY: { max: 31, fromEnd: true, with: ['DAILY', 'MONTHLY', 'YEARLY'] },
  BYYEARDAY: { max: 366, fromEnd: true, with: ['YEARLY'] },
  BYWEEKNO: { max: 53, fromEnd: true, with: ['YEARLY'] },
  BYSETPOS: { max: 366, fromEnd: true },
} as const satisfies Record<string, NumbersOf>;

interface NumbersOf {
  readonly max: number;
  readonly one?: boolean;
  readonly fromEnd?: boolean;
  readonly with?: readonly Frequency[];
}

type NumbersName = keyof typeof numbers;
const numbersNames = Object.keys(numbers) as readonly NumbersName[];
const names: readonly string[] = ['FREQ', 'UNTIL', 'WKST', 'BYDAY', ...numbersNames];

/** A fault of a rule, as the end of a sentence. */
class Fault extends Error {}

/**
 * Reads the value of an RRULE (RFC 5545, section 3.3.10). Case does not matter.
 *
 * @returns the rule, or what is wrong with it as the end of a sentence
 */
export function parseRrule(text: string): Recurrence | { readonly fault: string } {
  try {
    return recurrenceOf(text);
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message };
    throw error;
  }
}

function recurrenceOf(text: string): Recurrence {
  const parts = partsOf(text);
  const frequency = frequencyOf(parts.get('FREQ'));
  const list = (name: NumbersName): readonly number[] => {
    const value = parts.get(name);
    return value === undefined ? [] : numbersOf(name, value, frequency);
  };
  const until = parts.get('UNTIL');
  const byDay = parts.get('BYDAY');
  const recurrence: Recurrence = {
    frequency,
    interval: list('INTERVAL')[0] ?? 1,
    count: list('COUNT')[0],
    until: until === undefined ? undefined : untilOf(until),
    weekStart: weekStartOf(parts.get('WKST') ?? 'MO'),
    byMonth: list('BYMONTH'),
    byMonthDay: list('BYMONTHDAY'),
    byYearDay: list('BYYEARDAY'),
    byWeekNo: list('BYWEEKNO'),
    byDay: byDay === undefined ? once.byDay : byDay.split(',').map(weekdayOf),
    bySetPos: list('BYSETPOS'),
  };
  requireTogether(recurrence);
  return recurrence;
}

function partsOf(text: string): ReadonlyMap<string, string> {
  if (text.length > maxRuleLength) {
    throw new Fault(`must have at most ${maxRuleLength} characters, not ${text.length}`);
  }
  if (/^RRULE[:;]/i.test(text))
    throw new Fault('must be the value of an RRULE, without RRULE: before it');
  const parts = new Map<string, string>();
  for (const part of text.toUpperCase().split(';')) {
    const [, name = '', value = ''] = /^([A-Z]+)=([A-Z0-9+,-]+)$/.exec(part) ?? [];
    if (name === '') {
      throw new Fault(`must be parts such as FREQ=WEEKLY;BYDAY=FR, not ${JSON.stringify(part)}`);
    }
    if (!names.includes(name)) {
      throw new Fault(
        `must not have ${name}, but only ${names.join(', ')}; starts and ends say the time of day`,
      );
    }
    if (parts.has(name)) throw new Fault(`must have ${name} once`);
    parts.set(name, value);
  }
  return parts;
}

function frequencyOf(value: string | undefined): Frequency {
  const frequency = frequencies.find((each) => each === value);
  if (frequency === undefined) throw new Fault(`must have FREQ, one of ${frequencies.join(', ')}`);
  return frequency;
}

function numbersOf(name: NumbersName, value: string, frequency: Frequency): readonly number[] {
  const part: NumbersOf = numbers[name];
  if (part.with?.includes(frequency) === false) {
    throw new Fault(`must have ${name} only where FREQ is ${oneOf(part.with)}, not ${frequency}`);
  }
  const values = value.split(',').map((each) => (/^[+-]?\d{1,4}$/.test(each) ? Number(each) : 0));
  const isRight = (each: number): boolean =>
    each !== 0 && each <= part.max && each >= (part.fromEnd === true ? -part.max : 1);
  if ((part.one === true && values.length > 1) || !values.every(isRight)) {
    const range = `from 1 to ${part.max}${part.fromEnd === true ? ', or their negatives' : ''}`;
    const what = part.one === true ? 'one number' : 'numbers separated by commas, each';
    throw new Fault(`must have ${name} as ${what} ${range}, not ${value}`);
  }
  return values;
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? names.join() : `one of ${names.join(', ')}`;
}

function weekdayOf(value: string): ByDay {
  const [, nth = '', name = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(value) ?? [];
  const weekday = weekdays.findIndex((each) => each === name);
  const number = Number(nth);
  if (weekday < 0 || Math.abs(number) > 53 || (number === 0 && nth !== '')) {
    throw new Fault(
      `must have BYDAY as ${weekdays.join(', ')}, separated by commas, each with a number from 1 to 53 or ` +
        `its negative before it if need be, not ${value}`,
    );
  }
  return { weekday, nth: number };
}

function weekStartOf(value: string): number {
  const weekday = weekdays.findIndex((each) => each === value);
  if (weekday < 0) throw new Fault(`must have WKST as one of ${weekdays.join(', ')}, not ${value}`);
  return weekday;
}

const untilForm = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/;

function untilOf(value: string): Until {
  const found = untilForm.exec(value);
  const wall = wallTimeOf((found ?? []).slice(1, 7).map((field) => Number(field || 0)));
  if (found === null || wall === undefined) {
    throw new Fault(
      'must have UNTIL as 20261231T235959Z, which is UTC, 20261231T235959, by the clocks of time_zone, or ' +
        `20261231, a day that is included, not ${value}`,
    );
  }
  // A day ends with its last millisecond.
  return found[4] === undefined
    ? { wall: wall + dayMs - 1, utc: false }
    : { wall, utc: found[7] === 'Z' };
}

/** What each part allows by itself, and the parts together do not. */
function requireTogether(rule: Recurrence): void {
  const { frequency, byDay, byWeekNo, byMonth, byMonthDay, byYearDay, bySetPos } = rule;
  if (rule.count !== undefined && rule.until !== undefined) {
    throw new Fault('must have COUNT or UNTIL, not both');
  }
  const isNumbered = byDay.some(({ nth }) => nth !== 0);
  if (isNumbered && frequency !== 'MONTHLY' && frequency !== 'YEARLY') {
    throw new Fault(
      `must have BYDAY with numbers only where FREQ is MONTHLY or YEARLY, not ${frequency}`,
    );
  }
  const inMonths = frequency === 'MONTHLY' || byMonth.length > 0;
  if (inMonths && byDay.some(({ nth }) => Math.abs(nth) > 5)) {
    throw new Fault('must have BYDAY with numbers from 1 to 5 within a month, or their negatives');
  }
  if (byWeekNo.length > 0 && (isNumbered || byDay.length === 0)) {
    throw new Fault(
      'must have BYWEEKNO beside a BYDAY without numbers, such as BYWEEKNO=52;BYDAY=MO',
    );
  }
  if (
    bySetPos.length > 0 &&
    [byDay, byMonth, byMonthDay, byYearDay].every((by) => by.length === 0)
  ) {
    throw new Fault(
      'must have BYSETPOS beside BYDAY, BYMONTH, BYMONTHDAY or BYYEARDAY, of which it selects',
    );
  }
}
