import { expect } from 'chai';
import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { ApplicationError } from '../../../src/domain/errors.js';
import type { RollbackRequest } from '../../../src/domain/deployments/rollback.js';
import { history, instantOf } from '../../support/stored.js';
import type { Entry } from '../../support/stored.js';
import { requestFor, rollBack } from './rollback-outcome.js';

type Random = () => number;

const statuses = ['scheduled', 'in_progress', 'deployed', 'deployed', 'skipped', 'failed'] as const;
const versions = ['1', '2', '3', '4'];

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

function pick<T>(choices: readonly T[], random: Random): T {
  const choice = choices[below(choices.length, random)];
  if (choice === undefined) throw new Error('There is nothing to choose from');
  return choice;
}

/** A history with rollbacks, in which up to four deployments share a millisecond. */
function randomMembers(random: Random): StoredDeployment[] {
  const entries = Array.from({ length: below(10, random) }, (_, index): Entry => {
    const status = pick(statuses, random);
    const replaces = index > 0 && random() < 0.6 ? below(index, random) + 1 : undefined;
    const everDeployed = status === 'deployed' || random() < 0.3;
    const more = { everDeployed, ...(replaces !== undefined && { replaces }) };
    return [pick(versions, random), status, more];
  });
  const perInstant = 1 + below(4, random);
  return history(entries).map((stored, index) => ({
    ...stored,
    deployment: { ...stored.deployment, created_at: instantOf(Math.floor(index / perInstant)) },
  }));
}

function randomRequest(members: readonly StoredDeployment[], random: Random): RollbackRequest {
  const by = members.length > 0 && random() < 0.5 ? below(members.length, random) + 1 : undefined;
  const to = random() < 0.3 ? pick(versions, random) : undefined;
  return requestFor(members, { ...(by !== undefined && { by }), ...(to !== undefined && { to }) });
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** All that comes of a rollback: the changes, or the refusal. */
function outcome(members: readonly StoredDeployment[], request: RollbackRequest) {
  try {
    return { kind: 'created', changes: rollBack(members, request).changes };
  } catch (error) {
    if (error instanceof ApplicationError) return { kind: error.code, message: error.message };
    throw error;
  }
}

describe('rollback of many random histories', () => {
  it('comes to the same, in whatever order the members are', () => {
    const random = seeded(20260105);
    const seen = new Map<string, number>();

    for (let round = 0; round < 2000; round++) {
      const members = randomMembers(random);
      const request = randomRequest(members, random);
      const expected = outcome(members, request);

      for (const order of [members.toReversed(), shuffled(members, random)]) {
        expect(outcome(order, request), `round ${round}`).to.deep.equal(expected);
      }
      seen.set(expected.kind, (seen.get(expected.kind) ?? 0) + 1);
    }

    // The histories are worth something only while they lead everywhere.
    expect([...seen.keys()]).to.have.members([
      'created',
      'rollback-not-allowed',
      'rollback-pending',
      'rollback-source-not-found',
    ]);
    expect(Math.min(...seen.values())).to.be.above(20);
  });
});
