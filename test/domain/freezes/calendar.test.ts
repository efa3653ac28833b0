import { expect } from 'chai';
import ICAL from 'ical.js';
import { calendarOf } from '../../../src/domain/freezes/calendar.js';
import { hostileEntries, sampleCalendar } from '../../support/freezes.js';

const options = { name: 'Freezes of acme', refreshMinutes: 60 };
const text = sampleCalendar();
const lines = text.split('\r\n');

/** What a program reads of an event. */
function eventsOf(calendar: string) {
  const root = new ICAL.Component(ICAL.parse(calendar));
  return root.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      summary: event.summary,
      description: component.hasProperty('description') ? event.description : '',
      from: event.startDate.toJSDate().toISOString(),
      until: event.endDate.toJSDate().toISOString(),
    };
  });
}

describe('the calendar of freezes', () => {
  it('is read back by ical.js as it was meant, whatever texts are in it', () => {
    const expected = hostileEntries.flatMap(({ id, summary, description, windows }) =>
      windows.map(({ from, until }) => ({
        uid: `${id}-${from.slice(0, 19).replace(/[-:]/g, '')}Z@deployment-queue`,
        summary,
        description,
        from,
        until,
      })),
    );
    expect(eventsOf(text)).to.deep.equal(expected);
  });

  it('escapes what has a meaning', () => {
    expect(lines).to.include.members([
      'SUMMARY:Christmas\\, for all\\; C:\\\\Temp "quoted"',
      'DESCRIPTION:First line\\nBEGIN:VEVENT\\nSUMMARY:no event\\n\tand a tab',
    ]);
  });

  it('says its name, and when to ask again, in the words of old and new programs', () => {
    expect(lines).to.include.members([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'NAME:Freezes of acme',
      'X-WR-CALNAME:Freezes of acme',
      'REFRESH-INTERVAL;VALUE=DURATION:PT60M',
      'X-PUBLISHED-TTL:PT60M',
    ]);
    expect(lines.filter((line) => line === 'BEGIN:VEVENT')).to.have.length(3);
    expect(lines.slice(-2)).to.deep.equal(['END:VCALENDAR', '']);
  });

  it('has lines of at most 75 octets, none of which ends within a character', () => {
    const octets = lines.map((line) => Buffer.byteLength(line));
    expect(Math.max(...octets)).to.be.within(72, 75);
    expect(text.replaceAll('\r\n ', '')).to.include(`${'€'.repeat(60)}${'😀'.repeat(30)}`);
  });

  it('has no line that a text has begun', () => {
    const hostile = 'a\r\nBEGIN:VEVENT\rUID:1\n\u0000\u0007\u000b\u007fEND:VCALENDAR';
    const [entry] = hostileEntries;
    if (entry === undefined) throw new Error('There is no entry');
    const calendar = calendarOf(
      [{ ...entry, id: hostile, summary: hostile, description: hostile }],
      { ...options, name: hostile },
    );
    const begun = calendar.split('\r\n').filter((line) => line === 'BEGIN:VEVENT');
    expect(begun).to.have.length(entry.windows.length);
    expect(calendar.replaceAll('\r\n', '')).not.to.match(/[^\P{Cc}\t]/u);
    expect(eventsOf(calendar)[0]?.summary).to.equal('a\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR');
  });

  it('is the same to the byte while nothing changes, and tells when something did', () => {
    expect(sampleCalendar()).to.equal(text);
    expect(lines.filter((line) => line.startsWith('LAST-MODIFIED:'))).to.deep.equal([
      'LAST-MODIFIED:20261101T080000Z',
      'LAST-MODIFIED:20261101T080000Z',
      'LAST-MODIFIED:20261102T080000Z',
    ]);
  });

  it('may be empty', () => {
    expect(eventsOf(calendarOf([], options))).to.deep.equal([]);
  });
});
