import { expect } from 'chai';
import { Random } from '../support/random.js';
import { median, riseOf, slopeOf } from './trend.js';

const points = (values: readonly number[]) => values.map((value, at) => ({ at, value }));

describe('the trend of a soak', () => {
  it('is the slope of a straight line', () => {
    expect(slopeOf(points([5, 7, 9, 11]))).to.equal(2);
    expect(riseOf(points([5, 7, 9, 11]))).to.equal(6);
  });

  it('is not moved by outliers', () => {
    const values = Array.from({ length: 40 }, (_, at) => (at % 8 === 3 ? 1000 : at));
    expect(slopeOf(points(values))).to.be.closeTo(1, 0.1);
  });

  it('is flat for noise, and not for noise that drifts', () => {
    const random = new Random(7);
    const noise = Array.from({ length: 40 }, () => 100 + 10 * random.next());
    expect(Math.abs(riseOf(points(noise)))).to.be.below(3);
    expect(riseOf(points(noise.map((value, at) => value + at / 2)))).to.be.above(15);
  });

  it('of nothing is not a number', () => {
    expect(riseOf([])).to.be.NaN;
    expect(median([])).to.be.NaN;
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
  });
});
