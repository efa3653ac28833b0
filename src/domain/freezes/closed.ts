import { isWithin, occurrenceFrom, occurrenceUpTo, spanOf } from './freeze.js';
import type { Freeze } from './freeze.js';
import { readyFreeze, toText } from './occurrences.js';
import type { ClosedStretch, FreezeRule } from './rule.js';
import { dayMs, dayOf, maxShiftMs } from './wall-clock.js';

/** How far it is looked for the end of occurrences that touch: ten years. */
const maxStretchDays = 3653;

/** What holds from one instant up to another, in milliseconds since the epoch. */
interface Stretch {
  readonly from: number;
  readonly until: number;
  /** What is closed, or `undefined` where nothing is. */
  readonly closed: ClosedStretch | undefined;
  /** The occurrence after it, by its day. */
  readonly next: number | undefined;
}

/** What was found last for each freeze: starts ask for now, and that is in the same stretch for long. */
const remembered = new WeakMap<Freeze, Stretch>();
/** What follows a stretch, as far as somebody has asked. */
const following = new WeakMap<Stretch, { readonly closed: ClosedStretch | undefined }>();

/**
 * The time around an instant in which a freeze holds without a break: its occurrences that overlap or touch are
 * one. `until` is when deployments may start again.
 *
 * @param at RFC 3339 in UTC
 * @returns `undefined` when it does not hold
 *
 * @example
 * const weekend = { time_zone: 'Europe/Berlin', starts: '2026-01-02T18:00', ends: '2026-01-05T06:00', rrule: 'FREQ=WEEKLY' };
 * closedAt(weekend, '2026-03-28T12:00:00.000Z');
 * // { from: '2026-03-27T17:00:00.000Z', until: '2026-03-30T04:00:00.000Z' }
 */
export function closedAt(rule: FreezeRule, at: string): ClosedStretch | undefined {
  return stretchAt(readyFreeze(rule), Date.parse(at)).closed;
}

/**
 * The next time after an instant in which a freeze begins to hold; while it holds, that after it.
 *
 * @param at RFC 3339 in UTC
 * @returns `undefined` when there is none
 */
export function nextClosed(rule: FreezeRule, at: string): ClosedStretch | undefined {
  const freeze = readyFreeze(rule);
  const stretch = stretchAt(freeze, Date.parse(at));
  let after = following.get(stretch);
  if (after === undefined) {
    after = {
      closed: stretch.next === undefined ? undefined : closedFrom(freeze, stretch.next).closed,
    };
    following.set(stretch, after);
  }
  return after.closed;
}

function stretchAt(freeze: Freeze, at: number): Stretch {
  let stretch = remembered.get(freeze);
  if (stretch === undefined || at < stretch.from || at >= stretch.until) {
    stretch = findStretch(freeze, at);
    remembered.set(freeze, stretch);
  }
  return stretch;
}

function findStretch(freeze: Freeze, at: number): Stretch {
  const begun = lastBegun(freeze, at);
  if (begun !== undefined) {
    const { until } = spanOf(freeze, begun);
    if (until > at) return closedFrom(freeze, begun, at);
  }
  const next = occurrenceFrom(freeze, begun === undefined ? freeze.first : begun + 1);
  const until = next === undefined ? Infinity : spanOf(freeze, next).from;
  return { from: at, until, closed: undefined, next };
}

/** The last occurrence that has begun by then. */
function lastBegun(freeze: Freeze, at: number): number | undefined {
  let day = occurrenceUpTo(freeze, dayOf(at - freeze.time + maxShiftMs));
  while (day !== undefined && spanOf(freeze, day).from > at) day = occurrenceUpTo(freeze, day - 1);
  return day;
}

/** The occurrences that are one with this one, before and after it. */
function closedFrom(freeze: Freeze, begun: number, at?: number): Stretch {
  let first = begun;
  for (let day = before(freeze, first); day !== undefined; day = before(freeze, first)) {
    if (begun - day > maxStretchDays || !touches(freeze, day, first)) break;
    first = day;
  }
  let last = begun;
  let next = after(freeze, last);
  while (next !== undefined && touches(freeze, last, next)) {
    if (next - begun > maxStretchDays) return endless(freeze, first, begun, at);
    last = next;
    next = after(freeze, last);
  }
  const [{ from }, { until }] = [spanOf(freeze, first), spanOf(freeze, last)];
  return { from, until, closed: { from: toText(from), until: toText(until) }, next };
}

/** Where no end was found, a day later it is looked again, as far from there. */
function endless(freeze: Freeze, first: number, begun: number, at?: number): Stretch {
  const { from } = spanOf(freeze, first);
  const looked = at ?? spanOf(freeze, begun).from;
  return {
    from,
    until: looked + dayMs,
    closed: { from: toText(from), until: null },
    next: undefined,
  };
}

const before = (freeze: Freeze, day: number) => occurrenceUpTo(freeze, day - 1);
const after = (freeze: Freeze, day: number) => occurrenceFrom(freeze, day + 1);

/** Whether no time is between two occurrences. Only where they are close it is up to the clocks of the zone. */
function touches(freeze: Freeze, earlier: number, later: number): boolean {
  if (isWithin(freeze, later, earlier)) return true;
  if ((later - earlier) * dayMs - freeze.length > maxShiftMs) return false;
  return spanOf(freeze, earlier).until >= spanOf(freeze, later).from;
}
