import { expect } from 'chai';
import { requireSoundRule, ruleFaults } from '../../../src/domain/freezes/faults.js';
import type { FreezeRule } from '../../../src/domain/freezes/rule.js';
import { refused } from '../../support/refused.js';

const sound: FreezeRule = {
  time_zone: 'Europe/Berlin',
  starts: '2026-06-05T18:00',
  ends: '2026-06-08T06:00',
  rrule: 'FREQ=WEEKLY;BYDAY=FR',
};

const good: readonly Partial<FreezeRule>[] = [
  {},
  { rrule: null },
  { time_zone: 'UTC' },
  { time_zone: 'Asia/Kathmandu' },
  { time_zone: 'Australia/Lord_Howe' },
  { starts: '2026-06-05T18:00:30', ends: '2026-06-05T18:00:31' },
  { starts: '2028-02-29T00:00', ends: '2029-02-28T00:00', rrule: 'FREQ=YEARLY' },
  { starts: '2000-01-01T00:00', ends: '2000-01-02T00:00', rrule: null },
  { starts: '2199-12-31T00:00', ends: '2199-12-31T23:59', rrule: null },
  { rrule: 'freq=weekly;byday=fr;interval=1000' },
  { rrule: 'FREQ=DAILY;COUNT=1000' },
  { rrule: 'FREQ=DAILY;UNTIL=20260605T160000Z' },
  { rrule: 'FREQ=DAILY;UNTIL=20260605' },
  { rrule: 'FREQ=YEARLY;BYDAY=23FR' },
  { rrule: 'FREQ=YEARLY;BYWEEKNO=22;BYDAY=FR;WKST=SU' },
  { rrule: 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=+5' },
];

const [hour, texts] = ['2026-06-05T18:00', 'a day and a time by the clocks of time_zone'];
const bad: readonly (readonly [Partial<FreezeRule>, keyof FreezeRule, string])[] = [
  [{ time_zone: 'Europe/Atlantis' }, 'time_zone', 'must be a time zone of the IANA database'],
  [{ time_zone: '+01:00' }, 'time_zone', 'not an offset'],
  [{ time_zone: '' }, 'time_zone', 'such as Europe/Berlin'],
  [{ time_zone: 'Europe/Berlin[u-ca=hebrew]' }, 'time_zone', 'must be a time zone'],
  [{ starts: '2026-06-05' }, 'starts', texts],
  [{ starts: '2026-06-05T18:00Z' }, 'starts', 'without an offset'],
  [{ starts: '2026-06-05T18:00+02:00' }, 'starts', 'without an offset'],
  [{ starts: '2026-06-05 18:00' }, 'starts', texts],
  [{ starts: '2026-02-30T18:00' }, 'starts', texts],
  [{ starts: '2026-06-05T24:00' }, 'starts', texts],
  [{ starts: '2026-06-05T18:60' }, 'starts', texts],
  [{ ends: '2026-06-31T00:00' }, 'ends', texts],
  [{ starts: '1999-12-31T23:59', ends: '2000-01-01T00:00' }, 'starts', 'in the years 2000 to 2199'],
  [{ ends: '2200-01-01T00:00' }, 'ends', 'in the years 2000 to 2199'],
  [{ ends: hour }, 'ends', 'must be after starts'],
  [{ ends: '2026-06-05T17:59' }, 'ends', 'must be after starts'],
  [{ ends: '2027-06-07T18:00' }, 'ends', 'must be at most 366 days after starts'],
  [{ rrule: '' }, 'rrule', 'must be parts such as FREQ=WEEKLY;BYDAY=FR, not ""'],
  [{ rrule: 'FREQ=WEEKLY;' }, 'rrule', 'must be parts such as'],
  [{ rrule: 'weekly' }, 'rrule', 'not "WEEKLY"'],
  [{ rrule: 'RRULE:FREQ=WEEKLY' }, 'rrule', 'without RRULE: before it'],
  [{ rrule: 'FREQ=WEEKLY\nRDATE=20260101' }, 'rrule', 'must be parts such as'],
  [{ rrule: `FREQ=WEEKLY;BYDAY=${'MO,'.repeat(80)}FR` }, 'rrule', 'at most 255 characters, not 26'],
  [{ rrule: 'BYDAY=FR' }, 'rrule', 'must have FREQ, one of DAILY, WEEKLY, MONTHLY, YEARLY'],
  [{ rrule: 'FREQ=HOURLY' }, 'rrule', 'one of DAILY, WEEKLY, MONTHLY, YEARLY'],
  [{ rrule: 'FREQ=DAILY;FREQ=DAILY' }, 'rrule', 'must have FREQ once'],
  [{ rrule: 'FREQ=DAILY;BYHOUR=9' }, 'rrule', 'must not have BYHOUR'],
  [{ rrule: 'FREQ=DAILY;BYEASTER=0' }, 'rrule', 'must not have BYEASTER, but only FREQ, UNTIL'],
  [{ rrule: 'FREQ=DAILY;RSCALE=HEBREW' }, 'rrule', 'must not have RSCALE'],
  [{ rrule: 'FREQ=DAILY;INTERVAL=0' }, 'rrule', 'INTERVAL as one number from 1 to 1000, not 0'],
  [{ rrule: 'FREQ=DAILY;INTERVAL=1001' }, 'rrule', 'from 1 to 1000, not 1001'],
  [{ rrule: 'FREQ=DAILY;COUNT=-1' }, 'rrule', 'COUNT as one number from 1 to 1000, not -1'],
  [{ rrule: 'FREQ=DAILY;COUNT=1,2' }, 'rrule', 'COUNT as one number'],
  [{ rrule: 'FREQ=DAILY;COUNT=2;UNTIL=20270101' }, 'rrule', 'must have COUNT or UNTIL, not both'],
  [{ rrule: 'FREQ=DAILY;UNTIL=20260230' }, 'rrule', 'must have UNTIL as 20261231T235959Z'],
  [{ rrule: 'FREQ=DAILY;UNTIL=2026-12-31' }, 'rrule', 'not 2026-12-31'],
  [{ rrule: 'FREQ=MONTHLY;BYMONTH=13' }, 'rrule', 'BYMONTH as numbers separated by commas'],
  [{ rrule: 'FREQ=MONTHLY;BYMONTH=-1' }, 'rrule', 'each from 1 to 12, not -1'],
  [{ rrule: 'FREQ=MONTHLY;BYMONTHDAY=0' }, 'rrule', 'from 1 to 31, or their negatives, not 0'],
  [{ rrule: 'FREQ=MONTHLY;BYMONTHDAY=1,,2' }, 'rrule', 'not 1,,2'],
  [
    { rrule: 'FREQ=WEEKLY;BYMONTHDAY=1' },
    'rrule',
    'BYMONTHDAY only where FREQ is one of DAILY, MONTHLY, YEARLY, not WEEKLY',
  ],
  [
    { rrule: 'FREQ=MONTHLY;BYYEARDAY=1' },
    'rrule',
    'BYYEARDAY only where FREQ is YEARLY, not MONTHLY',
  ],
  [{ rrule: 'FREQ=MONTHLY;BYWEEKNO=1;BYDAY=MO' }, 'rrule', 'BYWEEKNO only where FREQ is YEARLY'],
  [{ rrule: 'FREQ=YEARLY;BYWEEKNO=23' }, 'rrule', 'BYWEEKNO beside a BYDAY without numbers'],
  [{ rrule: 'FREQ=YEARLY;BYWEEKNO=23;BYDAY=1FR' }, 'rrule', 'BYWEEKNO beside a BYDAY'],
  [{ rrule: 'FREQ=WEEKLY;BYDAY=1FR' }, 'rrule', 'only where FREQ is MONTHLY or YEARLY, not WEEKLY'],
  [{ rrule: 'FREQ=WEEKLY;BYDAY=FRI' }, 'rrule', 'must have BYDAY as MO, TU, WE, TH, FR, SA, SU'],
  [{ rrule: 'FREQ=YEARLY;BYDAY=54FR' }, 'rrule', 'from 1 to 53 or its negative before it'],
  [{ rrule: 'FREQ=MONTHLY;BYDAY=0FR' }, 'rrule', 'not 0FR'],
  [{ rrule: 'FREQ=MONTHLY;BYDAY=6FR' }, 'rrule', 'from 1 to 5 within a month'],
  [{ rrule: 'FREQ=YEARLY;BYMONTH=6;BYDAY=-6FR' }, 'rrule', 'from 1 to 5 within a month'],
  [{ rrule: 'FREQ=WEEKLY;WKST=1' }, 'rrule', 'WKST as one of MO, TU, WE, TH, FR, SA, SU, not 1'],
  [{ rrule: 'FREQ=WEEKLY;BYSETPOS=1' }, 'rrule', 'must have BYSETPOS beside BYDAY'],
  [{ rrule: 'FREQ=MONTHLY;BYDAY=FR;BYSETPOS=367' }, 'rrule', 'from 1 to 366, or their negatives'],
  [
    { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' },
    'rrule',
    'must occur: it never does from starts to the end of 2199',
  ],
  [{ rrule: 'FREQ=DAILY;BYDAY=FR;BYSETPOS=2' }, 'rrule', 'must occur'],
  [
    { rrule: 'FREQ=WEEKLY;UNTIL=20260604' },
    'rrule',
    'must occur: it never does from starts to UNTIL',
  ],
  [{ rrule: 'FREQ=DAILY;UNTIL=20260605T155959Z' }, 'rrule', 'never does from starts to UNTIL'],
  [{ rrule: 'FREQ=WEEKLY;BYDAY=SA' }, 'starts', 'the first of which after it is 2026-06-06T18:00'],
  [{ rrule: 'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24;COUNT=3' }, 'starts', 'is 2026-12-24T18:00'],
];

describe('a rule of a freeze', () => {
  for (const change of good) {
    it(`is taken with ${JSON.stringify(change)}`, () => {
      expect(ruleFaults({ ...sound, ...change })).to.deep.equal([]);
    });
  }

  for (const [change, name, message] of bad) {
    it(`is refused with ${JSON.stringify(change).slice(0, 80)}`, () => {
      const faults = ruleFaults({ ...sound, ...change });
      expect(faults).to.have.length(1);
      expect(faults[0]).to.have.property('pointer', `#/${name}`);
      expect(faults[0]?.message).to.include(message);
    });
  }

  it('is refused with all that is wrong, at where it stands', () => {
    const rule = { time_zone: 'x', starts: 'x', ends: 'x', rrule: 'x' };
    const error = refused(() => {
      requireSoundRule(rule, '#/freeze');
    });
    expect(error.code).to.equal('contract-violation');
    const pointers = error.details.violations?.map((each) => 'pointer' in each && each.pointer);
    expect(pointers).to.deep.equal(
      ['time_zone', 'starts', 'ends', 'rrule'].map((name) => `#/freeze/${name}`),
    );
  });

  it('passes when it is sound', () => {
    expect(() => {
      requireSoundRule(sound);
    }).not.to.throw();
  });
});
