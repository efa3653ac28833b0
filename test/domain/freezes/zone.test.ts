import { expect } from 'chai';
import { Temporal } from 'temporal-polyfill';
import { instantOf, isTimeZone } from '../../../src/domain/freezes/zone.js';
import { Random } from '../../support/random.js';

const zones = Intl.supportedValuesOf('timeZone');

/** What `Temporal` says without anything remembered. */
function byTemporal(wall: number, zone: string, disambiguation: 'compatible' | 'later'): number {
  return Temporal.PlainDateTime.from(new Date(wall).toISOString().slice(0, 19)).toZonedDateTime(
    zone,
    { disambiguation },
  ).epochMilliseconds;
}

/** A wall time of 2000 to 2049, and some around the next change of the clocks. */
function wallTimes(random: Random, zone: string): number[] {
  const [from, to] = [Date.UTC(2000), Date.UTC(2050)];
  const at = from + Math.floor((random.next() * (to - from)) / 1000) * 1000;
  const change = Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .getTimeZoneTransition('next');
  if (change === null) return [at];
  const there = Date.parse(`${change.toPlainDateTime().toString().slice(0, 19)}Z`);
  return [at, ...[-26, -2, -1, -0.5, 0, 0.5, 1, 26].map((hours) => there + hours * 3_600_000)];
}

describe('the time zones of freezes', () => {
  it('are all those that Node knows, and no offsets', () => {
    expect(zones.length).to.be.at.least(400);
    expect(zones.filter((zone) => !isTimeZone(zone))).to.deep.equal([]);
    for (const other of ['+01:00', 'Z', 'Europe', 'Europe/Berlin ', 'CEST', '2026-01-01[UTC]']) {
      expect(isTimeZone(other), other).to.equal(false);
    }
  });

  it('have the instants that Temporal finds, in a hundred zones and in any order', () => {
    const random = new Random(20261025);
    for (const zone of zones.filter((_zone, nth) => nth % 4 === 0)) {
      for (const wall of wallTimes(random, zone)) {
        const shown = `${zone} ${new Date(wall).toISOString()}`;
        const [earlier, later] = (['compatible', 'later'] as const).map((way) =>
          byTemporal(wall, zone, way),
        );
        expect(instantOf(wall, zone, 'earlier'), shown).to.equal(earlier);
        expect(instantOf(wall, zone, 'later'), shown).to.equal(later);
      }
    }
  });
});
