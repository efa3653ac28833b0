import { freezeOf, occurrenceFrom, spanOf } from './freeze.js';
import type { Freeze, Span } from './freeze.js';
import type { FreezeRule, Window } from './rule.js';
import { dayMs, dayOf, maxShiftMs } from './wall-clock.js';

/** Rules do not change, so each is read once, for as long as it is held. */
const freezes = new WeakMap<FreezeRule, Freeze>();

/** A rule without faults, ready to be searched. */
export function readyFreeze(rule: FreezeRule): Freeze {
  let freeze = freezes.get(rule);
  if (freeze === undefined) {
    freeze = freezeOf(rule);
    freezes.set(rule, freeze);
  }
  return freeze;
}

/**
 * The windows of a freeze that overlap a time, in order.
 *
 * @param from RFC 3339 in UTC, included
 * @param to the same, not included
 * @param limit how many at the most
 *
 * @example
 * const christmas = { time_zone: 'Europe/Berlin', starts: '2026-12-24T18:00', ends: '2026-12-27T06:00', rrule: 'FREQ=YEARLY' };
 * occurrences(christmas, '2026-12-01T00:00:00.000Z', '2027-12-01T00:00:00.000Z', 10);
 * // [{ from: '2026-12-24T17:00:00.000Z', until: '2026-12-27T05:00:00.000Z' }]
 */
export function occurrences(rule: FreezeRule, from: string, to: string, limit: number): Window[] {
  const freeze = readyFreeze(rule);
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const windows: Window[] = [];
  let day = occurrenceFrom(freeze, dayOf(begin - freeze.length - freeze.time - maxShiftMs));
  while (day !== undefined && windows.length < limit) {
    if (day * dayMs + freeze.time >= end + maxShiftMs) break;
    const span = spanOf(freeze, day);
    if (span.from < end && span.until > begin) windows.push(windowOf(span));
    day = occurrenceFrom(freeze, day + 1);
  }
  return windows;
}

/** A span as it is shown. */
export function windowOf({ from, until }: Span): Window {
  return { from: toText(from), until: toText(until) };
}

/** An instant as RFC 3339 in UTC. */
export function toText(instant: number): string {
  return new Date(instant).toISOString();
}
