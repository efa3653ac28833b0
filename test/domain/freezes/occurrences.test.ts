import { expect } from 'chai';
import { occurrences } from '../../../src/domain/freezes/occurrences.js';

type Row = readonly [
  what: string,
  zone: string,
  starts: string,
  ends: string,
  rrule: string | null,
  ...windows: string[],
];

const [berlin, newYork] = ['Europe/Berlin', 'America/New_York'];
const [lordHowe, kathmandu] = ['Australia/Lord_Howe', 'Asia/Kathmandu'];

/** The first windows of a freeze, in UTC, to the minute. */
const rows: readonly Row[] = [
  // Clocks forward, 29 March, 02:00 to 03:00; back, 25 October, 03:00 to 02:00.
  [
    'a weekend over the change to summer is an hour shorter',
    berlin,
    '2026-03-20T18:00',
    '2026-03-23T06:00',
    'FREQ=WEEKLY;COUNT=3',
    '2026-03-20T17:00/2026-03-23T05:00',
    '2026-03-27T17:00/2026-03-30T04:00',
    '2026-04-03T16:00/2026-04-06T04:00',
  ],
  [
    'a weekend over the change to winter is an hour longer',
    berlin,
    '2026-10-23T18:00',
    '2026-10-26T06:00',
    'FREQ=WEEKLY;COUNT=2',
    '2026-10-23T16:00/2026-10-26T05:00',
    '2026-10-30T17:00/2026-11-02T05:00',
  ],
  [
    'a start that is left out comes as much later',
    berlin,
    '2026-03-28T02:30',
    '2026-03-28T05:00',
    'FREQ=DAILY;COUNT=3',
    '2026-03-28T01:30/2026-03-28T04:00',
    '2026-03-29T01:30/2026-03-29T03:00',
    '2026-03-30T00:30/2026-03-30T03:00',
  ],
  [
    'an end that is left out comes as much later',
    berlin,
    '2026-03-28T00:00',
    '2026-03-28T02:30',
    'FREQ=DAILY;COUNT=2',
    '2026-03-27T23:00/2026-03-28T01:30',
    '2026-03-28T23:00/2026-03-29T01:30',
  ],
  [
    'one that is left out as a whole comes as much later',
    berlin,
    '2026-03-29T02:15',
    '2026-03-29T02:45',
    null,
    '2026-03-29T01:15/2026-03-29T01:45',
  ],
  [
    'one that begins where time is left out keeps its length when it would end before',
    berlin,
    '2026-03-29T02:30',
    '2026-03-29T03:10',
    null,
    '2026-03-29T01:30/2026-03-29T02:10',
  ],
  [
    'a start that comes twice is the first one',
    berlin,
    '2026-10-25T02:30',
    '2026-10-25T06:00',
    null,
    '2026-10-25T00:30/2026-10-25T05:00',
  ],
  [
    'an end that comes twice is the second one',
    berlin,
    '2026-10-24T22:00',
    '2026-10-25T02:30',
    null,
    '2026-10-24T20:00/2026-10-25T01:30',
  ],
  [
    'one within the hour that comes twice is as long as both',
    berlin,
    '2026-10-25T02:10',
    '2026-10-25T02:50',
    null,
    '2026-10-25T00:10/2026-10-25T01:50',
  ],
  [
    'an end at the moment of the change is that moment',
    berlin,
    '2026-03-28T22:00',
    '2026-03-29T02:00',
    null,
    '2026-03-28T21:00/2026-03-29T01:00',
  ],
  // Forward, 8 March, 02:00 to 03:00; back, 1 November, 02:00 to 01:00.
  [
    'a weekend over the change to summer',
    newYork,
    '2026-03-06T17:00',
    '2026-03-09T08:00',
    'FREQ=WEEKLY;COUNT=1',
    '2026-03-06T22:00/2026-03-09T12:00',
  ],
  [
    'a weekend over the change to winter',
    newYork,
    '2026-10-30T17:00',
    '2026-11-02T08:00',
    null,
    '2026-10-30T21:00/2026-11-02T13:00',
  ],
  [
    'a start that is left out',
    newYork,
    '2026-03-08T02:30',
    '2026-03-08T09:00',
    null,
    '2026-03-08T07:30/2026-03-08T13:00',
  ],
  [
    'a start and an end that come twice',
    newYork,
    '2026-11-01T01:15',
    '2026-11-01T01:45',
    null,
    '2026-11-01T05:15/2026-11-01T06:45',
  ],
  // Half an hour: forward, 4 October, 02:00 to 02:30; back, 5 April, 02:00 to 01:30.
  [
    'half an hour is left out',
    lordHowe,
    '2026-10-04T02:15',
    '2026-10-04T04:00',
    null,
    '2026-10-03T15:45/2026-10-03T17:00',
  ],
  [
    'half an hour is left out at the end',
    lordHowe,
    '2026-10-03T22:00',
    '2026-10-04T02:15',
    null,
    '2026-10-03T11:30/2026-10-03T15:45',
  ],
  [
    'half an hour comes twice',
    lordHowe,
    '2026-04-05T01:40',
    '2026-04-05T01:50',
    null,
    '2026-04-04T14:40/2026-04-04T15:20',
  ],
  [
    'a day over the change to winter is half an hour longer',
    lordHowe,
    '2026-04-04T12:00',
    '2026-04-05T12:00',
    null,
    '2026-04-04T01:00/2026-04-05T01:30',
  ],
  [
    'no change at all, and a quarter of an hour',
    kathmandu,
    '2026-03-27T18:00',
    '2026-03-30T06:00',
    'FREQ=WEEKLY;INTERVAL=26;COUNT=2',
    '2026-03-27T12:15/2026-03-30T00:15',
    '2026-09-25T12:15/2026-09-28T00:15',
  ],
  // Across the end of a year.
  [
    'from one year to the next',
    berlin,
    '2026-12-24T18:00',
    '2027-01-04T06:00',
    'FREQ=YEARLY;COUNT=2',
    '2026-12-24T17:00/2027-01-04T05:00',
    '2027-12-24T17:00/2028-01-04T05:00',
  ],
  [
    'every other week, from one year to the next',
    newYork,
    '2026-12-25T00:00',
    '2026-12-26T00:00',
    'FREQ=WEEKLY;INTERVAL=2;COUNT=2',
    '2026-12-25T05:00/2026-12-26T05:00',
    '2027-01-08T05:00/2027-01-09T05:00',
  ],
  [
    'the week in which a year begins',
    'UTC',
    '2026-12-28T00:00',
    '2026-12-29T00:00',
    'FREQ=YEARLY;BYWEEKNO=53,1;BYDAY=MO;COUNT=2',
    '2026-12-28T00:00/2026-12-29T00:00',
    '2027-01-04T00:00/2027-01-05T00:00',
  ],
  // Last days and weekdays.
  [
    'the last Friday of a month',
    'UTC',
    '2026-01-30T18:00',
    '2026-01-31T06:00',
    'FREQ=MONTHLY;BYDAY=-1FR;COUNT=3',
    '2026-01-30T18:00/2026-01-31T06:00',
    '2026-02-27T18:00/2026-02-28T06:00',
    '2026-03-27T18:00/2026-03-28T06:00',
  ],
  [
    'the last working day of a month',
    'UTC',
    '2026-01-30T18:00',
    '2026-01-31T06:00',
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3',
    '2026-01-30T18:00/2026-01-31T06:00',
    '2026-02-27T18:00/2026-02-28T06:00',
    '2026-03-31T18:00/2026-04-01T06:00',
  ],
  [
    'the last day of a quarter',
    'UTC',
    '2026-03-31T00:00',
    '2026-04-01T00:00',
    'FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1;COUNT=3',
    '2026-03-31T00:00/2026-04-01T00:00',
    '2026-06-30T00:00/2026-07-01T00:00',
    '2026-09-30T00:00/2026-10-01T00:00',
  ],
  [
    'the last Monday of a year',
    'UTC',
    '2026-12-28T00:00',
    '2026-12-29T00:00',
    'FREQ=YEARLY;BYDAY=-1MO;COUNT=2',
    '2026-12-28T00:00/2026-12-29T00:00',
    '2027-12-27T00:00/2027-12-28T00:00',
  ],
  [
    'the fourth Thursday of November',
    newYork,
    '2026-11-26T00:00',
    '2026-11-30T00:00',
    'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2',
    '2026-11-26T05:00/2026-11-30T05:00',
    '2027-11-25T05:00/2027-11-29T05:00',
  ],
  [
    'Fridays, and the first Monday',
    'UTC',
    '2026-05-01T00:00',
    '2026-05-01T12:00',
    'FREQ=MONTHLY;BYDAY=FR,1MO;COUNT=3',
    '2026-05-01T00:00/2026-05-01T12:00',
    '2026-05-04T00:00/2026-05-04T12:00',
    '2026-05-08T00:00/2026-05-08T12:00',
  ],
  [
    'the first two days of each week that it names',
    'UTC',
    '2026-06-01T00:00',
    '2026-06-01T12:00',
    'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1,-1;COUNT=3',
    '2026-06-01T00:00/2026-06-01T12:00',
    '2026-06-05T00:00/2026-06-05T12:00',
    '2026-06-08T00:00/2026-06-08T12:00',
  ],
  [
    'the last day of a week that ends in the next month',
    'UTC',
    '2026-06-26T00:00',
    '2026-06-26T12:00',
    'FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=-1;COUNT=2',
    '2026-06-26T00:00/2026-06-26T12:00',
    '2026-07-03T00:00/2026-07-03T12:00',
  ],
  [
    'the first day of a week that begins in the month before',
    'UTC',
    '2026-06-29T00:00',
    '2026-06-29T12:00',
    'FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1;COUNT=2',
    '2026-06-29T00:00/2026-06-29T12:00',
    '2026-07-06T00:00/2026-07-06T12:00',
  ],
  [
    'the second day of a week, the first of which is before the first time',
    'UTC',
    '2026-06-07T00:00',
    '2026-06-07T12:00',
    'FREQ=WEEKLY;BYDAY=SA,SU;BYSETPOS=2;COUNT=2',
    '2026-06-07T00:00/2026-06-07T12:00',
    '2026-06-14T00:00/2026-06-14T12:00',
  ],
  [
    'every other week that begins on a Sunday',
    'UTC',
    '2026-06-02T00:00',
    '2026-06-02T12:00',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=3',
    '2026-06-02T00:00/2026-06-02T12:00',
    '2026-06-14T00:00/2026-06-14T12:00',
    '2026-06-16T00:00/2026-06-16T12:00',
  ],
  [
    'every other week that begins on a Monday',
    'UTC',
    '2026-06-02T00:00',
    '2026-06-02T12:00',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=3',
    '2026-06-02T00:00/2026-06-02T12:00',
    '2026-06-07T00:00/2026-06-07T12:00',
    '2026-06-16T00:00/2026-06-16T12:00',
  ],
  // Days that not every month or year has are left out.
  [
    'the leap day',
    'UTC',
    '2028-02-29T00:00',
    '2028-03-01T00:00',
    'FREQ=YEARLY;COUNT=2',
    '2028-02-29T00:00/2028-03-01T00:00',
    '2032-02-29T00:00/2032-03-01T00:00',
  ],
  [
    'the leap day, which 2100 does not have',
    'UTC',
    '2096-02-29T00:00',
    '2096-03-01T00:00',
    'FREQ=YEARLY;COUNT=2',
    '2096-02-29T00:00/2096-03-01T00:00',
    '2104-02-29T00:00/2104-03-01T00:00',
  ],
  [
    'the 31st',
    'UTC',
    '2026-01-31T00:00',
    '2026-02-01T00:00',
    'FREQ=MONTHLY;COUNT=3',
    '2026-01-31T00:00/2026-02-01T00:00',
    '2026-03-31T00:00/2026-04-01T00:00',
    '2026-05-31T00:00/2026-06-01T00:00',
  ],
  [
    'the 366th day',
    'UTC',
    '2028-12-31T00:00',
    '2029-01-01T00:00',
    'FREQ=YEARLY;BYYEARDAY=366;COUNT=2',
    '2028-12-31T00:00/2029-01-01T00:00',
    '2032-12-31T00:00/2033-01-01T00:00',
  ],
  // UNTIL says when the last one may begin.
  [
    'UNTIL in UTC',
    newYork,
    '2026-06-01T20:00',
    '2026-06-02T06:00',
    'FREQ=DAILY;UNTIL=20260603T000000Z',
    '2026-06-02T00:00/2026-06-02T10:00',
    '2026-06-03T00:00/2026-06-03T10:00',
  ],
  [
    'UNTIL in UTC, a second before',
    newYork,
    '2026-06-01T20:00',
    '2026-06-02T06:00',
    'FREQ=DAILY;UNTIL=20260602T235959Z',
    '2026-06-02T00:00/2026-06-02T10:00',
  ],
  [
    'UNTIL in UTC, between two times that look the same',
    berlin,
    '2026-10-24T02:30',
    '2026-10-24T04:00',
    'FREQ=DAILY;UNTIL=20261025T004000Z',
    '2026-10-24T00:30/2026-10-24T02:00',
    '2026-10-25T00:30/2026-10-25T03:00',
  ],
  [
    'UNTIL in UTC, after the second of them',
    berlin,
    '2026-10-24T02:30',
    '2026-10-24T04:00',
    'FREQ=DAILY;UNTIL=20261025T011000Z',
    '2026-10-24T00:30/2026-10-24T02:00',
    '2026-10-25T00:30/2026-10-25T03:00',
  ],
  [
    'UNTIL by the clocks',
    newYork,
    '2026-06-01T20:00',
    '2026-06-02T06:00',
    'FREQ=DAILY;UNTIL=20260602T200000',
    '2026-06-02T00:00/2026-06-02T10:00',
    '2026-06-03T00:00/2026-06-03T10:00',
  ],
  [
    'UNTIL with a day, which is included',
    newYork,
    '2026-06-01T20:00',
    '2026-06-02T06:00',
    'FREQ=DAILY;UNTIL=20260602',
    '2026-06-02T00:00/2026-06-02T10:00',
    '2026-06-03T00:00/2026-06-03T10:00',
  ],
  [
    'lower case, a plus, and an INTERVAL',
    'UTC',
    '2026-06-05T00:00:30',
    '2026-06-05T00:01',
    'freq=monthly;interval=2;byday=+1fr;count=2',
    '2026-06-05T00:00/2026-06-05T00:01',
    '2026-08-07T00:00/2026-08-07T00:01',
  ],
];

const [beginning, end] = ['2020-01-01T00:00:00.000Z', '2110-01-01T00:00:00.000Z'];

describe('the occurrences of a freeze', () => {
  for (const [what, time_zone, starts, ends, rrule, ...windows] of rows) {
    it(`${time_zone}: ${what}`, () => {
      const found = occurrences({ time_zone, starts, ends, rrule }, beginning, end, 10);
      const minute = (instant: string): string => instant.slice(0, 16);
      expect(found.map(({ from, until }) => `${minute(from)}/${minute(until)}`)).to.deep.equal(
        windows,
      );
    });
  }

  const nightly = {
    time_zone: berlin,
    starts: '2026-06-01T22:00',
    ends: '2026-06-02T06:00',
    rrule: 'FREQ=DAILY',
  };
  const within = (from: string, to: string, limit = 10) =>
    occurrences(nightly, `${from}:00.000Z`, `${to}:00.000Z`, limit).map(({ from: begin }) => begin);

  it('are those that overlap what is asked for, in order, and have milliseconds', () => {
    expect(within('2026-07-01T00:00', '2026-07-02T21:00')).to.deep.equal([
      '2026-06-30T20:00:00.000Z',
      '2026-07-01T20:00:00.000Z',
      '2026-07-02T20:00:00.000Z',
    ]);
  });

  it('are not those that only touch it', () => {
    expect(within('2026-07-01T04:00', '2026-07-01T20:00')).to.deep.equal([]);
    expect(within('2026-07-01T03:59', '2026-07-01T20:01')).to.have.length(2);
  });

  it('are as many as are asked for', () => {
    expect(within('2026-07-01T00:00', '2030-01-01T00:00', 3)).to.have.length(3);
    expect(within('2026-07-01T00:00', '2030-01-01T00:00', 0)).to.deep.equal([]);
  });

  it('are those alone that the rule matches, whether the first time is one of them or not', () => {
    const fridays = { ...nightly, rrule: 'FREQ=WEEKLY;BYDAY=FR;COUNT=1' };
    const [first] = occurrences(fridays, beginning, end, 10);
    expect(first?.from).to.equal('2026-06-05T20:00:00.000Z');
  });
});
