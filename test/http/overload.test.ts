import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { createOverload } from '../../src/http/overload.js';
import type { Overload } from '../../src/http/overload.js';

/** A measurement: the lag in milliseconds, and how many requests each turn before it found waiting. */
type Measured = readonly [lagMs: number, ...waiting: number[]];

/** Beyond the threshold of 100 ms, and more at once than callers who wait for their answers. */
const over: Measured = [100, 201];
const repeat = (count: number, ...measured: Measured[]): Measured[] =>
  Array.from({ length: count }, () => measured).flat();

describe('overload', () => {
  let said: string[];
  const log = {
    warn: (_fields: object, message: string) => said.push(message),
    info: (_fields: object, message: string) => said.push(message),
  };
  beforeEach(() => {
    said = [];
  });

  async function see(overload: Overload, measurements: readonly Measured[]): Promise<Overload> {
    for (const [lagMs, ...turns] of measurements) {
      for (const waiting of turns) {
        for (let request = 0; request < waiting; request += 1) overload.shed();
        await turn();
      }
      overload.observe(lagMs);
    }
    return overload;
  }
  /** An overload with a threshold of 100 ms that has seen these measurements. */
  const after = (...measurements: Measured[]) => see(createOverload(100, log), measurements);
  /** How many of 800 requests are refused. */
  const refused = ({ shed }: Overload): number =>
    Array.from({ length: 800 }, shed).filter(Boolean).length;

  const noOverload: readonly (readonly [what: string, measurements: readonly Measured[]])[] = [
    ['the lag is below the threshold, however many come', repeat(50, [99, 10_000])],
    ['the loop is late and nobody waits', repeat(50, [60_000, 0])],
    ['a hundred callers make it late, each with one request at a time', repeat(50, [3_000, 100])],
    ['a crowd does, on a machine that hardly gets on', repeat(50, [60_000, 200])],
    ['many came, but in turns of which none found a crowd', repeat(50, [100, 150, 150, 150])],
    ['one turn was long, however long, and however many waited', [[60_000, 10_000]]],
    ['long turns do not follow each other', repeat(50, over, [0, 201])],
  ];
  for (const [what, measurements] of noOverload) {
    it(`is none while ${what}`, async () => {
      expect(refused(await after(...measurements))).to.equal(0);
      expect(said).to.deep.equal([]);
    });
  }

  const shares: readonly (readonly [
    share: number,
    what: string,
    measurements: readonly Measured[],
  ])[] = [
    [1 / 4, 'twice more than a crowd waited, and the loop was late', repeat(2, over)],
    [1 / 4, 'the turn that found so many was but one of some', repeat(2, [100, 1, 201, 5])],
    [2 / 4, 'it went on', repeat(3, over)],
    [3 / 4, 'it went on and on', repeat(4, over)],
    [7 / 8, 'it went on for long, and never all', repeat(60, over)],
    [2 / 4, 'the lag was then between half the threshold and it', [...repeat(3, over), [75, 201]]],
    [1 / 4, 'the lag was then below half the threshold', [...repeat(3, over), [49, 201]]],
    [1 / 4, 'the lag stayed, but by then of a crowd', [...repeat(3, over), [100, 200]]],
    [0, 'so it was twice', [...repeat(3, over), ...repeat(2, [49, 201] as const)]],
  ];
  for (const [share, what, measurements] of shares) {
    it(`refuses ${share} of the requests after ${what}`, async () => {
      expect(refused(await after(...measurements))).to.be.closeTo(share * 800, 1);
    });
  }

  it('says once when it begins, and once when it is over', async () => {
    const overload = await after(...repeat(3, over), ...repeat(50, [75, 201] as const));
    expect(said).to.deep.equal(['overloaded, shedding requests']);
    await see(overload, repeat(50, [0, 1]));
    expect(said).to.deep.equal(['overloaded, shedding requests', 'no longer overloaded']);
  });

  it('spreads what it refuses evenly', async () => {
    const { shed } = await after(...repeat(3, over));
    const next = Array.from({ length: 8 }, shed);
    expect(next.filter(Boolean)).to.have.length(4);
    expect(next.filter((one, index) => one === next[index + 1])).to.deep.equal([]);
  });
});
