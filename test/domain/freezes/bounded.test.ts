import { expect } from 'chai';
import { closedAt, nextClosed } from '../../../src/domain/freezes/closed.js';
import { ruleFaults } from '../../../src/domain/freezes/faults.js';
import type { Effort } from '../../../src/domain/freezes/freeze.js';
import { occurrences, readyFreeze } from '../../../src/domain/freezes/occurrences.js';
import type { FreezeRule } from '../../../src/domain/freezes/rule.js';
import { adversarialRules } from '../../support/adversarial-rules.js';

const instants = [
  '0001-01-01T00:00:00.000Z',
  '2000-01-01T00:00:00.000Z',
  '2026-03-29T01:30:00.000Z',
  '2063-07-01T00:00:00.000Z',
  '2199-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59.999Z',
];

const none: Effort = { months: 0, instants: 0 };

/** What a question looks at. */
function effortOf(rule: FreezeRule, ask: () => unknown, before: Effort): Effort {
  ask();
  const { months, instants: all } = readyFreeze(rule).effort;
  return { months: months - before.months, instants: all - before.instants };
}

/** The most that one of them looks at, each for rules that nobody has asked for. */
function mostOf(ask: (rule: FreezeRule, at: string) => unknown): Effort {
  const most = { ...none };
  for (const rule of adversarialRules) {
    for (const at of instants) {
      const fresh = { ...rule };
      const effort = effortOf(fresh, () => ask(fresh, at), none);
      most.months = Math.max(most.months, effort.months);
      most.instants = Math.max(most.instants, effort.instants);
    }
  }
  return most;
}

describe('a question about a freeze, whatever its rule', () => {
  // The years that are searched have 2,400 months, and ten years 3,653 days, each of which may have an occurrence.
  it('looks at a bounded number of months and clocks to say whether it is closed', () => {
    const { months, instants: clocks } = mostOf(closedAt);
    expect(months).to.be.within(2000, 2400 + 2 * 3700 + 1000);
    expect(clocks).to.be.within(4, 24);
  });

  it('looks at a bounded number to say when it closes next', () => {
    const { months, instants: clocks } = mostOf(nextClosed);
    expect(months).to.be.within(2000, 2 * (2400 + 2 * 3700) + 1000);
    expect(clocks).to.be.within(4, 32);
  });

  it('looks at a number to find occurrences that their limit bounds', () => {
    const [from = '', to = ''] = [instants[0], instants.at(-1)];
    for (const limit of [1, 100]) {
      const { months, instants: clocks } = mostOf((rule) => occurrences(rule, from, to, limit));
      expect(months).to.be.within(2000, 2 * 2400 + limit + 1000);
      expect(clocks).to.be.within(2, 2 * limit + 8);
    }
  });

  it('is asked of rules that would be taken, and of some that would not', () => {
    const refused = adversarialRules.filter((rule) => ruleFaults(rule).length > 0).length;
    expect(refused).to.be.within(60, adversarialRules.length - 60);
  });

  it('looks at nothing when it is asked again', () => {
    for (const rule of adversarialRules) {
      for (const at of instants) {
        const before = () => ({ ...readyFreeze(rule).effort });
        nextClosed(rule, at);
        const closed = closedAt(rule, at);
        const effort = effortOf(rule, () => [closedAt(rule, at), nextClosed(rule, at)], before());
        expect(effort).to.deep.equal(none);
        expect(closedAt(rule, at)).to.equal(closed);
      }
    }
  });
});
