import { expect } from 'chai';
import { closedAt, nextClosed } from '../../../src/domain/freezes/closed.js';
import type { FreezeRule } from '../../../src/domain/freezes/rule.js';

const rule = (
  starts: string,
  ends: string,
  rrule: string | null,
  time_zone = 'Europe/Berlin',
): FreezeRule => ({ time_zone, starts, ends, rrule });
const at = (minute: string): string => `${minute}:00.000Z`;
const stretch = (from: string, until: string | null) => ({
  from: at(from),
  until: until === null ? null : at(until),
});

describe('when a freeze is closed', () => {
  const christmas = rule('2026-12-24T18:00', '2026-12-27T06:00', null);

  it('is from its first moment on, up to its last', () => {
    const closed = stretch('2026-12-24T17:00', '2026-12-27T05:00');
    expect(closedAt(christmas, '2026-12-24T16:59:59.999Z')).to.equal(undefined);
    expect(closedAt(christmas, at('2026-12-24T17:00'))).to.deep.equal(closed);
    expect(closedAt(christmas, '2026-12-27T04:59:59.999Z')).to.deep.equal(closed);
    expect(closedAt(christmas, at('2026-12-27T05:00'))).to.equal(undefined);
  });

  it('is next when it comes, and never again after the last time', () => {
    const closed = stretch('2026-12-24T17:00', '2026-12-27T05:00');
    expect(nextClosed(christmas, at('2026-01-01T00:00'))).to.deep.equal(closed);
    expect(nextClosed(christmas, at('2026-12-25T00:00'))).to.equal(undefined);
    expect(nextClosed(christmas, at('2027-01-01T00:00'))).to.equal(undefined);
  });

  it('is the same when it is asked in any order', () => {
    const weekly = rule('2026-01-02T18:00', '2026-01-05T06:00', 'FREQ=WEEKLY');
    const instants = [
      '2026-03-28T12:00',
      '2026-01-01T00:00',
      '2030-06-01T00:00',
      '2026-03-31T00:00',
    ];
    const alone = instants.map((instant) => closedAt({ ...weekly }, at(instant)));
    for (const each of [instants, instants.toReversed()]) {
      const found = each.map((instant) => closedAt(weekly, at(instant)));
      expect(each === instants ? found : found.toReversed()).to.deep.equal(alone);
    }
    expect(alone).to.deep.equal([
      stretch('2026-03-27T17:00', '2026-03-30T04:00'),
      undefined,
      stretch('2030-05-31T16:00', '2030-06-03T04:00'),
      undefined,
    ]);
  });

  it('is one time where occurrences overlap', () => {
    const days = rule('2026-06-01T00:00', '2026-06-02T12:00', 'FREQ=WEEKLY;BYDAY=MO,TU,WE');
    const closed = stretch('2026-05-31T22:00', '2026-06-04T10:00');
    for (const instant of ['2026-06-01T00:00', '2026-06-02T00:00', '2026-06-04T09:59']) {
      expect(closedAt(days, at(instant)), instant).to.deep.equal(closed);
    }
    expect(nextClosed(days, at('2026-06-01T00:00'))).to.deep.equal(
      stretch('2026-06-07T22:00', '2026-06-11T10:00'),
    );
  });

  it('is one time where occurrences touch', () => {
    const days = rule('2026-06-01T00:00', '2026-06-02T00:00', 'FREQ=DAILY;COUNT=21');
    const closed = stretch('2026-05-31T22:00', '2026-06-21T22:00');
    expect(closedAt(days, at('2026-06-10T12:00'))).to.deep.equal(closed);
    expect(nextClosed(days, at('2026-05-01T00:00'))).to.deep.equal(closed);
  });

  it('is one time where the clocks leave out what is between two', () => {
    // Open from 02:00 to 03:00, which is no time on 29 March.
    const nights = rule('2026-03-27T03:00', '2026-03-28T02:00', 'FREQ=DAILY');
    expect(closedAt(nights, at('2026-03-28T12:00'))).to.deep.equal(
      stretch('2026-03-28T02:00', '2026-03-30T00:00'),
    );
    expect(closedAt(nights, at('2026-03-30T12:00'))).to.deep.equal(
      stretch('2026-03-30T01:00', '2026-03-31T00:00'),
    );
  });

  it('is one time where the clocks show twice what is between two', () => {
    // Open from 02:20 to 02:40, of which the second end is after the first start.
    const nights = rule('2026-10-23T02:40', '2026-10-24T02:20', 'FREQ=DAILY');
    expect(closedAt(nights, at('2026-10-25T12:00'))).to.deep.equal(
      stretch('2026-10-24T00:40', '2026-10-26T01:20'),
    );
  });

  it('has no end when it never opens, wherever it is asked', () => {
    const always = rule('2026-06-01T00:00', '2026-06-02T00:00', 'FREQ=DAILY');
    for (const instant of ['2026-06-10T12:00', '2026-06-11T12:00', '2031-01-01T00:00']) {
      expect(closedAt(always, at(instant))).to.deep.equal(stretch('2026-05-31T22:00', null));
      expect(nextClosed(always, at(instant))).to.equal(undefined);
    }
    expect(nextClosed(always, at('2026-01-01T00:00'))).to.deep.equal(
      stretch('2026-05-31T22:00', null),
    );
  });

  it('has an end again once that is no more than ten years ahead', () => {
    const long = rule('2026-06-01T00:00', '2026-06-02T00:00', 'FREQ=DAILY;UNTIL=20390601', 'UTC');
    expect(closedAt(long, at('2027-01-01T00:00'))?.until).to.equal(null);
    expect(closedAt(long, at('2029-07-01T00:00'))).to.deep.equal(
      stretch('2026-06-01T00:00', '2039-06-02T00:00'),
    );
  });
});
