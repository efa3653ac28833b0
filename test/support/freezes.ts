import { calendarOf } from '../../src/domain/freezes/calendar.js';
import type { CalendarEntry } from '../../src/domain/freezes/calendar.js';

/** Texts that would end a line, begin a property or break in the middle of a character. */
export const hostileEntries: readonly CalendarEntry[] = [
  {
    id: '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f',
    summary: 'Christmas, for all; C:\\Temp "quoted"',
    description: 'First line\nBEGIN:VEVENT\nSUMMARY:no event\n\tand a tab',
    updatedAt: '2026-11-01T08:00:00.123Z',
    windows: [
      { from: '2026-12-24T17:00:00.000Z', until: '2026-12-27T05:00:00.000Z' },
      { from: '2027-12-24T17:00:00.000Z', until: '2027-12-27T05:00:00.000Z' },
    ],
  },
  {
    id: '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e20',
    summary: `Jahresabschluß ${'€'.repeat(60)}${'😀'.repeat(30)}${'a'.repeat(80)}`,
    description: '',
    updatedAt: '2026-11-02T08:00:00.000Z',
    windows: [{ from: '2026-12-31T23:00:00.000Z', until: '2027-01-02T05:00:00.000Z' }],
  },
  {
    id: '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e21',
    summary: 'Never comes',
    description: '',
    updatedAt: '2026-11-03T08:00:00.000Z',
    windows: [],
  },
];

/** A calendar of them. */
export function sampleCalendar(): string {
  return calendarOf(hostileEntries, { name: 'Freezes of acme', refreshMinutes: 60 });
}
