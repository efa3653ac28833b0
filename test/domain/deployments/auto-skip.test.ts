import type { DeploymentEvent } from '../../../src/domain/deployments/deployment.js';
import { expect } from 'chai';
import {
  asSkipped,
  continueSkipping,
  maxSkippedAtOnce,
  maxSkippedBytes,
} from '../../../src/domain/deployments/auto-skip.js';
import type {
  DeploymentUpdate,
  StoredDeployment,
} from '../../../src/domain/deployments/deployment.js';
import { update } from '../../../src/domain/deployments/update.js';
import { decideOver } from '../../support/reference-reads.js';
import type { World } from '../../support/reference-reads.js';
import { caller, idOf, instantOf, storedDeployment } from '../../support/stored.js';

const present = { cloud_account_id: 'acme-prod', region: 'europe-west1', cell: 'cell-1' };
const deployed = storedDeployment(5, { ...present, status: 'in_progress' });
const at = instantOf(9);
const who = {
  actor: 'octocat',
  actor_id: null,
  repository: 'acme/checkout',
  repository_id: null,
  workflow: 'release',
  ref: null,
  commit_sha: null,
  run_id: null,
  run_attempt: null,
};

function changesOf(world: World, target: StoredDeployment, fields: DeploymentUpdate) {
  const command = { id: target.deployment.id, fields, caller, precondition: () => undefined };
  return decideOver(world, update(command, at)).changes;
}

/** The ids of what changes, the target first. */
function changedIds(world: World, target: StoredDeployment, fields: DeploymentUpdate): string[] {
  return (changesOf(world, target, fields).deployments?.updated ?? []).map(
    ({ to }) => to.deployment.id,
  );
}

describe('auto-skip', () => {
  it('comes with a deployment becoming deployed, in the same set of changes', () => {
    const older = [1, 2].map((number) => storedDeployment(number, { ...present, revision: 3 }));
    const newer = storedDeployment(6, present);

    const changes = changesOf({ deployments: [newer, ...older, deployed] }, deployed, {
      status: 'deployed',
    });

    // That of one event.
    const growth = 384;
    expect(changes.deployments?.updated).to.deep.equal([
      {
        from: 1,
        to: {
          deployment: {
            ...deployed.deployment,
            status: 'deployed',
            updated_at: at,
            finished_at: at,
            deployed_at: at,
          },
          revision: 2,
          baseId: null,
        },
        growth,
      },
      ...older.map(({ deployment }) => ({
        from: 3,
        to: {
          deployment: { ...deployment, status: 'skipped', updated_at: at },
          revision: 4,
          baseId: null,
        },
        growth,
      })),
    ]);
    const change = {
      type: 'changed',
      changed: ['status'],
      reason: null,
      occurred_at: at,
      ...who,
      gates: [],
    };
    const skip = { from_status: 'scheduled', to_status: 'skipped', cause: 'auto_skip' };
    const cause = { from_status: 'in_progress', to_status: 'deployed', cause: 'request' };
    expect(changes.events).to.deep.equal([
      {
        organisation: 'acme',
        deploymentId: idOf(5),
        event: { revision: 2, ...change, ...cause, cause_deployment_id: null },
      },
      ...[1, 2].map((number) => ({
        organisation: 'acme',
        deploymentId: idOf(number),
        event: { revision: 4, ...change, ...skip, cause_deployment_id: idOf(5) },
      })),
    ]);
    expect(changes.skipping).to.equal(undefined);
  });

  for (const status of ['failed', 'skipped', 'cancelled', 'scheduled'] as const) {
    it(`does not come with a deployment becoming ${status}`, () => {
      const world = { deployments: [deployed, storedDeployment(1, present)] };

      expect(changedIds(world, deployed, { status })).to.deep.equal([idOf(5)]);
    });
  }

  it('does not come again when deployed is repeated', () => {
    const target = storedDeployment(5, { ...present, status: 'deployed' });
    const world = { deployments: [target, storedDeployment(1, present)] };

    const fields = { status: 'deployed', notes: 'new' } as const;
    expect(changedIds(world, target, fields)).to.deep.equal([idOf(5)]);
  });

  it('keeps in mind when a skipped deployment was deployed', () => {
    const retried = storedDeployment(1, { ...present, deployed_at: instantOf(3) });
    const world = { deployments: [deployed, retried] };

    const changes = changesOf(world, deployed, { status: 'deployed' });

    expect(changes.deployments?.updated?.[1]?.to.deployment).to.include({
      status: 'skipped',
      started_at: null,
      finished_at: null,
      deployed_at: instantOf(3),
    });
  });
});

/** The event by which a deployment became `deployed`. */
const deployedEvent: DeploymentEvent = {
  revision: 3,
  type: 'changed',
  occurred_at: at,
  from_status: 'in_progress',
  to_status: 'deployed',
  changed: ['status'],
  cause: 'request',
  cause_deployment_id: null,
  reason: null,
  ...who,
  gates: [],
};

describe('auto-skip of more than one transaction takes', () => {
  const first = storedDeployment(maxSkippedAtOnce + 100, { status: 'in_progress' });
  const waiting = Array.from({ length: maxSkippedAtOnce + 1 }, (_, nth) =>
    storedDeployment(nth + 1),
  );
  const world = { deployments: [...waiting, first] };

  it('skips the oldest thousand at once, and leaves a note of the rest', () => {
    const changes = changesOf(world, first, { status: 'deployed' });

    const skipped = changes.deployments?.updated?.slice(1).map(({ to }) => to.deployment.id);
    expect(skipped).to.deep.equal(waiting.slice(0, -1).map(({ deployment }) => deployment.id));
    expect(changes.skipping).to.have.length(1);
    expect(changes.skipping?.[0]).to.include({ since: at });
    expect(changes.skipping?.[0]?.deployed.deployment.id).to.equal(first.deployment.id);
  });

  it('skips fewer at once where they are large, and leaves a note of the rest', () => {
    // A fifth of what is skipped at once.
    const notes = '\u0001'.repeat(maxSkippedBytes / 6 / 5);
    const large = Array.from({ length: 7 }, (_, nth) => storedDeployment(nth + 1, { notes }));
    const read = (count: number) => ({ deployments: [...large.slice(0, count), first] });

    const all = changesOf(read(4), first, { status: 'deployed' });
    expect(all.deployments?.updated).to.have.length(1 + 4);
    expect(all.skipping).to.equal(undefined);
    // As many as a store reads of seven: the one with which they are too large is the last.
    const some = changesOf(read(5), first, { status: 'deployed' });
    expect(some.deployments?.updated).to.have.length(1 + 5);
    expect(some.skipping).to.have.length(1);

    const { id } = first.deployment;
    const source = {
      skipping: new Map([[id, at]]),
      events: new Map([[id, [{ ...deployedEvent, changed: ['status'] }]]]),
    };
    for (const [count, done] of [
      [4, true],
      [5, false],
    ] as const) {
      const { changes, result } = decideOver(
        { ...read(count), ...source },
        continueSkipping(id, instantOf(6000)),
      );
      expect(result).to.deep.equal({ skipped: count, done });
      expect(changes.doneSkipping).to.deep.equal(done ? [{ id, since: at }] : undefined);
    }
  });

  it('goes on with those that have not changed since, in the name of who deployed', () => {
    const { id } = first.deployment;
    const since = instantOf(5000);
    const job = { ...who, actor: 'hubot', actor_id: '7', run_id: '1001', run_attempt: '2' };
    const [one, two] = [1, 2].map((number) => storedDeployment(number));
    const unskipped = storedDeployment(3, { updated_at: instantOf(5001) });
    const { changes, result } = decideOver(
      {
        deployments: [first, unskipped, two, one].filter((each) => each !== undefined),
        skipping: new Map([[id, since]]),
        events: new Map([
          [id, [{ ...deployedEvent, occurred_at: since, changed: ['status'], ...job }]],
        ]),
      },
      continueSkipping(id, instantOf(6000)),
    );

    expect(result).to.deep.equal({ skipped: 2, done: true });
    expect(changes.doneSkipping).to.deep.equal([{ id, since }]);
    const ids = changes.deployments?.updated?.map(({ to }) => to.deployment.id);
    expect(ids).to.deep.equal([idOf(1), idOf(2)]);
    expect(changes.events?.[0]?.event).to.deep.equal({
      revision: 2,
      type: 'changed',
      occurred_at: instantOf(6000),
      from_status: 'scheduled',
      to_status: 'skipped',
      changed: ['status'],
      cause: 'auto_skip',
      cause_deployment_id: id,
      reason: null,
      ...job,
      gates: [],
    });
  });

  it('has nothing to do for a deployment that skips nothing', () => {
    expect(decideOver(world, continueSkipping(first.deployment.id, at))).to.deep.equal({
      changes: {},
      result: { skipped: 0, done: true },
    });
  });

  it('lets nobody start one that is still to be skipped', () => {
    const target = storedDeployment(1);
    const skipping = new Map([[first.deployment.id, at]]);

    expect(() =>
      changesOf({ deployments: [target, first], skipping }, target, { status: 'in_progress' }),
    ).to.throw('A deployment that is skipped cannot become in_progress');
  });

  it('lets such a one be un-skipped, by way of being skipped, in one change', () => {
    const target = storedDeployment(1);
    const skipping = new Map([[first.deployment.id, at]]);

    const { deployments, events } = changesOf({ deployments: [target, first], skipping }, target, {
      status: 'scheduled',
    });

    expect(deployments?.updated?.map(({ from, to }) => [from, to.revision])).to.deep.equal([
      [1, 3],
    ]);
    expect(deployments?.updated?.[0]?.to.deployment).to.include({
      status: 'scheduled',
      updated_at: at,
    });
    const steps = events?.map(({ event }) => [event.revision, event.from_status, event.to_status]);
    expect(steps).to.deep.equal([
      [2, 'scheduled', 'skipped'],
      [3, 'skipped', 'scheduled'],
    ]);
  });

  it('leaves a deployment as it is that nothing is to skip, or that does not wait', () => {
    const waits = storedDeployment(1);
    const runs = storedDeployment(2, { status: 'in_progress' });

    expect(asSkipped(waits, undefined, who, at)).to.deep.equal({ target: waits, events: [] });
    expect(asSkipped(runs, first, who, at)).to.deep.equal({ target: runs, events: [] });
  });
});
