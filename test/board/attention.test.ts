import { expect } from 'chai';
import type { CurrentState, QueuePosition } from '../../src/client/contract.js';
import {
  attentionOf,
  unexplainedFailures,
  usualDurations,
} from '../../src/board/state/attention.js';
import { emptyBoard } from '../../src/board/state/board.js';
import type { Board } from '../../src/board/state/board.js';
import { placeKey } from '../../src/board/state/place.js';
import { deployment } from './support/deployment.js';
import { ago, brief, event, now, row } from './support/rows.js';

function board(rows: readonly CurrentState[], fields: Partial<Board> = {}): Board {
  return { ...emptyBoard, rows: new Map(rows.map((each) => [placeKey(each), each])), ...fields };
}

function kinds(of: Board): string[] {
  return attentionOf(of, now).map(({ kind, place }) => `${kind} ${place.name}`);
}

const failed = brief({ id: 'f', status: 'failed', finished_at: ago(5) });
const begun = (minutes: number) =>
  brief({ id: 'p', status: 'in_progress', started_at: ago(minutes), finished_at: null });
const inProgress = (minutes: number, previous: CurrentState['previous_good']) =>
  row({ current: begun(minutes), in_progress: [begun(minutes)], previous_good: previous });
const held = (holders: QueuePosition['holders']): Board['queue'] =>
  new Map([
    [
      'p',
      {
        ...{ position: null, waiting_since: null, blocked_by: [], estimated_start_at: null },
        holders,
      },
    ],
  ]);

describe('what needs somebody', () => {
  it('is nothing where everything runs, waits, or was skipped', () => {
    const rows = [
      row(),
      row({ name: 'basket', waiting: { count: 3, next: brief({ status: 'scheduled' }) } }),
      row({ name: 'mailer', current: brief({ status: 'cancelled' }) }),
      row({ name: 'search', current: null }),
    ];
    expect(kinds(board(rows))).to.deep.equal([]);
  });

  it('is what failed, and says what was there before', () => {
    const before = brief({ version: '0.9.0' });
    const [only] = attentionOf(board([row({ current: failed, previous_good: before })]), now);
    expect(only).to.deep.include({
      kind: 'failed',
      since: ago(5),
      why: '0.9.0 was there before',
    });
  });

  it('is a lease that was lost, where the last failure says so', () => {
    const events = [
      event({
        position: 9,
        deployment_id: 'f',
        to_status: 'failed',
        cause: 'lease_expired',
        occurred_at: ago(4),
      }),
      event({ position: 3, deployment_id: 'f', to_status: 'failed', reason: 'Before' }),
    ];
    const [only] = attentionOf(board([row({ current: failed })], { events }), now);
    expect(only).to.deep.include({
      kind: 'lease_lost',
      since: ago(4),
      why: 'Nobody renewed its lease; nothing was there before',
    });
    const [first] = attentionOf(
      board([row({ current: failed })], { events: events.slice(1) }),
      now,
    );
    expect(first).to.deep.include({ kind: 'failed', why: 'Before; nothing was there before' });
  });

  it('knows how it failed from what was looked up, where that was before what is told', () => {
    const failures = new Map([
      ['f', { cause: 'lease_expired', reason: null, occurred_at: ago(5) } as const],
    ]);
    const before = board([row({ current: failed })]);
    expect(unexplainedFailures(before)).to.deep.equal(['f']);
    expect(kinds({ ...before, failures })).to.deep.equal(['lease_lost checkout']);
    expect(unexplainedFailures({ ...before, failures })).to.deep.equal([]);
    const events = [event({ deployment_id: 'f', to_status: 'failed' })];
    expect(kinds({ ...before, failures, events })).to.deep.equal(['failed checkout']);
    expect(unexplainedFailures({ ...before, events })).to.deep.equal([]);
  });

  const usual = brief({ started_at: ago(65), finished_at: ago(60) });
  for (const [what, minutes, previous, isStuck] of [
    ['three times as long as usual', 14, usual, false],
    ['longer than that', 16, usual, true],
    [
      'long, by what is usual, yet not ten minutes',
      9,
      brief({ started_at: ago(61), finished_at: ago(60) }),
      false,
    ],
    ['less than an hour, where nothing is usual', 59, null, false],
    ['more than that', 61, null, true],
    [
      'less than an hour, where the last one took no time that is known',
      59,
      brief({ started_at: ago(60) }),
      false,
    ],
  ] as const) {
    it(`is ${isStuck ? '' : 'not '}what is in progress for ${what}`, () => {
      expect(kinds(board([inProgress(minutes, previous)]))).to.deep.equal(
        isStuck ? ['stuck checkout'] : [],
      );
    });
  }

  it('is what is in progress and holds no place any more, as far as the queue was asked', () => {
    const own = { deployment_id: 'p', started_at: ago(2), until: null, leased: true };
    const rows = [inProgress(2, usual)];
    expect(kinds(board(rows))).to.deep.equal([]);
    expect(kinds(board(rows, { queue: held([own]) }))).to.deep.equal([]);
    expect(kinds(board(rows, { queue: held([{ ...own, deployment_id: 'other' }]) }))).to.deep.equal(
      ['stuck checkout'],
    );
    const many = Array.from({ length: 20 }, () => ({ ...own, deployment_id: 'other' }));
    expect(kinds(board(rows, { queue: held(many) }))).to.deep.equal([]);
    const [only] = attentionOf(board(rows, { queue: held([]) }), now);
    expect(only?.why).to.match(/^In progress for 2 min without a lease/);
  });

  it('is a rollback that waits', () => {
    const rollbacks = [deployment({ trigger: 'rollback', created_at: ago(3) })];
    expect(kinds(board([row()], { rollbacks }))).to.deep.equal(['rollback_pending checkout']);
  });

  it('comes in the order in which it presses, and then the newest first', () => {
    const rows = [
      row({ name: 'a', current: brief({ id: 'a', status: 'failed', finished_at: ago(9) }) }),
      row({ name: 'b', current: brief({ id: 'b', status: 'failed', finished_at: ago(1) }) }),
      row({ name: 'c', current: brief({ id: 'c', status: 'failed', finished_at: ago(5) }) }),
      row({ name: 'd', current: begun(100), in_progress: [begun(100)] }),
    ];
    const events = [event({ deployment_id: 'c', to_status: 'failed', cause: 'lease_expired' })];
    const rollbacks = [deployment({ name: 'e', trigger: 'rollback' })];
    expect(kinds(board(rows, { events, rollbacks }))).to.deep.equal([
      ...['lease_lost c', 'failed b', 'failed a', 'stuck d', 'rollback_pending e'],
    ]);
  });
});

describe('how long a rollout usually takes', () => {
  it('is the median of a component in an environment, and of a component', () => {
    const took = (minutes: number) =>
      brief({ started_at: ago(60 + minutes), finished_at: ago(60) });
    const durations = usualDurations([
      row({ current: took(2), previous_good: took(4) }),
      row({ region: 'eu', current: took(30) }),
      row({ environment: 'staging', current: took(100) }),
      row({ name: 'basket', current: brief({ status: 'failed' }) }),
    ]);
    expect(Object.fromEntries(durations)).to.deep.equal({
      '["checkout","production"]': 4 * 60_000,
      '["checkout","staging"]': 100 * 60_000,
      checkout: 4 * 60_000,
    });
  });
});
