import { expect } from 'chai';
import type { Deployment } from '../../../src/domain/deployments/deployment.js';
import { maxCounted } from '../../../src/domain/deployments/reads.js';
import { currentOf } from '../../../src/domain/overview/current.js';
import type { CurrentState } from '../../../src/domain/overview/current.js';
import type { DeploymentBrief } from '../../../src/domain/overview/brief.js';
import { back, History, move, taxonomy, version } from '../deployments/rollback-outcome.js';
import type { Step } from '../deployments/rollback-outcome.js';
import { Random } from '../../support/random.js';
import { decideOver } from '../../support/reference-reads.js';
import { QueueWorld } from '../../support/queue-world.js';
import { numberOf, storedDeployment } from '../../support/stored.js';

describe('what runs where', () => {
  const stateOf = (history: History): CurrentState | undefined =>
    decideOver(history.world, currentOf([taxonomy], '2026-02-01T00:00:00.000Z')).result[0];
  const numbers = (briefs: readonly (DeploymentBrief | null | undefined)[]) =>
    briefs.map((brief) => (brief == null ? null : numberOf(brief.id)));

  const found: [string, Step[], current: number | null, good: number | null, under: number[]][] = [
    ['nothing, while nothing has begun', [version('1', 'scheduled')], null, null, []],
    ['what was deployed', [version('1')], 1, null, []],
    ['what was deployed last', [version('1'), version('2')], 2, 1, []],
    ['what is being rolled out', [version('1'), version('2', 'in_progress')], 2, 1, [2]],
    ['what has failed there', [version('1'), version('2', 'in_progress', 'failed')], 2, 1, []],
    ['not what failed without having begun', [version('1'), version('2', 'failed')], 1, null, []],
    [
      'the newest of those in progress, among them all',
      [version('1'), version('2', 'in_progress'), version('3', 'in_progress')],
      3,
      1,
      [3, 2],
    ],
    ['a rollback that was deployed', [version('1'), version('2'), version('3'), back()], 4, 1, []],
    [
      'good only before what was found bad',
      [version('1'), version('2'), back(), version('2', 'scheduled'), version('4')],
      5,
      3,
      [],
    ],
  ];
  for (const [what, steps, current, good, underWay] of found) {
    it(`is ${what}`, () => {
      const state = stateOf(new History(steps));
      expect(numbers([state?.current, state?.previous_good])).to.deep.equal([current, good]);
      expect(numbers(state?.in_progress ?? [])).to.deep.equal(underWay);
    });
  }

  it('is left out where nothing has run and nothing waits', () => {
    expect(stateOf(new History([version('1', 'skipped')]))).to.equal(undefined);
    expect(stateOf(new History([version('1', 'cancelled')]))).to.equal(undefined);
    expect(stateOf(new History())).to.equal(undefined);
  });

  it('is what a rollback would replace, and before it what that would return to', () => {
    const random = new Random(16);
    const outcomes = new Set<string>();
    for (let run = 0; run < 60; run += 1) {
      const history = new History();
      for (let step = 0; step < 12; step += 1) {
        const status = random.pick(['scheduled', 'in_progress', 'deployed', 'failed'] as const);
        const ways: Step[] = [
          version(random.pick(['1', '2', '3']), ...(status === 'scheduled' ? [] : [status])),
          back(status === 'scheduled' ? [] : [status]),
          move(1 + Math.floor(random.next() * 12), status),
        ];
        try {
          history.perform(random.pick(ways));
        } catch {
          // The life of a deployment, or a rollback, does not allow it.
        }
        const state = stateOf(history);
        let expected: (number | null)[];
        try {
          expected = history.decided().split(' -> ').map(Number);
          outcomes.add('rolled back');
        } catch (error) {
          const { code } = error as { code: string };
          outcomes.add(code);
          if (code !== 'rollback-source-not-found') continue;
          expected = [history.running[0] ?? null, null];
        }
        expect(numbers([state?.current, state?.previous_good])).to.deep.equal(expected);
      }
    }
    expect([...outcomes].sort()).to.deep.equal([
      'rollback-pending',
      'rollback-source-not-found',
      'rolled back',
    ]);
  });

  it('has nothing good before more than twenty versions that were found bad', () => {
    const goodBefore = (count: number): string | undefined => {
      const deployments = Array.from({ length: count + 2 }, (_, nth) =>
        storedDeployment(nth, { status: 'deployed', version: `${nth}` }),
      );
      const world = { deployments, rolledBack: deployments.slice(1, -1) };
      const [state] = decideOver(world, currentOf([taxonomy], '')).result;
      return state?.previous_good?.version;
    };
    expect(goodBefore(0)).to.equal('0');
    expect(goodBefore(20)).to.equal('0');
    expect(goodBefore(100)).to.equal(undefined);
  });
});

describe('what waits', () => {
  let world: QueueWorld;
  beforeEach(() => {
    world = new QueueWorld();
  });
  const waiting = () => {
    const [state] = world.current();
    const { count, next } = state?.waiting ?? { count: 0, next: null };
    return { count, next: next === null ? null : numberOf(next.id) };
  };

  it('is nothing where nothing is scheduled', () => {
    world.add(1, { status: 'deployed' });
    expect(waiting()).to.deep.equal({ count: 0, next: null });
  });

  it('goes by the order of the environment', () => {
    for (const number of [1, 2, 3]) world.add(number);
    expect(waiting()).to.deep.equal({ count: 3, next: 3 });
    world.set({ ...settings, order: 'oldest' });
    expect(waiting()).to.deep.equal({ count: 3, next: 1 });
  });

  it('begins with a rollback', () => {
    const trigger = 'rollback' satisfies Deployment['trigger'];
    for (const number of [1, 2, 3, 4]) world.add(number, number === 2 ? { trigger } : {});
    expect(waiting()).to.deep.equal({ count: 4, next: 2 });
    world.set({ ...settings, order: 'oldest' });
    expect(waiting()).to.deep.equal({ count: 4, next: 2 });
  });

  it('begins with what is claimed, as the queue does, for as long as it keeps its place', () => {
    for (const number of [1, 2, 3, 4]) world.add(number);
    world.start(1);
    world.claim(2, { wait: 10 });
    expect(waiting()).to.deep.equal({ count: 3, next: 2 });
    world.claim(3, { wait: 0 });
    expect(waiting()).to.deep.equal({ count: 3, next: 3 });
    world.now += 40;
    expect(waiting()).to.deep.equal({ count: 3, next: 4 });
  });

  it('may be what failed and is tried again', () => {
    world.add(1);
    world.add(2);
    world.start(1);
    world.finish(1, 'failed');
    world.start(2);
    world.claim(1);
    expect(waiting()).to.deep.equal({ count: 0, next: 1 });
  });

  it('is counted up to a hundred, and the oldest is known beyond', () => {
    for (let number = 1; number <= maxCounted + 5; number += 1) world.add(number);
    expect(waiting()).to.deep.equal({ count: maxCounted, next: maxCounted + 5 });
    world.set({ ...settings, order: 'oldest' });
    expect(waiting()).to.deep.equal({ count: maxCounted, next: 1 });
  });

  it('is told of each taxonomy by itself', () => {
    world.add(1, { region: 'a' });
    world.add(2, { region: 'b', status: 'in_progress' });
    world.add(3, { region: 'b' });
    expect(
      world
        .current()
        .map(({ region, current, waiting: { count } }) => [
          region,
          current?.version ?? null,
          count,
        ]),
    ).to.deep.equal([
      ['a', null, 1],
      ['b', '2', 1],
    ]);
  });
});

const settings = {
  order: 'newest',
  exclusive: 'taxonomy',
  max_running: 1,
  buffer_seconds: 0,
  queue_ttl_seconds: null,
  max_hold_seconds: null,
  unleased_hold_seconds: null,
  lease_required: false,
} as const;
