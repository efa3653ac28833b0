import { expect } from 'chai';
import { judge, obstacleToChecking } from './checker.js';
import { plainFaults } from './history.js';
import type { Asked, Call, Told } from './history.js';

/** A call that began and ended at these seconds. */
function call(from: number, to: number, asked: Asked, told: Told | Told['is']): Call {
  const said = typeof told === 'string' ? ({ is: told } as Told) : told;
  return { asked, told: said, from: from * 1000, to: to * 1000 };
}

const registered = (id: string, replayed = false): Told => ({ is: 'registered', id, replayed });
const granted = (fence: number): Told => ({ is: 'granted', fence });
const status = (of: string): Told => ({ is: 'status', status: of });
const claim = (id: string): Asked => ({ do: 'claim', id });
const read = (id: string): Asked => ({ do: 'read', id });
const report = (id: string, fence: number): Asked => ({ do: 'report', id, fence, to: 'deployed' });
const release = (id: string, fence: number): Asked => ({ do: 'release', id, fence });
const renew = (id: string, fence: number): Asked => ({ do: 'renew', id, fence });

const both = [
  call(0, 1, { do: 'register', key: 'a' }, registered('A')),
  call(0, 1, { do: 'register', key: 'b' }, registered('B')),
];
const held = [...both, call(2, 3, claim('A'), granted(1))];

const allowed: Record<string, Call[]> = {
  'one after the other': [
    ...held,
    call(3, 5, claim('B'), granted(2)),
    call(4, 4.5, report('A', 1), 'done'),
    call(6, 7, read('A'), status('deployed')),
    call(6, 7, claim('A'), 'over'),
  ],
  'a lease that was given, though nobody was told': [
    ...both,
    call(2, 3, claim('A'), 'unknown'),
    call(4, 5, claim('A'), 'held'),
    call(4, 20, claim('B'), granted(2)),
    call(21, 22, read('A'), status('failed')),
  ],
  'a report that was carried out long after its holder had given up': [
    ...held,
    call(3, 4, report('A', 1), 'unknown'),
    call(5, 6, read('A'), status('in_progress')),
    call(7, 8, claim('B'), granted(2)),
    call(8, 9, read('A'), status('deployed')),
  ],
  'a lease that ran out': [
    ...held,
    call(12.5, 14, claim('B'), granted(2)),
    call(15, 16, report('A', 1), 'lost'),
    call(17, 18, read('A'), status('in_progress')),
    call(19, 20, read('A'), status('failed')),
  ],
  'a lease that was renewed, and given back': [
    ...held,
    call(9, 10, renew('A', 1), 'done'),
    call(14, 15, release('A', 1), 'done'),
    call(16, 17, claim('A'), granted(2)),
  ],
  'a claim that was refused, and one under way meanwhile': [
    ...both,
    call(2, 9, claim('A'), 'waits'),
    call(3, 4, claim('B'), 'refused'),
    call(5, 6, claim('A'), granted(1)),
  ],
};

const forbidden: Record<string, Call[]> = {
  'two who hold at once': [...held, call(4, 5, claim('B'), granted(2))],
  'a lease that was renewed and is given to another': [
    ...held,
    call(9, 10, renew('A', 1), 'done'),
    call(13, 14, claim('B'), granted(2)),
  ],
  'a fence that does not grow': [
    ...held,
    call(4, 5, report('A', 1), 'done'),
    call(6, 7, claim('B'), granted(1)),
  ],
  'a report that was taken and is lost': [
    ...held,
    call(4, 5, report('A', 1), 'done'),
    call(6, 7, read('A'), status('in_progress')),
  ],
  'a registration that was made twice': [
    ...both,
    call(2, 3, { do: 'register', key: 'a' }, registered('A')),
  ],
  'a claim that was refused, and got the lease': [
    ...both,
    call(2, 3, claim('A'), 'refused'),
    call(4, 5, claim('A'), 'held'),
  ],
  'a report that was refused, and taken': [
    ...held,
    call(3, 4, report('A', 1), 'refused'),
    call(5, 6, read('A'), status('deployed')),
  ],
  'a lease that is lost before its time': [...held, call(5, 6, renew('A', 1), 'lost')],
  'a state that was seen, and one before it after that': [
    ...held,
    call(3, 9, report('A', 1), 'done'),
    call(4, 5, read('A'), status('deployed')),
    call(6, 7, read('A'), status('in_progress')),
  ],
  'a report by whose lease has been given back': [
    ...held,
    call(4, 5, release('A', 1), 'done'),
    call(6, 7, report('A', 1), 'done'),
  ],
};

describe('histories of a queue, beside its model', function () {
  this.timeout(300_000);

  it('are told from those that no queue has', async function () {
    const obstacle = await obstacleToChecking();
    if (obstacle !== undefined) {
      console.error(`SKIPPED the check of the checker of histories: ${obstacle}`);
      this.skip();
    }
    const all = { ...allowed, ...forbidden };
    const judged = await judge(Object.values(all));
    const said = Object.keys(all).map((name, nth) => [name, judged[nth] ?? ''] as const);
    for (const [name, what] of said) {
      if (name in allowed) expect(what, name).to.equal('ok');
      else expect(what, name).to.match(/^not linearizable: /);
    }
  });

  it('have no fault that can be seen without it', () => {
    for (const [name, history] of Object.entries(allowed)) {
      expect(plainFaults(history), name).to.deep.equal([]);
    }
    for (const name of ['two who hold at once', 'a fence that does not grow']) {
      expect(plainFaults(forbidden[name] ?? []), name).to.have.length(1);
    }
    const twice = [...both, call(2, 3, { do: 'register', key: 'a' }, registered('C'))];
    expect(plainFaults(twice)).to.deep.equal(['a is A and C']);
  });
});
