import { expect } from 'chai';
import type { Deployment } from '../../../src/domain/deployments/deployment.js';
import { maxLineage, traceLineage } from '../../../src/domain/deployments/lineage.js';
import { maxPageBytes } from '../../../src/domain/deployments/reads.js';
import { sizeOf } from '../../../src/domain/deployments/size.js';
import { idOf, instantOf, numberOf, storedDeployment } from '../../support/stored.js';

/** A deployment; a rollback when it was copied from one and replaces another. */
function member(number: number, links?: { source: number; replaces: number }): Deployment {
  return storedDeployment(number, {
    ...(links && {
      source_deployment_id: idOf(links.source),
      rollback_from_deployment_id: idOf(links.replaces),
    }),
  }).deployment;
}

/** The lineage of a member, by number. */
function numbered(number: number, members: readonly Deployment[]) {
  const deployment = members.find(({ id }) => id === idOf(number));
  if (deployment === undefined) throw new Error(`There is no member ${number}`);
  const lineage = traceLineage(deployment, members);
  expect(lineage.deployment).to.equal(deployment);
  const numbers = (chain: readonly Deployment[]) => chain.map(({ id }) => numberOf(id));
  return {
    copied_from: numbers(lineage.copied_from),
    replaced: numbers(lineage.replaced),
    replaced_by: numbers(lineage.replaced_by),
  };
}

describe('lineage', () => {
  // Three rollouts; 4 takes 3 back to 2, 5 takes that back to 1, 6 takes that to 4 again.
  const chain = [
    member(1),
    member(2),
    member(3),
    member(4, { source: 2, replaces: 3 }),
    member(5, { source: 1, replaces: 4 }),
    member(6, { source: 4, replaces: 5 }),
  ];

  const table: [number, ReturnType<typeof numbered>][] = [
    [1, { copied_from: [], replaced: [], replaced_by: [] }],
    [2, { copied_from: [], replaced: [], replaced_by: [] }],
    [3, { copied_from: [], replaced: [], replaced_by: [4, 5, 6] }],
    [4, { copied_from: [2], replaced: [3], replaced_by: [5, 6] }],
    [5, { copied_from: [1], replaced: [4, 3], replaced_by: [6] }],
    [6, { copied_from: [4, 2], replaced: [5, 4, 3], replaced_by: [] }],
  ];
  for (const [number, lineage] of table) {
    it(`follows the links of member ${number} of a chain both ways, the nearest first`, () => {
      expect(numbered(number, chain)).to.deep.equal(lineage);
    });
  }

  it('does not depend on the order of the members', () => {
    expect(numbered(6, chain.toReversed())).to.deep.equal(numbered(6, chain));
    expect(numbered(3, chain.toReversed())).to.deep.equal(numbered(3, chain));
  });

  it('is empty of a deployment that is alone', () => {
    const only = member(1);

    const nothing = { copied_from: [], replaced: [], replaced_by: [] };
    const more = { copied_from: false, replaced: false, replaced_by: false };
    expect(traceLineage(only, [])).to.deep.equal({ deployment: only, ...nothing, more });
  });

  it('finds several rollbacks of one deployment and the rollbacks of those, oldest first', () => {
    const members = [
      member(1),
      member(2),
      member(6, { source: 1, replaces: 2 }),
      member(3, { source: 1, replaces: 2 }),
      member(5, { source: 1, replaces: 3 }),
      member(4, { source: 1, replaces: 2 }),
      member(7, { source: 1, replaces: 5 }),
    ];

    expect(numbered(2, members).replaced_by).to.deep.equal([3, 4, 5, 6, 7]);
    expect(numbered(3, members).replaced_by).to.deep.equal([5, 7]);
  });

  it('is not disturbed by strangers in the members', () => {
    const strangers = [
      member(10),
      member(11, { source: 10, replaces: 12 }),
      member(12),
      member(13, { source: 3, replaces: 10 }),
    ];

    expect(numbered(4, [...strangers, ...chain])).to.deep.equal(numbered(4, chain));
    expect(numbered(3, [...chain, ...strangers])).to.deep.equal(numbered(3, chain));
  });

  it('ends where a link leads out of the members', () => {
    expect(numbered(4, [member(4, { source: 2, replaces: 3 })])).to.deep.equal({
      copied_from: [],
      replaced: [],
      replaced_by: [],
    });
  });

  it('goes by the links, though skewed clocks made a rollback older than what it replaces', () => {
    const skewed = chain.map((deployment) => ({
      ...deployment,
      created_at: instantOf(100 - numberOf(deployment.id)),
    }));

    expect(numbered(6, skewed)).to.deep.equal(numbered(6, chain));
    expect(numbered(3, skewed).replaced_by).to.deep.equal([6, 5, 4]);
  });

  for (const [what, filling] of [
    ['long', 'x'],
    ['long in JSON alone', '\u0001'],
  ] as const) {
    it(`shows fewer of each direction where they are ${what}, and at least one`, () => {
      const notes = (length: number) => filling.repeat(length);
      const long = (length: number) =>
        Array.from({ length: 90 }, (_, nth) => ({
          ...member(nth + 1, nth === 0 ? undefined : { source: nth, replaces: nth }),
          notes: notes(length),
        }));
      const size = sizeOf({ ...member(1), notes: notes(20_000) });
      const fitting = Math.floor(maxPageBytes / 3 / size);
      expect(fitting).to.be.within(2, 20);
      const last = numbered(90, long(20_000));
      expect(last.copied_from).to.deep.equal(Array.from({ length: fitting }, (_, nth) => 89 - nth));
      expect(last.replaced).to.deep.equal(last.copied_from);
      const [deployment, ...others] = long(20_000);
      if (deployment === undefined) throw new Error('There is none');
      const { replaced_by, more } = traceLineage(deployment, [deployment, ...others]);
      expect(replaced_by.map(({ id }) => numberOf(id))).to.deep.equal(
        Array.from({ length: fitting }, (_, nth) => nth + 2),
      );
      expect(more).to.deep.equal({ copied_from: false, replaced: false, replaced_by: true });
      expect(numbered(90, long(400_000)).copied_from).to.deep.equal([89]);
    });
  }

  it('shows the hundred nearest of each direction, and says where there are more', () => {
    const count = maxLineage + 5;
    const long = Array.from({ length: count }, (_, nth) =>
      member(nth + 1, nth === 0 ? undefined : { source: nth, replaces: nth }),
    );
    const last = numbered(count, long);
    expect(last.copied_from).to.have.length(maxLineage);
    expect(last.copied_from[0]).to.equal(count - 1);
    expect(last.replaced).to.deep.equal(last.copied_from);
    const first = numbered(1, long);
    expect(first.replaced_by).to.deep.equal(
      Array.from({ length: maxLineage }, (_, nth) => nth + 2),
    );
    const more = (number: number) => {
      const deployment = long[number - 1];
      if (deployment === undefined) throw new Error(`There is no member ${number}`);
      return traceLineage(deployment, long).more;
    };
    expect(more(count)).to.deep.equal({ copied_from: true, replaced: true, replaced_by: false });
    expect(more(1)).to.deep.equal({ copied_from: false, replaced: false, replaced_by: true });
    expect(more(maxLineage + 1)).to.deep.equal({
      copied_from: false,
      replaced: false,
      replaced_by: false,
    });
  });
});
