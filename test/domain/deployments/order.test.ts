import { expect } from 'chai';
import { compareAge } from '../../../src/domain/deployments/order.js';
import type { Position } from '../../../src/domain/deployments/order.js';
import { idOf } from '../../support/stored.js';

function position(created_at: string, number: number): Position {
  return { created_at, id: idOf(number) };
}

/** From the oldest to the newest. */
const ages = [
  position('2025-12-31T23:59:59.999Z', 9),
  position('2026-01-01T00:00:00.000Z', 1),
  position('2026-01-01T00:00:00.000Z', 2),
  position('2026-01-01T00:00:00.000Z', 10),
  position('2026-01-01T00:00:00.001Z', 5),
  position('2026-01-01T00:00:00.010Z', 4),
  position('2026-01-01T00:00:10.000Z', 3),
  position('2026-10-01T00:00:00.000Z', 0),
];

describe('order of age', () => {
  it('is by the instant, and by the id within a millisecond', () => {
    for (const [place, one] of ages.entries()) {
      for (const [other, two] of ages.entries()) {
        expect(Math.sign(compareAge(one, two)), `${place} and ${other}`).to.equal(
          Math.sign(place - other),
        );
      }
    }
  });

  it('holds the same position for equal, whatever else differs', () => {
    const one = { ...position('2026-01-01T00:00:00.000Z', 1), version: '1' };
    const two = { ...one, version: '2' };

    expect(compareAge(one, two)).to.equal(0);
  });
});
