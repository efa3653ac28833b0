import { expect } from 'chai';
import { history, idOf } from '../../support/stored.js';
import type { Entry } from '../../support/stored.js';
import { decided, refusal, requestFor } from './rollback-outcome.js';

const nothingReleased =
  'No previous deployment to rollback to: nothing is released for name=checkout, ' +
  'environment=production, provider=gcp, cloud_account_id=none, region=none, cell=none';

describe('what a rollback replaces', () => {
  const good: Entry = ['1', 'deployed'];

  const ofTaxonomy: [string, Entry[], string][] = [
    ['the newest one, deployed', [good, ['2', 'deployed'], ['3', 'deployed']], '3 -> 2'],
    ['the newest one, in progress', [good, ['2', 'deployed'], ['3', 'in_progress']], '3 -> 2'],
    ['the newest one, failed', [good, ['2', 'deployed'], ['3', 'failed']], '3 -> 2'],
    ['none that is scheduled', [good, ['2', 'deployed'], ['3', 'scheduled']], '2 -> 1'],
    ['none that is skipped', [good, ['2', 'deployed'], ['3', 'skipped']], '2 -> 1'],
    ['none put back after a release', [good, ['2', 'failed'], ['3', 'scheduled']], '2 -> 1'],
  ];
  for (const [what, entries, outcome] of ofTaxonomy) {
    it(`is, of a taxonomy, ${what}`, () => {
      const members = history(entries);

      expect(decided(members, requestFor(members))).to.equal(outcome);
    });

    it(`is, by id, the same: ${what}`, () => {
      const members = history(entries);

      const by = Number.parseInt(outcome);
      expect(decided(members, requestFor(members, { by }))).to.equal(outcome);
    });
  }

  const neverReleased: [string, Entry[]][] = [
    ['is empty', []],
    ['holds scheduled ones only', [['1', 'scheduled']]],
    [
      'holds scheduled and skipped ones only',
      [
        ['1', 'skipped'],
        ['2', 'scheduled'],
      ],
    ],
  ];
  for (const [what, entries] of neverReleased) {
    it(`is not found in a taxonomy that ${what}`, () => {
      expect(refusal(history(entries), requestFor([]))).to.deep.equal({
        code: 'rollback-source-not-found',
        message: nothingReleased,
      });
    });
  }

  const mixed: Entry[] = [good, ['2', 'deployed'], ['3', 'skipped'], ['4', 'scheduled']];
  const runs = `2 (${idOf(2)}, deployed) runs there`;

  const byId: [string, Entry[], number, string][] = [
    [
      'was superseded',
      mixed,
      1,
      `Deployment ${idOf(1)} is not the newest that was released; ${runs}`,
    ],
    [
      'is skipped',
      mixed,
      3,
      `Deployment ${idOf(3)} is skipped, so there is nothing of it to roll back; ${runs}`,
    ],
    [
      'is scheduled',
      mixed,
      4,
      `Deployment ${idOf(4)} is scheduled, so there is nothing of it to roll back; ${runs}`,
    ],
    [
      'is scheduled where nothing runs',
      [['1', 'scheduled']],
      1,
      `Deployment ${idOf(1)} is scheduled, so there is nothing of it to roll back; nothing runs there`,
    ],
    [
      'has failed before another one was released',
      [good, ['2', 'failed'], ['3', 'in_progress']],
      2,
      `Deployment ${idOf(2)} is not the newest that was released; 3 (${idOf(3)}, in_progress) runs there`,
    ],
  ];
  for (const [what, entries, by, message] of byId) {
    it(`is not one, by id, that ${what}`, () => {
      const members = history(entries);

      expect(refusal(members, requestFor(members, { by }))).to.deep.equal({
        code: 'rollback-not-allowed',
        message,
      });
    });
  }

  it('is decided by the id among those of the same millisecond', () => {
    const members = history([good, ['2', 'deployed'], ['3', 'deployed']]).map((stored) => ({
      ...stored,
      deployment: { ...stored.deployment, created_at: '2026-01-05T09:00:00.000Z' },
    }));

    expect(decided(members, requestFor(members))).to.equal('3 -> 2');
  });
});
