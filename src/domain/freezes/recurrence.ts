import type { WallTime } from './wall-clock.js';

export const frequencies = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export type Frequency = (typeof frequencies)[number];

export const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** A weekday from Monday, 0, to Sunday, 6: each, or the nth of a month or year, from its end when negative. */
export interface ByDay {
  readonly weekday: number;
  /** 0 for each. */
  readonly nth: number;
}

/** The last time at which an occurrence may begin, by the clocks of the zone or of UTC. */
export interface Until {
  readonly wall: WallTime;
  readonly utc: boolean;
}

/** An RRULE, read. Lists are empty where a part is not there. */
export interface Recurrence {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | undefined;
  readonly until: Until | undefined;
  /** The day on which weeks begin. */
  readonly weekStart: number;
  readonly byMonth: readonly number[];
  readonly byMonthDay: readonly number[];
  readonly byYearDay: readonly number[];
  readonly byWeekNo: readonly number[];
  readonly byDay: readonly ByDay[];
  readonly bySetPos: readonly number[];
}

/** A freeze that comes once: every day, once. */
export const once: Recurrence = {
  frequency: 'DAILY',
  interval: 1,
  count: 1,
  until: undefined,
  weekStart: 0,
  byMonth: [],
  byMonthDay: [],
  byYearDay: [],
  byWeekNo: [],
  byDay: [],
  bySetPos: [],
};
