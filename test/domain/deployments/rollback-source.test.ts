import { expect } from 'chai';
import { back, History, move, version } from './rollback-outcome.js';
import type { Step } from './rollback-outcome.js';

describe('what a rollback returns to', () => {
  const found: [string, Step[], string][] = [
    ['is the last one before', [version('1'), version('2'), version('3')], '3 -> 2'],
    [
      'is none of the same version',
      [version('1'), version('2'), version('3'), version('3'), version('3')],
      '5 -> 2',
    ],
    [
      'is none that failed',
      [version('1'), version('2', 'in_progress', 'failed'), version('3')],
      '3 -> 1',
    ],
    [
      'is none that was deployed and then found bad',
      [version('1'), version('2', 'deployed', 'failed'), version('3')],
      '3 -> 1',
    ],
    ['is none that was skipped', [version('1'), version('2', 'skipped'), version('3')], '3 -> 1'],
    [
      'is none that is in progress',
      [version('1'), version('2', 'in_progress'), version('3'), move(2, 'failed')],
      '2 -> 3',
    ],
    [
      'is the one that was deployed last, however old it is',
      [
        version('1', 'scheduled'),
        version('2', 'deployed'),
        move(1, 'scheduled', 'deployed'),
        version('3'),
      ],
      '3 -> 1',
    ],
    [
      'is none that has been rolled back from',
      [version('1'), version('2'), back(), version('3')],
      '4 -> 3',
    ],
    [
      'may be one that a rollback was tried from, as long as that was not deployed',
      [version('1'), version('2'), back(['skipped']), version('3')],
      '4 -> 2',
    ],
    [
      'is, for a second rollback, further back',
      [version('1'), version('2'), version('3'), back()],
      '4 -> 1',
    ],
    [
      'is, for a rollback that is tried again after it failed, the same',
      [version('1'), version('2'), version('3'), back(['in_progress', 'failed'])],
      '4 -> 2',
    ],
    [
      'is, for a rollback that is tried again after it was cancelled, the same',
      [version('1'), version('2'), version('3'), back(['in_progress', 'cancelled'])],
      '4 -> 2',
    ],
    [
      'is, for a rollback that is tried again while it is in progress, the same',
      [version('1'), version('2'), version('3'), back(['in_progress'])],
      '4 -> 2',
    ],
    [
      'is, for a rollback tried twice, still the same',
      [
        version('1'),
        version('2'),
        version('3'),
        back(['in_progress', 'failed']),
        back(['in_progress', 'failed']),
      ],
      '5 -> 2',
    ],
    [
      'is, for a third rollback, further back still',
      [version('0'), version('1'), version('2'), version('3'), back(), back()],
      '6 -> 1',
    ],
    [
      'is, after a rollback to a version, further back from there and never up again',
      [version('0'), version('1'), version('2'), version('3'), back(['deployed'], { target: '1' })],
      '5 -> 1',
    ],
    [
      'is no older copy of a version that was found bad',
      [version('0'), version('1'), version('2'), version('2'), back()],
      '5 -> 1',
    ],
    [
      'is a version that was found bad and deployed again since',
      [version('1'), version('2'), back(), version('2'), version('3')],
      '5 -> 4',
    ],
    [
      'may be a rollback itself',
      [version('1'), version('2'), back(), version('3', 'in_progress', 'failed')],
      '4 -> 3',
    ],
    [
      'is, after a rollback to such a rollback, further back from what that copied',
      [version('0'), version('1'), version('2'), back(), version('3'), back()],
      '6 -> 1',
    ],
  ];
  for (const [what, steps, outcome] of found) {
    it(what, () => {
      expect(new History(steps).decided()).to.equal(outcome);
    });
  }

  const missing: [string, Step[]][] = [
    ['nothing was deployed before', [version('1')]],
    ['only the same version was', [version('1'), version('1')]],
    [
      'nothing that was is still deployed',
      [version('1', 'deployed', 'failed'), version('2', 'skipped'), version('3')],
    ],
    ['all that was has been rolled back from', [version('1'), version('2'), back()]],
    [
      'it would go up again after a rollback to the first version',
      [version('1'), version('2'), version('3'), version('4'), back(['deployed'], { target: '1' })],
    ],
  ];
  for (const [what, steps] of missing) {
    it(`is not found when ${what}`, () => {
      const { code, message } = new History(steps).refusal();
      expect(code).to.equal('rollback-source-not-found');
      expect(message).to.match(
        /^No previous deployment to rollback to: no other version was deployed before \d$/,
      );
    });
  }

  it('is found behind many versions that were found bad', () => {
    const steps: Step[] = [version('good')];
    for (let nth = 0; nth < 60; nth += 1) steps.push(version(`bad ${nth}`), back());
    steps.push(version('last'));
    const history = new History(steps);
    const { deployment } = history.rollBack().result;
    expect(deployment.version).to.equal('good');
  });

  it('is not searched for behind more than two hundred versions that were found bad', () => {
    const steps: Step[] = [version('good')];
    for (let nth = 0; nth < 230; nth += 1) {
      steps.push(version(`bad ${nth}`), back(['deployed'], { target: 'good' }));
    }
    // Rollbacks to it have kept it near until now.
    for (let nth = 0; nth < 230; nth += 1) steps.push(move(3 + 2 * nth, 'failed'));
    steps.push(version('last'));
    expect(new History(steps).refusal()).to.deep.equal({
      code: 'rollback-source-not-found',
      message:
        'No previous deployment to rollback to: the last 200 versions before last were all found bad; name one as target_version',
    });
  }).timeout(60_000);
});

describe('what a rollback to a version returns to', () => {
  const found: [string, Step[], string, string][] = [
    ['is of that version', [version('1'), version('2'), version('3')], '1', '3 -> 1'],
    ['is the newest of that version', [version('1'), version('1'), version('2')], '1', '3 -> 2'],
    [
      'has failed since it was deployed',
      [version('1', 'deployed', 'failed'), version('2')],
      '1',
      '2 -> 1',
    ],
    [
      'is the newest that was deployed, not a newer one that never was',
      [version('1'), version('1', 'in_progress', 'failed'), version('2')],
      '1',
      '3 -> 1',
    ],
    ['may be of the same version, but not the same', [version('1'), version('1')], '1', '2 -> 1'],
    ['may have been rolled back from', [version('1'), version('2'), back()], '2', '3 -> 2'],
  ];
  for (const [what, steps, target, outcome] of found) {
    it(what, () => {
      expect(new History(steps).decided({ target })).to.equal(outcome);
    });
  }

  const missing: [string, Step[], string][] = [
    ['is unknown', [version('1'), version('2')], '9'],
    ['is in another spelling', [version('1.0'), version('2')], '1'],
    ['is only that of what is replaced', [version('1'), version('2')], '2'],
    ['was never deployed', [version('1', 'in_progress', 'failed'), version('2')], '1'],
  ];
  for (const [what, steps, target] of missing) {
    it(`is not found when the version ${what}`, () => {
      expect(new History(steps).refusal({ target })).to.deep.equal({
        code: 'rollback-source-not-found',
        message: `No deployment found with version ${target}`,
      });
    });
  }
});
