import { expect } from 'chai';
import type { DeploymentStatus } from '../../src/client/client.js';
import { faultsOf } from './support/turns.js';
import type { Note, Recorded, Wait } from './support/turns.js';

const leaseMs = 10_000;

/** What became of a deployment at which second; `!failed` is by a lease that ran out. */
function deployment(
  id: string,
  ...moves: [second: number, to: DeploymentStatus | '!failed'][]
): Recorded {
  let before: DeploymentStatus = 'scheduled';
  const events = moves.map(([second, said]) => {
    const to = said === '!failed' ? 'failed' : said;
    const from = before;
    before = to;
    return {
      from_status: from,
      to_status: to,
      occurred_at: new Date(second * 1000).toISOString(),
      cause: said === '!failed' ? ('lease_expired' as const) : ('request' as const),
    };
  });
  return {
    deployment: { id, name: id.charAt(0), environment: 'production', status: before },
    events,
  };
}

/** What its holder noted, of an attempt from one second to another; the end may be missing. */
function held(id: string, fence: number, from: number, to?: number): Note[] {
  const begin = { what: 'begin', id, fence, at: from * 1000 } as const;
  return to === undefined ? [begin] : [begin, { what: 'end', id, fence, at: to * 1000 }];
}

const waited = (id: string, from: number, until: number): Wait => ({
  id,
  from: from * 1000,
  until: until * 1000,
});

/** Carried out from one second to another. */
const deployed = (id: string, from: number, to: number): Recorded =>
  deployment(id, [from, 'in_progress'], [to, 'deployed']);

const faults = (recorded: Recorded[], notes: Note[] = [], waits: Wait[] = []): string[] =>
  faultsOf(recorded, notes, waits, leaseMs);

describe('turns, as holders and the service have recorded them,', () => {
  const died = deployment(
    'a1',
    [1, 'in_progress'],
    [11, '!failed'],
    [20, 'in_progress'],
    [21, 'deployed'],
  );

  it('have no fault when one goes after the other', () => {
    expect(
      faults(
        [died, deployed('b1', 11, 13), deployed('c1', 13, 19)],
        [
          ...held('a1', 1, 2),
          ...held('b1', 2, 11, 13),
          ...held('c1', 3, 14, 18),
          ...held('a1', 4, 20, 21),
        ],
        [waited('b1', 1, 31), waited('c1', 2, 32), waited('a1', 12, 42)],
      ),
    ).to.deep.equal([]);
  });

  it('have one when two are carried out at once, by whoever has recorded it', () => {
    expect(faults([deployed('a1', 1, 5), deployed('b1', 4, 6)])).to.deep.equal([
      'b1 was started beside a1',
    ]);
    // The notes of one file are in their order, whatever their clocks say.
    const crossed = [
      held('a1', 1, 1),
      held('b1', 2, 5, 5),
      [{ ...held('a1', 1, 1, 5)[1] } as Note],
    ];
    expect(faults([deployed('a1', 1, 5), deployed('b1', 5, 6)], crossed.flat())).to.deep.equal([
      'b1 held the place beside a1',
    ]);
  });

  it('have one when a fence does not grow', () => {
    const notes = [...held('a1', 2, 1, 2), ...held('b1', 2, 2, 3)];
    expect(faults([deployed('a1', 1, 2), deployed('b1', 2, 3)], notes)).to.deep.equal([
      'b1 got the fence 2 after 2',
    ]);
  });

  it('have one when somebody holds what is not its own', () => {
    expect(faults([deployed('a1', 1, 2)], held('a1', 1, 1, 3))).to.deep.equal([
      'a1 noted its end when the place was not its own',
    ]);
  });

  it('have one when a lease ends before its time', () => {
    const early = deployment('a1', [1, 'in_progress'], [6, '!failed'], [7, 'deployed']);
    expect(faults([early])).to.deep.equal(['the lease of a1 ended after 5000 ms']);
  });

  it('have one when somebody never has a turn', () => {
    expect(faults([deployment('a1', [1, 'in_progress'], [11, '!failed'])])).to.deep.equal([
      'a1 ended as failed',
    ]);
  });

  it('have one when somebody is passed twice while it surely waits', () => {
    const all = [deployed('b1', 2, 3), deployed('b2', 4, 5), deployed('a1', 6, 7)];
    expect(faults(all, [], [waited('a1', 1, 31)])).to.deep.equal(['a1 waited while b had 2 turns']);
    for (const wait of [waited('a1', 3.5, 33.5), waited('a1', 1, 3.5)]) {
      expect(faults(all, [], [wait])).to.deep.equal([]);
    }
  });

  it('count as turns of others only until its own', () => {
    const all = [deployed('a1', 2, 3), deployed('b1', 4, 5), deployed('b2', 6, 7)];
    expect(faults(all, [], [waited('a1', 1, 31)])).to.deep.equal([]);
  });
});
