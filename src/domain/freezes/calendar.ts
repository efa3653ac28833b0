import type { Window } from './rule.js';

/** Who reads it, and how it is named there. */
export interface CalendarOptions {
  /** The name that calendar programs show. */
  readonly name: string;
  /** How often they should ask again, in minutes. */
  readonly refreshMinutes: number;
}

/** A freeze in a calendar: each of its windows is an event. */
export interface CalendarEntry {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  /** RFC 3339 in UTC. */
  readonly updatedAt: string;
  readonly windows: readonly Window[];
}

/**
 * Writes an iCalendar (RFC 5545) that programs subscribe to. Its events are in UTC, so no program has to know a
 * zone, and leave those who read it free (`TRANSP`).
 *
 * An event keeps its `UID` for as long as its window begins when it does. The text depends on its parts alone, so
 * what has not changed is the same to the byte.
 */
export function calendarOf(entries: readonly CalendarEntry[], options: CalendarOptions): string {
  const refresh = `PT${options.refreshMinutes}M`;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Deployment Queue//Freezes//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    // RFC 7986 has NAME and REFRESH-INTERVAL, and programs that are older the other ones.
    `NAME:${escape(options.name)}`,
    `X-WR-CALNAME:${escape(options.name)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${refresh}`,
    `X-PUBLISHED-TTL:${refresh}`,
    ...entries.flatMap((entry) => entry.windows.flatMap((window) => eventOf(entry, window))),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

function eventOf(entry: CalendarEntry, { from, until }: Window): string[] {
  const updated = utc(entry.updatedAt);
  return [
    'BEGIN:VEVENT',
    `UID:${escape(entry.id)}-${utc(from)}@deployment-queue`,
    `DTSTAMP:${updated}`,
    `LAST-MODIFIED:${updated}`,
    `DTSTART:${utc(from)}`,
    `DTEND:${utc(until)}`,
    `SUMMARY:${escape(entry.summary)}`,
    ...(entry.description === '' ? [] : [`DESCRIPTION:${escape(entry.description)}`]),
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

/** An instant as iCalendar has it: `20261224T170000Z`. Freezes begin and end with whole seconds. */
function utc(instant: string): string {
  return `${instant.slice(0, 19).replace(/[-:]/g, '')}Z`;
}

// eslint-disable-next-line no-control-regex -- of those, a text has the tab alone (RFC 5545, section 3.1)
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** A text as a value (RFC 5545, section 3.3.11). A line that ends is said, never written: it could begin a property. */
function escape(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(control, '')
    .replace(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n');
}

/** Lines have at most 75 octets, the space that continues one among them (RFC 5545, section 3.1). */
function fold(line: string): string {
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      folded += '\r\n ';
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return folded;
}
