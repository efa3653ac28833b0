import { expect } from 'chai';
import { createOverload } from '../../src/http/overload.js';

describe('overload', () => {
  let said: string[];
  const log = {
    warn: (_fields: object, message: string) => said.push(message),
    info: (_fields: object, message: string) => said.push(message),
  };
  beforeEach(() => {
    said = [];
  });

  /** An overload that has seen these lags. */
  function after(...lags: number[]) {
    const overload = createOverload(100, log);
    for (const lag of lags) overload.observe(lag);
    return overload;
  }
  /** How many of 100 requests are refused. */
  function refused({ shed }: { shed: () => boolean }): number {
    return Array.from({ length: 100 }, shed).filter(Boolean).length;
  }

  it('refuses nothing while the lag is below the threshold', () => {
    expect(refused(after(99, 99, 99, 99))).to.equal(0);
    expect(said).to.deep.equal([]);
  });

  it('refuses nothing because of one long turn, however long', () => {
    expect(refused(after(60_000))).to.equal(0);
    expect(refused(after(60_000, 0, 60_000, 0))).to.equal(0);
  });

  it('refuses a share that grows while the lag stays, and never all', () => {
    const shares = [2, 3, 4, 5, 6, 60].map((count) =>
      refused(after(...Array.from({ length: count }, () => 100))),
    );
    expect(shares).to.deep.equal([25, 50, 75, 87, 87, 87]);
  });

  it('keeps its share while the lag is between half the threshold and the threshold', () => {
    const between = Array.from({ length: 50 }, () => 75);
    expect(refused(after(100, 100, 100, ...between))).to.equal(50);
    expect(said).to.deep.equal(['overloaded, shedding requests']);
  });

  it('takes the share back step by step once the lag is low, and says so once', () => {
    const overload = after(100, 100, 100);
    const shares = [0, 0, 0].map(() => {
      overload.observe(49);
      return refused(overload);
    });
    expect(shares).to.deep.equal([25, 0, 0]);
    expect(said).to.deep.equal(['overloaded, shedding requests', 'no longer overloaded']);
  });

  it('spreads what it refuses evenly', () => {
    const { shed } = after(100, 100, 100);
    expect(Array.from({ length: 8 }, shed)).to.deep.equal([
      false,
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});
