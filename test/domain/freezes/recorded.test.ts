import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { closedAt, nextClosed } from '../../../src/domain/freezes/closed.js';
import { differences, ofLine, ourWindows } from '../../freezes/expansion.js';
import type { Expansion, Windows } from '../../freezes/expansion.js';

/** Each stretch of windows that overlap or touch, as one. */
function merged(windows: Windows): [number, number][] {
  const stretches: [number, number][] = [];
  for (const [from, until] of windows) {
    const last = stretches.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], until);
    else stretches.push([from, until]);
  }
  return stretches;
}

const text = (seconds: number): string => new Date(seconds * 1000).toISOString();
const shown = ([from, until]: readonly [number, number]) => ({
  from: text(from),
  until: text(until),
});

describe('the windows of 1,000 random freezes', () => {
  let expansions: Expansion[];
  before(() => {
    const lines = readFileSync('test/freezes/recorded.jsonl', 'utf8').trimEnd().split('\n');
    expansions = lines.map(ofLine);
  });

  it('are those that python-dateutil has found', () => {
    expect(expansions).to.have.length(1000);
    expect(expansions.filter(({ windows }) => windows.length > 0).length).to.be.at.least(700);
    expect(differences(expansions)).to.deep.equal([]);
  });

  it('are closed from where the first one of a stretch begins to where its last one ends', () => {
    let asked = 0;
    for (const { question } of expansions) {
      const all = merged(
        ourWindows({ ...question, from: 946_684_800, to: 7_258_118_400, limit: 8 }),
      );
      // Where the limit cut, the last stretch may go on; one after it has to be known.
      for (const [nth, stretch] of all.slice(0, -1).entries()) {
        const [from, until] = stretch;
        if (until - from > 5 * 366 * 86_400) continue;
        const next = all[nth + 1] ?? [0, 0];
        // The next one is cut when it is the last.
        const known = nth + 2 < all.length;
        for (const at of [from, until - 1]) {
          expect(closedAt({ ...question }, text(at)), JSON.stringify(question)).to.deep.equal(
            shown(stretch),
          );
        }
        expect(closedAt(question, text(until)), JSON.stringify(question)).to.equal(undefined);
        expect(closedAt(question, text(next[0] - 1)), JSON.stringify(question)).to.equal(undefined);
        if (known && next[1] - next[0] < 5 * 366 * 86_400) {
          expect(nextClosed(question, text(from)), JSON.stringify(question)).to.deep.equal(
            shown(next),
          );
          expect(nextClosed(question, text(until)), JSON.stringify(question)).to.deep.equal(
            shown(next),
          );
        }
        asked += 1;
      }
    }
    expect(asked).to.be.at.least(3000);
  });
});
