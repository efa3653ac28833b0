import { Temporal } from 'temporal-polyfill';
import { dayMs, maxShiftMs } from './wall-clock.js';
import type { WallTime } from './wall-clock.js';

const epoch = new Temporal.PlainDateTime(1970, 1, 1);

/** Whether it names a zone of the IANA database. An offset such as `+01:00` is none: it knows no summer. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Temporal.ZonedDateTime(0n, name);
    return true;
  } catch {
    return false;
  }
}

/** A time in which the clocks of a zone are not changed, and how far they are from UTC: milliseconds. */
interface SteadyTime {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/** The one that was needed last in each zone: a search goes from day to day, and many ask for now. */
const steadyTimes = new Map<string, SteadyTime>();
/** There are fewer zones, but each may be written in capitals or not. */
const maxZones = 1000;

/**
 * When the clocks of a zone show a time, in milliseconds since the epoch.
 *
 * A time that they leave out is as far after the change as it would have been (RFC 5545, section 3.3.5: by the
 * offset from before the gap), so 02:30 is 03:30 where they go from 02:00 to 03:00.
 *
 * @param twice which one of two, where they show it twice
 */
export function instantOf(wall: WallTime, zone: string, twice: 'earlier' | 'later'): number {
  const { from, until, offset } = steadyTimeAt(wall, zone);
  const instant = wall - offset;
  // Away from all changes there is no other instant that looks like it.
  if (instant >= from + maxShiftMs && instant < until - maxShiftMs) return instant;

  const disambiguation = twice === 'earlier' ? 'compatible' : 'later';
  const days = Math.floor(wall / dayMs);
  return epoch
    .add({ days, milliseconds: wall - days * dayMs })
    .toZonedDateTime(zone, { disambiguation }).epochMilliseconds;
}

function steadyTimeAt(instant: number, zone: string): SteadyTime {
  const last = steadyTimes.get(zone);
  if (last !== undefined && instant >= last.from && instant < last.until) return last;
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
  const found = {
    // A change at that very instant is the one before.
    from:
      zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ??
      -Infinity,
    until: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
    offset: zoned.offsetNanoseconds / 1_000_000,
  };
  if (steadyTimes.size >= maxZones) steadyTimes.clear();
  steadyTimes.set(zone, found);
  return found;
}
