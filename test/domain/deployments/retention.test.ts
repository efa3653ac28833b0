import { expect } from 'chai';
import fc from 'fast-check';
import type { Decided } from '../../../src/domain/decision.js';
import type {
  DeploymentEvent,
  DeploymentStatus,
} from '../../../src/domain/deployments/deployment.js';
import type { Position } from '../../../src/domain/deployments/order.js';
import {
  maxChangesAtOnce,
  maxLookedAt,
  removeOld,
} from '../../../src/domain/deployments/retention.js';
import type { Removal } from '../../../src/domain/deployments/retention.js';
import { ApplicationError } from '../../../src/domain/errors.js';
import { decideOver } from '../../support/reference-reads.js';
import type { World } from '../../support/reference-reads.js';
import { idOf, instantOf, numberOf, storedDeployment } from '../../support/stored.js';
import { back, History, move, version } from './rollback-outcome.js';
import type { Step } from './rollback-outcome.js';

const never = 1_000_000;

/** Which deployments of a history are left, by number, once all that may go has gone. */
function leftOf(steps: readonly Step[], overSince = never): number[] {
  const history = new History(steps);
  retainAll(history, overSince);
  return numbersOf(history);
}

function retainAll(
  history: History,
  overSince: number,
  afterEach: () => void = () => undefined,
): void {
  for (;;) {
    let count = 0;
    for (let before: Position | undefined; ;) {
      const { removed, next } = history.retain(overSince, before);
      count += removed;
      afterEach();
      if (next === undefined) break;
      before = next;
    }
    if (count === 0) return;
  }
}

function numbersOf({ deployments }: History): number[] {
  return deployments.map(({ deployment }) => numberOf(deployment.id));
}

describe('retention', () => {
  const cases: [what: string, steps: Step[], left: number[]][] = [
    ['what runs, and the last good one', [version('1'), version('2'), version('3')], [2, 3]],
    [
      'what waits and what is in progress',
      [version('1', 'scheduled'), version('2', 'in_progress')],
      [1, 2],
    ],
    [
      'nothing of what was skipped, failed or cancelled and does not run',
      [
        version('1'),
        version('2', 'failed'),
        version('3', 'skipped'),
        version('4', 'cancelled'),
        version('5', 'in_progress', 'failed'),
        version('6'),
      ],
      [1, 6],
    ],
    [
      'what ran last, though it failed, with what was deployed before it and the good one before that',
      [version('1'), version('2'), version('3'), version('4', 'in_progress', 'failed')],
      [2, 3, 4],
    ],
    [
      'another version than the last one as the last good one',
      [version('1'), version('2'), version('3'), version('3'), version('3')],
      [2, 5],
    ],
    [
      'what was copied and what was replaced, as long as the rollback is there',
      [version('1'), version('2'), version('3'), back()],
      [1, 2, 3, 4],
    ],
    [
      'nothing of a rollback that something came after',
      [version('1'), version('2'), back(), version('4'), version('5')],
      [4, 5],
    ],
    [
      'the last good one behind versions that were found bad',
      [
        version('1'),
        version('2'),
        version('3'),
        move(3, 'failed'),
        version('2'),
        move(4, 'failed'),
        version('5'),
      ],
      [2, 5],
    ],
    [
      'all that a rollback which waits refers to',
      [version('1'), version('2'), version('3'), version('4'), back([], { target: '1' })],
      [1, 3, 4, 5],
    ],
    [
      'what runs behind what is in progress, and the last good one of either',
      [version('1'), version('2'), version('3'), version('4', 'in_progress')],
      [2, 3, 4],
    ],
  ];
  for (const [what, steps, left] of cases) {
    it(`keeps ${what}`, () => {
      expect(leftOf(steps)).to.deep.equal(left);
    });
  }

  it('keeps what has changed since, whenever it was registered', () => {
    const history = new History([version('1'), version('2'), version('3'), version('4')]);
    history.perform(move(1, 'failed'));
    retainAll(history, history.now);
    expect(numbersOf(history)).to.deep.equal([1, 3, 4]);
    retainAll(history, history.now + 1);
    expect(numbersOf(history)).to.deep.equal([3, 4]);
  });

  it('forgets that a version was found bad with the last deployment of it, and not before', () => {
    const history = new History([version('1'), version('2'), version('2'), back()]);
    // 3 goes before 2, which has changed; 2 is as bad as before.
    for (const name of ['5', '6']) history.perform(version(name));
    history.perform(move(2, 'failed'));
    history.perform(move(2, 'deployed'));
    retainAll(history, history.now - 1);
    expect(numbersOf(history)).to.include(2);
    expect(history.decided()).to.equal('2 -> 6');
  });

  it('leaves what runs and what a rollback returns to as they are, and no link that leads nowhere', () => {
    const statuses = fc.constantFrom<DeploymentStatus>(
      'scheduled',
      'in_progress',
      'deployed',
      'deployed',
      'failed',
      'skipped',
      'cancelled',
    );
    const tos = fc.array(statuses, { maxLength: 3 });
    const step: fc.Arbitrary<Step | { readonly retain: number }> = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ version: fc.constantFrom('1', '2', '3', '4'), to: tos }),
      },
      { weight: 3, arbitrary: fc.record({ rollback: fc.constant({}), to: tos }) },
      { weight: 2, arbitrary: fc.record({ number: fc.integer({ min: 1, max: 12 }), to: tos }) },
      { weight: 1, arbitrary: fc.record({ retain: fc.integer({ min: 0, max: 40 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 30 }), (steps) => {
        const history = new History();
        for (const each of [...steps, { retain: 0 }]) {
          if ('retain' in each) {
            const before = outcomeOf(history);
            const open = openOf(history);
            retainAll(history, history.now - each.retain + 1, () => {
              expect(outcomeOf(history)).to.deep.equal(before);
              expect(openOf(history)).to.deep.equal(open);
              expectWhole(history);
            });
          } else attempt(history, each);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('looks at a part at a time, and goes on where it was', () => {
    const deployments = Array.from({ length: 2 * maxLookedAt + 10 }, (_, nth) =>
      storedDeployment(nth + 1, { status: 'skipped' }),
    );
    let world: World = { deployments };
    const removals: number[] = [];
    for (let before: Position | undefined; ;) {
      const { changes, result }: Decided<Removal> = decideOver(
        world,
        removeOld({ overSince: instantOf(never), before }),
      );
      const gone = new Set(changes.removed);
      world = { deployments: world.deployments.filter((each) => !gone.has(each)) };
      removals.push(result.removed);
      if (result.next === undefined) break;
      before = result.next;
    }
    expect(removals).to.deep.equal([maxLookedAt, maxLookedAt, 10]);
    expect(world.deployments).to.deep.equal([]);
  });

  it('removes no more events at once than a transaction may take', () => {
    const revision = 2 * maxChangesAtOnce + 1;
    const busy = storedDeployment(1, { status: 'skipped', revision });
    const calm = storedDeployment(2, { status: 'skipped' });
    const eventsFrom = (first: number) =>
      new Map([[idOf(1), [{ revision: first } as DeploymentEvent]]]);
    const decide = (first: number, before?: { created_at: string; id: string }) =>
      decideOver(
        { deployments: [busy, calm], events: eventsFrom(first) },
        removeOld({ overSince: instantOf(never), before }),
      );

    const first = decide(1);
    expect(first.changes).to.deep.equal({ removed: [calm] });
    const { next } = first.result;
    expect(next?.id).to.equal(idOf(2));

    const second = decide(1, next);
    expect(second.changes).to.deep.equal({
      deployments: { unchanged: [busy] },
      removedEvents: [{ deploymentId: idOf(1), upTo: 1 + maxChangesAtOnce }],
    });
    expect(second.result).to.deep.equal({ removed: 0, next });

    const last = decide(2 + maxChangesAtOnce, next);
    expect(last.changes).to.deep.equal({ removed: [busy] });
    expect(last.result.removed).to.equal(1);
  });
});

function attempt(history: History, step: Step): void {
  try {
    history.perform(step);
  } catch (error) {
    if (!(error instanceof ApplicationError)) throw error;
  }
}

/** What runs, and what a rollback replaces by what, or why it does not. */
function outcomeOf(history: History): unknown {
  try {
    return [history.running, history.decided()];
  } catch (error) {
    if (error instanceof ApplicationError) return [history.running, error.code];
    throw error;
  }
}

function openOf(history: History): number[] {
  const open = history.deployments.filter(({ deployment: { status } }) =>
    ['scheduled', 'in_progress'].includes(status),
  );
  return open.map(({ deployment }) => numberOf(deployment.id));
}

function expectWhole({ deployments }: History): void {
  const ids = new Set<string | null>([null, ...deployments.map(({ deployment }) => deployment.id)]);
  for (const { deployment, baseId } of deployments) {
    expect(ids).to.include(deployment.source_deployment_id);
    expect(ids).to.include(deployment.rollback_from_deployment_id);
    expect(ids).to.include(baseId);
  }
}
