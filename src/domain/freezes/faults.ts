import { contractViolation } from '../errors.js';
import type { Violation } from '../errors.js';
import { boundedFreeze, occurrenceFrom } from './freeze.js';
import { parseRrule } from './parse-rrule.js';
import type { Recurrence } from './recurrence.js';
import type { FreezeRule } from './rule.js';
import { dayMs, parseWallTime, showWallTime, years } from './wall-clock.js';
import type { WallTime } from './wall-clock.js';
import { isTimeZone } from './zone.js';

/** How many days an occurrence may last. */
export const maxDays = 366;

/**
 * Refuses a rule that is malformed, that never holds, or whose first occurrence is not when it says.
 *
 * @param pointer to the object that has the rule, a JSON Pointer such as `#`
 * @throws ApplicationError `contract-violation` with each fault
 */
export function requireSoundRule(rule: FreezeRule, pointer = '#'): void {
  const faults = ruleFaults(rule, pointer);
  if (faults.length > 0) throw contractViolation(faults);
}

/** What is wrong with a rule; nothing when it is sound. */
export function ruleFaults(rule: FreezeRule, pointer = '#'): Violation[] {
  const [starts, ends] = [parseWallTime(rule.starts), parseWallTime(rule.ends)];
  const read = rule.rrule === null ? undefined : parseRrule(rule.rrule);
  const faults: [keyof FreezeRule, string | undefined][] = [
    ['time_zone', isTimeZone(rule.time_zone) ? undefined : zoneFault],
    ['starts', timeFault(rule.starts, starts)],
    ['ends', timeFault(rule.ends, ends) ?? lengthFault(starts, ends)],
    ['rrule', read !== undefined && 'fault' in read ? read.fault : undefined],
  ];
  const found = faults.flatMap(([name, message]) =>
    message === undefined ? [] : [{ pointer: `${pointer}/${name}`, message }],
  );
  if (found.length > 0 || starts === undefined || ends === undefined) return found;
  if (read === undefined || 'fault' in read) return found;
  return firstFault(rule.time_zone, starts, ends - starts, read).map(([name, message]) => ({
    pointer: `${pointer}/${name}`,
    message,
  }));
}

const zoneFault =
  'must be a time zone of the IANA database, such as Europe/Berlin or UTC: not an offset, nor an abbreviation';

function timeFault(text: string, time: WallTime | undefined): string | undefined {
  if (time === undefined) {
    return 'must be a day and a time by the clocks of time_zone, such as 2026-12-24T18:00, without an offset';
  }
  const year = Number(text.slice(0, 4));
  const isIn = year >= years.first && year <= years.last;
  return isIn ? undefined : `must be in the years ${years.first} to ${years.last}`;
}

function lengthFault(starts: WallTime | undefined, ends: WallTime | undefined): string | undefined {
  if (starts === undefined || ends === undefined) return undefined;
  if (ends <= starts) return 'must be after starts';
  if (ends - starts > maxDays * dayMs) return `must be at most ${maxDays} days after starts`;
  return undefined;
}

/** The first occurrence is when the rule says that it is; a rule that says otherwise is undefined (RFC 5545, section 3.8.5.3). */
function firstFault(
  zone: string,
  starts: WallTime,
  length: number,
  rule: Recurrence,
): [keyof FreezeRule, string][] {
  const freeze = boundedFreeze(zone, starts, length, rule);
  const first = occurrenceFrom(freeze, freeze.first);
  if (first === freeze.first) return [];
  if (first === undefined) {
    const end = rule.until === undefined ? `the end of ${years.last}` : 'UNTIL';
    return [['rrule', `must occur: it never does from starts to ${end}`]];
  }
  const next = showWallTime(first * dayMs + freeze.time);
  return [['starts', `must be an occurrence of rrule, the first of which after it is ${next}`]];
}
