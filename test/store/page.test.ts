import { expect } from 'chai';
import fc from 'fast-check';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { compareAge } from '../../src/domain/deployments/order.js';
import { maxPageBytes } from '../../src/domain/deployments/reads.js';
import type { Page } from '../../src/domain/deployments/reads.js';
import { sizeOf } from '../../src/domain/deployments/size.js';
import { mergePages, toPage } from '../../src/store/page.js';
import { numberOf, storedDeployment } from '../support/stored.js';

/** The deployment of a number, with notes of a length. */
function deployment(number: number, notes = 0): Deployment {
  return storedDeployment(number, { notes: notes === 0 ? null : 'x'.repeat(notes) }).deployment;
}

function page(numbers: readonly number[], more = false): Page {
  return { deployments: numbers.map((number) => deployment(number)), more };
}

function numbersOf({ deployments }: Page): number[] {
  return deployments.map(({ id }) => numberOf(id));
}

describe('pages of lists that are merged', () => {
  type Listed = readonly [numbers: readonly number[], more?: boolean];
  const table: [what: string, pages: Listed[], limit: number, numbers: number[], more: boolean][] =
    [
      ['none', [], 10, [], false],
      ['one is as it was', [[[3, 2], true]], 2, [3, 2], true],
      ['empty ones', [[[]], [[]]], 10, [], false],
      ['whole ones, newest first', [[[5, 2]], [[4, 3, 1]]], 10, [5, 4, 3, 2, 1], false],
      ['whole ones that fill a page', [[[4, 2]], [[3, 1]]], 4, [4, 3, 2, 1], false],
      ['whole ones of more than a page', [[[4, 2]], [[3, 1]]], 3, [4, 3, 2], true],
      // What comes after 4 in the first one may be newer than 3.
      ['no further than is known', [[[5, 4], true], [[3, 2]]], 2, [5, 4], true],
      [
        'no further than the nearest end',
        [
          [[9, 3], true],
          [[8, 7], true],
        ],
        4,
        [9, 8, 7],
        true,
      ],
      ['nothing beyond an end, though it is whole', [[[9, 8], true], [[2]]], 9, [9, 8], true],
      ['up to an end', [[[9, 5], true], [[8, 6, 1]]], 9, [9, 8, 6, 5], true],
      ['an empty one and one that goes on', [[[]], [[2, 1], true]], 2, [2, 1], true],
    ];
  for (const [what, pages, limit, numbers, more] of table) {
    it(`give ${what}`, () => {
      const merged = mergePages(
        pages.map(([listed, goesOn]) => page(listed, goesOn)),
        limit,
      );

      expect([numbersOf(merged), merged.more]).to.deep.equal([numbers, more]);
    });
  }

  it('end at about as many bytes as a page, and go on', () => {
    const large = Math.floor(maxPageBytes / 2);
    const lists = [
      [6, 4, 2],
      [5, 3, 1],
    ].map((numbers) => ({
      deployments: numbers.map((number) => deployment(number, large - 2_000)),
      more: false,
    }));

    const merged = mergePages(lists, 10);

    expect([numbersOf(merged), merged.more]).to.deep.equal([[6, 5], true]);
  });

  it('have one deployment at least, however large', () => {
    const [one, two] = [2, 1].map((number) => ({
      deployments: [deployment(number, 2 * maxPageBytes)],
      more: false,
    }));
    if (one === undefined || two === undefined) throw new Error('There are two');

    const merged = mergePages([one, two], 10);

    expect([numbersOf(merged), merged.more]).to.deep.equal([[2], true]);
  });

  /** Deployments by list: which list each is in, and how long its notes are. */
  const placed = fc.array(
    fc.record({ list: fc.nat(3), notes: fc.constantFrom(0, 0, 0, 300_000, 600_000, 1_100_000) }),
    { maxLength: 25 },
  );

  it('read on to the end give what one list would, each once and in order', () => {
    fc.assert(
      fc.property(placed, fc.integer({ min: 1, max: 8 }), (all, limit) => {
        const whole = all.map(({ list, notes }, number) => ({
          list,
          stored: storedDeployment(number, { notes: notes === 0 ? null : 'x'.repeat(notes) }),
        }));
        const plain = whole.map(({ stored }) => stored.deployment).sort((a, b) => compareAge(b, a));
        const read: Deployment[] = [];
        for (let more = true; more;) {
          const end = read.at(-1);
          const pages = [0, 1, 2, 3].map((list) =>
            toPage(
              whole
                .filter((each) => each.list === list)
                .map(({ stored }) => stored)
                .filter(({ deployment: at }) => end === undefined || compareAge(at, end) < 0)
                .sort((a, b) => compareAge(b.deployment, a.deployment)),
              limit,
            ),
          );
          const merged = mergePages(pages, limit);
          expect(merged.deployments.length).to.be.at.most(limit);
          const bytes = merged.deployments.reduce((sum, each) => sum + sizeOf(each), 0);
          expect(merged.deployments.length === 1 || bytes <= maxPageBytes).to.equal(true);
          if (merged.more) expect(merged.deployments).not.to.deep.equal([]);
          read.push(...merged.deployments);
          more = merged.more;
        }
        expect(read.map(({ id }) => id)).to.deep.equal(plain.map(({ id }) => id));
      }),
      { numRuns: 300 },
    );
  });
});
