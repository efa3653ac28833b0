import { expect } from 'chai';
import { measuredEveryMs, watchEventLoop } from '../../src/platform/event-loop.js';

describe('the watch over the event loop', () => {
  let ended: (() => void)[];
  beforeEach(() => {
    ended = [];
  });
  afterEach(() => {
    for (const end of ended) end();
  });

  function block(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  }

  /** Collects what a listener is told, and lets a test wait for the next of it. */
  function watch(everyMs?: number) {
    const lags: number[] = [];
    let wake = (): void => undefined;
    const end = watchEventLoop((lagMs) => {
      lags.push(lagMs);
      wake();
    }, everyMs);
    ended.push(end);
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    return { lags, next, end };
  }

  it('tells all who listen of the same delay', async () => {
    const often = watch(measuredEveryMs);
    const seldom = watch();
    await often.next();
    block(300);
    await Promise.all([often.next(), seldom.next()]);
    // The timer was due within its interval after the block began.
    const least = 300 - measuredEveryMs - 1;
    expect(Math.max(...often.lags)).to.be.at.least(least);
    expect(Math.max(...seldom.lags)).to.be.at.least(least);
  });

  it('tells of the largest delay since the last time, and no more often than asked for', async () => {
    const often = watch(measuredEveryMs);
    const everyMs = 1_000;
    const started = performance.now();
    const seldom = watch(everyMs);
    await often.next();
    block(300);
    while (seldom.lags.length === 0) await often.next();
    expect(seldom.lags).to.deep.equal([Math.max(...often.lags)]);
    expect(performance.now() - started).to.be.at.least(everyMs - measuredEveryMs / 2);
  });

  it('goes on for the others when one leaves', async () => {
    const one = watch(measuredEveryMs);
    const other = watch(measuredEveryMs);
    await Promise.all([one.next(), other.next()]);
    one.end();
    const told = one.lags.length;
    await other.next();
    await other.next();
    expect(one.lags).to.have.length(told);
  });
});
