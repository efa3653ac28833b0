import { expect } from 'chai';
import { createTokenBucket } from '../../src/platform/token-bucket.js';

describe('a token bucket', () => {
  it('starts full, empties, and fills up again no further than it was', () => {
    let now = 0;
    const bucket = createTokenBucket(2, 100, () => now);
    expect([bucket.take(), bucket.take(), bucket.take()]).to.deep.equal([true, true, false]);
    expect(bucket.untilThereAre(1)).to.equal(100);
    expect(bucket.untilThereAre(2)).to.equal(200);
    now = 60;
    expect(bucket.untilThereAre(1)).to.be.closeTo(40, 1e-6);
    expect(bucket.take()).to.be.false;
    now = 101;
    expect(bucket.left()).to.equal(1);
    expect(bucket.take()).to.be.true;
    now = 10_000;
    expect(bucket.left()).to.equal(2);
    expect(bucket.untilThereAre(2)).to.equal(0);
  });

  it('takes back what was not used, and holds no more than at first', () => {
    const bucket = createTokenBucket(2, 100, () => 0);
    bucket.take();
    bucket.take();
    bucket.giveBack();
    expect([bucket.take(), bucket.take()]).to.deep.equal([true, false]);
    for (let times = 0; times < 5; times += 1) bucket.giveBack();
    expect(bucket.left()).to.equal(2);
  });

  it('lets through as many as come back, however often it is asked', () => {
    let now = 0;
    const bucket = createTokenBucket(5, 10, () => now);
    let taken = 0;
    for (; now < 1_000; now += 1) if (bucket.take()) taken += 1;
    expect(taken).to.be.within(103, 104);
  });
});
