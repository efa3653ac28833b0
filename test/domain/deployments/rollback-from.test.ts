import { expect } from 'chai';
import { idOf } from '../../support/stored.js';
import { back, History, move, taxonomy, version } from './rollback-outcome.js';
import type { Step } from './rollback-outcome.js';

const nothingHasRun =
  'No previous deployment to rollback to: nothing has run for name=checkout, ' +
  'environment=production, provider=gcp, cloud_account_id=none, region=none, cell=none';

describe('what a rollback replaces', () => {
  const good = version('1');

  const ofTaxonomy: [string, Step[], string][] = [
    ['the one deployed last', [good, version('2'), version('3')], '3 -> 2'],
    ['the one in progress', [good, version('2'), version('3', 'in_progress')], '3 -> 2'],
    [
      'the newest in progress, whatever ended last',
      [good, version('2', 'in_progress'), version('3', 'in_progress'), version('4', 'deployed')],
      '3 -> 4',
    ],
    [
      'one that failed once it had begun',
      [good, version('2'), version('3', 'in_progress', 'failed')],
      '3 -> 2',
    ],
    [
      'one that was cancelled once it had begun',
      [good, version('2'), version('3', 'in_progress', 'cancelled')],
      '3 -> 2',
    ],
    [
      'none that failed without having begun',
      [good, version('2'), version('3', 'failed')],
      '2 -> 1',
    ],
    [
      'none that was cancelled without having begun',
      [good, version('2'), version('3', 'cancelled')],
      '2 -> 1',
    ],
    ['none that is scheduled', [good, version('2'), version('3', 'scheduled')], '2 -> 1'],
    ['none that is skipped', [good, version('2'), version('3', 'skipped')], '2 -> 1'],
    [
      'none put back after it began',
      [good, version('2'), version('3', 'in_progress', 'scheduled')],
      '2 -> 1',
    ],
    [
      'the one that ended last, however old it is',
      [version('1', 'scheduled'), version('2'), move(1, 'scheduled'), move(1, 'deployed')],
      '1 -> 2',
    ],
    ['one that was found bad', [good, version('2'), version('3', 'deployed', 'failed')], '3 -> 2'],
  ];
  for (const [what, steps, outcome] of ofTaxonomy) {
    it(`is, of a taxonomy, ${what}`, () => {
      expect(new History(steps).decided()).to.equal(outcome);
    });

    it(`is, by id, the same: ${what}`, () => {
      expect(new History(steps).decided({ by: Number.parseInt(outcome) })).to.equal(outcome);
    });
  }

  const neverRan: [string, Step[]][] = [
    ['is empty', []],
    ['holds scheduled ones only', [version('1', 'scheduled')]],
    [
      'holds what never began',
      [version('1', 'failed'), version('2', 'cancelled'), version('3', 'skipped')],
    ],
  ];
  for (const [what, steps] of neverRan) {
    it(`is not found in a taxonomy that ${what}`, () => {
      const { code, message } = new History(steps).refusal();
      expect(code).to.equal('rollback-source-not-found');
      // It is of no help to be told of the place that was named.
      const hint = steps.length === 0 ? '' : '; what is registered there has not begun';
      expect(message).to.equal(`${nothingHasRun}${hint}`);
    });
  }

  it('is said to be elsewhere when a part of the taxonomy was left out or misspelt', () => {
    const history = new History([good]);
    expect(history.refusal({ to: { ...taxonomy, region: 'europe-west1' } }).message).to.equal(
      `${nothingHasRun.replace('region=none', 'region=europe-west1')}; checkout exists in production at provider=gcp`,
    );
  });

  const mixed: Step[] = [good, version('2'), version('3', 'skipped'), version('4', 'scheduled')];
  const runs = `2 (${idOf(2)}, deployed) runs there`;

  const byId: [string, Step[], number, string][] = [
    ['was superseded', mixed, 1, `Deployment ${idOf(1)} is not what runs there; ${runs}`],
    [
      'is skipped',
      mixed,
      3,
      `Deployment ${idOf(3)} is skipped and has not begun, so there is nothing of it to roll back; ${runs}`,
    ],
    [
      'is scheduled',
      mixed,
      4,
      `Deployment ${idOf(4)} is scheduled and has not begun, so there is nothing of it to roll back; ${runs}`,
    ],
    [
      'is scheduled where nothing runs',
      [version('1', 'scheduled')],
      1,
      `Deployment ${idOf(1)} is scheduled and has not begun, so there is nothing of it to roll back; nothing runs there`,
    ],
    [
      'has failed before another one began',
      [good, version('2', 'in_progress', 'failed'), version('3', 'in_progress')],
      2,
      `Deployment ${idOf(2)} is not what runs there; 3 (${idOf(3)}, in_progress) runs there`,
    ],
  ];
  for (const [what, steps, by, message] of byId) {
    it(`is not one, by id, that ${what}`, () => {
      expect(new History(steps).refusal({ by })).to.deep.equal({
        code: 'rollback-not-allowed',
        message,
      });
    });
  }

  it('is not one that does not exist', () => {
    expect(new History([good]).refusal({ by: 7 })).to.deep.equal({
      code: 'deployment-not-found',
      message: `No deployment with id ${idOf(7)}`,
    });
  });

  it('is not one that was rolled back from, once the rollback runs', () => {
    expect(
      new History([good, version('2'), back(['in_progress'])]).refusal({ by: 2 }),
    ).to.deep.equal({
      code: 'rollback-not-allowed',
      message: `Deployment ${idOf(2)} is not what runs there; 1 (${idOf(3)}, in_progress) runs there`,
    });
  });
});
