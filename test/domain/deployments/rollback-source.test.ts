import { expect } from 'chai';
import { history } from '../../support/stored.js';
import type { Entry } from '../../support/stored.js';
import { decided, refusal, requestFor } from './rollback-outcome.js';

const deployed = (version: string): Entry => [version, 'deployed'];

describe('what a rollback returns to', () => {
  const found: [string, Entry[], string][] = [
    ['is the last one before', [deployed('1'), deployed('2'), deployed('3')], '3 -> 2'],
    [
      'is none of the same version',
      [deployed('1'), deployed('2'), deployed('3'), deployed('3'), deployed('3')],
      '5 -> 2',
    ],
    ['is none that failed', [deployed('1'), ['2', 'failed'], deployed('3')], '3 -> 1'],
    [
      'is none that was deployed and then found bad',
      [deployed('1'), ['2', 'failed', { everDeployed: true }], deployed('3')],
      '3 -> 1',
    ],
    ['is none that was skipped', [deployed('1'), ['2', 'skipped'], deployed('3')], '3 -> 1'],
    [
      'is none that is scheduled, even when it once was deployed',
      [deployed('1'), ['2', 'scheduled', { everDeployed: true }], deployed('3')],
      '3 -> 1',
    ],
    ['is none that is in progress', [deployed('1'), ['2', 'in_progress'], deployed('3')], '3 -> 1'],
    [
      'is none that has been rolled back from',
      [deployed('1'), deployed('2'), ['1', 'deployed', { replaces: 2 }], deployed('3')],
      '4 -> 3',
    ],
    [
      'is none that a rollback was tried from, though that was skipped',
      [deployed('1'), deployed('2'), ['1', 'skipped', { replaces: 2 }], deployed('3')],
      '4 -> 1',
    ],
    [
      'is, for a second rollback, further back',
      [deployed('1'), deployed('2'), deployed('3'), ['2', 'deployed', { replaces: 3 }]],
      '4 -> 1',
    ],
    [
      'is, for a second rollback after the first failed, further back as well',
      [deployed('1'), deployed('2'), deployed('3'), ['2', 'failed', { replaces: 3 }]],
      '4 -> 1',
    ],
    [
      'is, for a third rollback, not a version that an earlier one left',
      [
        deployed('0'),
        deployed('1'),
        deployed('2'),
        deployed('3'),
        ['2', 'deployed', { replaces: 4 }],
        ['1', 'deployed', { replaces: 5 }],
      ],
      '6 -> 1',
    ],
    [
      'is no older copy of a version that was found bad',
      [
        deployed('0'),
        deployed('1'),
        deployed('2'),
        deployed('2'),
        ['1', 'deployed', { replaces: 4 }],
      ],
      '5 -> 1',
    ],
    [
      'is a version that was found bad and deployed again since',
      [
        deployed('1'),
        deployed('2'),
        ['1', 'deployed', { replaces: 2 }],
        deployed('2'),
        deployed('3'),
      ],
      '5 -> 4',
    ],
    [
      'may be a rollback itself',
      [deployed('1'), deployed('2'), ['1', 'deployed', { replaces: 2 }], ['3', 'failed']],
      '4 -> 3',
    ],
  ];
  for (const [what, entries, outcome] of found) {
    it(what, () => {
      const members = history(entries);

      expect(decided(members, requestFor(members))).to.equal(outcome);
    });
  }

  const missing: [string, Entry[]][] = [
    ['nothing is older', [deployed('1')]],
    ['only the same version is older', [deployed('1'), deployed('1')]],
    ['nothing older is deployed', [['1', 'failed'], ['2', 'skipped'], deployed('3')]],
    [
      'all that is older has been rolled back from',
      [deployed('1'), deployed('2'), ['1', 'deployed', { replaces: 2 }]],
    ],
  ];
  for (const [what, entries] of missing) {
    it(`is not found when ${what}`, () => {
      const members = history(entries);

      expect(refusal(members, requestFor(members))).to.deep.equal({
        code: 'rollback-source-not-found',
        message: 'No previous deployment to rollback to',
      });
    });
  }
});

describe('what a rollback to a version returns to', () => {
  const found: [string, Entry[], string, string][] = [
    ['is of that version', [deployed('1'), deployed('2'), deployed('3')], '1', '3 -> 1'],
    [
      'is the newest of that version',
      [deployed('1'), deployed('1'), deployed('2'), deployed('3')],
      '1',
      '4 -> 2',
    ],
    [
      'has failed since it was deployed',
      [['1', 'failed', { everDeployed: true }], deployed('2')],
      '1',
      '2 -> 1',
    ],
    [
      'is the newest that was deployed, not a newer one that never was',
      [deployed('1'), ['1', 'failed'], ['1', 'skipped'], deployed('2')],
      '1',
      '4 -> 1',
    ],
    ['may be of the same version, but not the same', [deployed('1'), deployed('1')], '1', '2 -> 1'],
    [
      'may have been rolled back from',
      [deployed('1'), deployed('2'), ['1', 'deployed', { replaces: 2 }]],
      '2',
      '3 -> 2',
    ],
    [
      'may be newer than what is replaced, when it was put back',
      [deployed('1'), deployed('2'), ['1', 'scheduled', { everDeployed: true }]],
      '1',
      '2 -> 3',
    ],
  ];
  for (const [what, entries, to, outcome] of found) {
    it(what, () => {
      const members = history(entries);

      expect(decided(members, requestFor(members, { to }))).to.equal(outcome);
    });
  }

  const missing: [string, Entry[], string][] = [
    ['is unknown', [deployed('1'), deployed('2')], '9'],
    ['is in another spelling', [deployed('1.0'), deployed('2')], '1'],
    ['is only that of what is replaced', [deployed('1'), deployed('2')], '2'],
    ['was never deployed', [['1', 'failed'], ['1', 'scheduled'], deployed('2')], '1'],
  ];
  for (const [what, entries, to] of missing) {
    it(`is not found when the version ${what}`, () => {
      const members = history(entries);

      expect(refusal(members, requestFor(members, { to }))).to.deep.equal({
        code: 'rollback-source-not-found',
        message: `No deployment found with version ${to}`,
      });
    });
  }
});
