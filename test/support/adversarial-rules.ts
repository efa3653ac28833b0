import { freezeOf, occurrenceFrom } from '../../src/domain/freezes/freeze.js';
import type { FreezeRule } from '../../src/domain/freezes/rule.js';
import { dayMs } from '../../src/domain/freezes/wall-clock.js';

const list = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, nth) => from + nth).join(',');

/** What a caller could store to make a search long: what never comes, seldom comes, always comes, or says much. */
const rrules: readonly (string | null)[] = [
  null,
  // Never.
  'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
  'FREQ=DAILY;BYDAY=MO;BYSETPOS=2',
  'FREQ=DAILY;INTERVAL=7;BYDAY=TU',
  'FREQ=WEEKLY;BYDAY=FR;BYSETPOS=2',
  'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30,31',
  'FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;BYDAY=FR',
  'FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3;BYSETPOS=3',
  'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=6',
  'FREQ=YEARLY;INTERVAL=1000;BYYEARDAY=366',
  // Seldom.
  'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=FR',
  'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=FR;COUNT=1000',
  'FREQ=MONTHLY;INTERVAL=11;BYMONTH=2;BYMONTHDAY=29;BYDAY=FR',
  'FREQ=DAILY;INTERVAL=1000;BYDAY=MO;BYMONTH=1',
  'FREQ=WEEKLY;INTERVAL=1000;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=7',
  'FREQ=YEARLY;INTERVAL=97;COUNT=1000',
  // Always, and as often as can be.
  'FREQ=DAILY',
  'FREQ=DAILY;COUNT=1000',
  'FREQ=DAILY;UNTIL=99991231T235959Z',
  'FREQ=DAILY;UNTIL=00010101',
  `FREQ=MONTHLY;BYMONTHDAY=${list(1, 31)}`,
  // Much to look through.
  `FREQ=YEARLY;BYYEARDAY=${list(1, 60)}`,
  `FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=${list(300, 350)}`,
  `FREQ=YEARLY;BYWEEKNO=${list(1, 53)};BYDAY=MO,TU,WE,TH,FR,SA,SU`,
  `FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=${list(1, 60)}`,
];

/** From a minute to the most that is allowed, and around a day, where occurrences begin to touch. */
const minutes = [1, 1440, 1441, 366 * 1440];

/** Each of them, for each length, by clocks that are changed, from its first time after each of some years. */
export const adversarialRules: readonly FreezeRule[] = rrules.flatMap((rrule) =>
  minutes.flatMap((length) =>
    ['2000-01-01T02:15', '2190-12-31T23:59'].map((starts) =>
      fromFirst({
        time_zone: length % 2 === 0 ? 'Europe/Berlin' : 'Australia/Lord_Howe',
        starts,
        ends: later(starts, length * 60_000),
        rrule,
      }),
    ),
  ),
);

/** The rule from its first occurrence on, as it could be stored; as it is when there is none. */
function fromFirst(rule: FreezeRule): FreezeRule {
  const freeze = freezeOf(rule);
  const first = occurrenceFrom(freeze, freeze.first);
  if (first === undefined) return rule;
  const after = (first - freeze.first) * dayMs;
  return { ...rule, starts: later(rule.starts, after), ends: later(rule.ends, after) };
}

function later(wall: string, milliseconds: number): string {
  return new Date(Date.parse(`${wall}Z`) + milliseconds).toISOString().slice(0, 19);
}
