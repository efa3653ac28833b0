import { expect } from 'chai';
import { createFairShare } from '../../src/http/fair-share.js';

/** Turns of an event loop that end when the test says so, and in which only work takes time. */
class TestTurns {
  #now = 0;
  #ends: (() => void)[] = [];
  /** What was done, in order. */
  readonly done: string[] = [];

  now = (): number => this.#now;
  atEnd = (end: () => void): void => {
    this.#ends.push(end);
  };

  /** Work that takes a while. */
  work(name: string, ms: number): () => void {
    return () => {
      this.#now += ms;
      this.done.push(name);
    };
  }

  get isEndAwaited(): boolean {
    return this.#ends.length > 0;
  }

  async end(): Promise<void> {
    const ends = this.#ends;
    this.#ends = [];
    for (const end of ends) end();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a fair share of the event loop', () => {
  let turns: TestTurns;
  let take: (organisation: string, name: string, ms: number) => Promise<void> | undefined;
  beforeEach(() => {
    turns = new TestTurns();
    const share = createFairShare(turns);
    take = (organisation, name, ms) => share.take(organisation, turns.work(name, ms));
  });

  it('does what takes little at once, however much of it there is', () => {
    for (let nth = 0; nth < 1_000; nth += 1) expect(take('acme', 'small', 0.9)).to.equal(undefined);
    expect(turns.done).to.have.length(1_000);
    expect(turns.isEndAwaited).to.equal(false);
  });

  it('has whoever has had its share go on with one thing in each of the next turns', async () => {
    expect(take('acme', 'first', 13)).to.equal(undefined);
    expect(take('acme', 'second', 13)).not.to.equal(undefined);
    expect(take('acme', 'third', 13)).not.to.equal(undefined);
    expect(take('acme', 'small', 0)).not.to.equal(undefined);
    expect(turns.done).to.deep.equal(['first']);
    for (const expected of [
      ['first', 'second'],
      ['first', 'second', 'third'],
      ['first', 'second', 'third', 'small'],
    ]) {
      await turns.end();
      expect(turns.done).to.deep.equal(expected);
    }
    await turns.end();
    expect(turns.isEndAwaited, 'nothing is left to wait for').to.equal(false);
  });

  it('lets others go at once meanwhile', () => {
    void take('acme', 'first', 13);
    void take('acme', 'second', 13);
    expect(take('other', 'its first', 13)).to.equal(undefined);
    expect(turns.done).to.deep.equal(['first', 'its first']);
  });

  it('gives the whole share anew in each turn', async () => {
    void take('acme', 'first', 4);
    expect(take('acme', 'second', 4), 'what has begun is done').to.equal(undefined);
    expect(take('acme', 'third', 4)).not.to.equal(undefined);
    await turns.end();
    expect(turns.done).to.deep.equal(['first', 'second', 'third']);
    // The third has begun the share of this turn.
    expect(take('acme', 'fourth', 4)).to.equal(undefined);
    expect(take('acme', 'fifth', 4)).not.to.equal(undefined);
  });

  it('has no more than sixteen wait: the oldest go on, and make the loop as late as it is', async () => {
    void take('acme', 'first', 13);
    const others = Array.from({ length: 20 }, (_, nth) => take('acme', `other ${nth}`, 13));
    for (const other of others.slice(0, 4)) await other;
    expect(turns.done).to.deep.equal(['first', 'other 0', 'other 1', 'other 2', 'other 3']);
    await turns.end();
    expect(turns.done.at(-1)).to.equal('other 4');
  });

  it('fails as the work does, and goes on', async () => {
    const share = createFairShare(turns);
    const fail = (): never => {
      turns.work('failed', 13)();
      throw new Error('It cannot be written');
    };
    expect(() => share.take('acme', fail)).to.throw('It cannot be written');
    const outcome = share.take('acme', fail)?.catch((error: unknown) => error);
    const next = share.take('acme', turns.work('next', 1));
    await turns.end();
    expect(await outcome).to.have.property('message', 'It cannot be written');
    await turns.end();
    await next;
    expect(turns.done).to.deep.equal(['failed', 'failed', 'next']);
  });
});
