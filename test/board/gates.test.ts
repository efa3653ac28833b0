import { expect } from 'chai';
import type { Freeze, Lock } from '../../src/client/contract.js';
import { emptyBoard, reduce } from '../../src/board/state/board.js';
import { parseView } from '../../src/board/state/filters.js';
import { closedIn, closedNow, endOf, nextOpening, noGates } from '../../src/board/state/gates.js';
import type { Gates } from '../../src/board/state/gates.js';
import { mayBeChosen, scopeInWords, scopeOfEnvironment } from '../../src/board/state/scope.js';
import { ago, now, row } from './support/rows.js';

const created = {
  allow: ['rollback' as const],
  created_by_actor: 'octocat',
  created_by_repo: 'acme/checkout',
  created_by_workflow: 'release',
};

function lock(fields: Partial<Lock> = {}): Lock {
  return {
    ...{ id: 'l', scope: {}, reason: 'Incident', created_at: ago(30), ...created },
    ...{ expires_at: null, deployment_id: null },
    ...fields,
  };
}

function freeze(fields: Partial<Freeze> = {}): Freeze {
  return {
    ...{ id: 'f', scope: {}, reason: 'Holidays', created_at: ago(300), ...created },
    ...{ time_zone: 'Europe/Berlin', starts: '2026-01-05T09:00', ends: '2026-01-05T18:00' },
    ...{ rrule: null, closed: true, closed_until: ago(-300), next_closed_at: null },
    ...fields,
  };
}

function gates(fields: Partial<Gates>): Gates {
  return { ...noGates, ...fields };
}

const ids = (of: Gates, at = now) => closedNow(of, at).map(({ id }) => id);

describe('what is closed', () => {
  it('is each freeze that is closed now, and each lock, the newest of them first', () => {
    const all = gates({
      locks: [
        lock({ id: 'old', created_at: ago(60) }),
        lock({ id: 'new', created_at: ago(1) }),
        lock({ id: 'expired', expires_at: ago(1) }),
      ],
      freezes: [
        freeze({ id: 'open', closed: false, closed_until: null, next_closed_at: ago(-60) }),
        freeze({ id: 'endless', closed_until: null }),
      ],
    });
    expect(ids(all)).to.deep.equal(['endless', 'new', 'old']);
  });

  it('opens by the clock alone, at the next end', () => {
    const all = gates({
      locks: [lock({ id: 'l', expires_at: ago(-10) }), lock({ id: 'stays' })],
      freezes: [freeze({ id: 'f', closed_until: ago(-20) })],
    });
    expect(nextOpening(closedNow(all, now))).to.equal(now + 10 * 60_000);
    const later = now + 10 * 60_000;
    expect(ids(all, later - 1)).to.deep.equal(['f', 'l', 'stays']);
    expect(ids(all, later)).to.deep.equal(['f', 'stays']);
    expect(nextOpening(closedNow(all, later))).to.equal(now + 20 * 60_000);
    expect(nextOpening(closedNow(gates({ locks: [lock()] }), now))).to.equal(undefined);
  });

  it('says who closed it, and whether it came with a rollback', () => {
    const ofPipeline = lock({
      created_by_actor: null,
      deployment_id: '019b8d3a-c6d0-7b1f-9a04-2f6e8d7c5b4a',
      reason: 'Rolled back from 2: errors',
      allow: [],
    });
    const [closed] = closedNow(gates({ locks: [ofPipeline] }), now);
    expect(closed).to.include({
      owner: 'acme/checkout',
      isOfRollback: true,
      allowsRollbacks: false,
      reason: 'Rolled back from 2: errors',
    });
  });

  it('tells how long it takes until it opens, as far as that is known', () => {
    expect(endOf({ kind: 'lock', until: ago(-90) }, now)).to.equal('opens in 1 h');
    expect(endOf({ kind: 'lock', until: null }, now)).to.equal('until it is unlocked');
    expect(endOf({ kind: 'freeze', until: null }, now)).to.equal('no end is known');
  });

  it('is found for each place that it covers', () => {
    const all = gates({
      locks: [
        lock({ id: 'here', scope: { name: 'check*' } }),
        lock({ id: 'there', scope: { environment: 'staging' } }),
      ],
      freezes: [freeze()],
    });
    const closedFor = closedIn(closedNow(all, now));
    expect(closedFor(row()).map(({ id }) => id)).to.deep.equal(['f', 'here']);
    expect(closedFor(row({ name: 'x', environment: 'staging' })).map(({ id }) => id)).to.deep.equal(
      ['f', 'there'],
    );
  });

  it('stays what it was on the board while the service says the same', () => {
    const before = reduce(emptyBoard, { type: 'gates', gates: gates({ locks: [lock()] }) });
    expect(reduce(before, { type: 'gates', gates: gates({ locks: [lock()] }) })).to.equal(before);
    const after = reduce(before, { type: 'gates', gates: noGates });
    expect(after.gates.locks).to.deep.equal([]);
  });
});

describe('a scope on the board', () => {
  it('of an environment has all that is in it', () => {
    expect(scopeOfEnvironment(row())).to.deep.equal({ environment: 'production' });
  });

  for (const [scope, words] of [
    [{}, 'Everything'],
    [{ environment: 'production' }, 'Everything in production'],
    [{ name: 'checkout' }, 'checkout'],
    [
      { name: 'a', environment: 'b', provider: 'gcp', cloud_account_id: 'c', region: null },
      'a in b · gcp · c · no region',
    ],
    [{ cell: null, cloud_account_id: null }, 'Everything in no account · no cell'],
  ] as const) {
    it(`is called "${words}"`, () => {
      expect(scopeInWords(scope)).to.equal(words);
    });
  }

  it('is shown where one of its places may be chosen', () => {
    const view = parseView('?environment=production&environment=dev&region=eu&provider=gcp');
    for (const [scope, isShown] of [
      [{}, true],
      [{ environment: 'prod*' }, true],
      [{ environment: 'staging' }, false],
      [{ region: 'eu*', name: 'any' }, true],
      [{ region: null }, false],
      [{ provider: 'aws' }, false],
    ] as const) {
      expect(mayBeChosen(scope, view), JSON.stringify(scope)).to.equal(isShown);
      expect(mayBeChosen(scope, parseView('')), JSON.stringify(scope)).to.equal(true);
    }
  });
});
