import { expect } from 'chai';
import fc from 'fast-check';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { nextState } from '../../src/domain/deployments/lifecycle.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { attempts } from '../support/attempts-of-0-1.js';
import type { Status01 } from '../support/file-of-0-1.js';
import { idOf, instantOf, numberOf, storedDeployment } from '../support/stored.js';
import { MigratedFile, stored } from './migrated-file.js';

describe('a SQLite file of the contract 0.1', () => {
  const migrated = new MigratedFile();

  for (const [history, started, finished, deployed] of attempts) {
    it(`knows the attempt of ${['scheduled', ...history].join(', ')}`, async () => {
      migrated.write((file) => {
        file.register(1);
        file.move(1, ...history);
      });

      const { deployment } = await migrated.open((acme) => stored(acme, 1));

      const at = (seconds: number | null) => (seconds === null ? null : instantOf(seconds));
      expect(deployment).to.include({
        status: history.at(-1) ?? 'scheduled',
        started_at: at(started),
        finished_at: at(finished),
        deployed_at: at(deployed),
      });
    });
  }

  it('tells of any history what the service would have told', async () => {
    const next: Record<Status01, Status01[]> = {
      scheduled: ['in_progress', 'deployed', 'failed', 'skipped'],
      in_progress: ['scheduled', 'deployed', 'failed', 'skipped'],
      failed: ['scheduled', 'in_progress', 'deployed', 'skipped'],
      skipped: ['scheduled'],
      deployed: ['failed'],
    };
    const histories = fc.sample(fc.array(fc.nat(), { maxLength: 9 }), { numRuns: 300, seed: 12 });
    const expected: Deployment[] = [];
    migrated.write((file) => {
      file.database.exec('BEGIN');
      for (const [index, choices] of histories.entries()) {
        file.register(index);
        let state = storedDeployment(index, { created_at: instantOf(file.now) });
        let status: Status01 = 'scheduled';
        for (const choice of choices) {
          const allowed: Status01[] = next[status];
          status = allowed[choice % allowed.length] ?? 'failed';
          file.move(index, status);
          state = nextState(state, { status }, instantOf(file.now));
        }
        expected.push(state.deployment);
      }
      file.database.exec('COMMIT');
    });

    const attemptOf = ({ id, status, started_at, finished_at, deployed_at }: Deployment) => ({
      id,
      status,
      started_at,
      finished_at,
      deployed_at,
    });
    await migrated.open(async (acme) => {
      const found = (await acme.list()).deployments.toReversed();
      expect(found.map(attemptOf)).to.deep.equal(expected.map(attemptOf));
    });
  });

  it('has an event for each change of status, numbered, and goes on from there', async () => {
    migrated.write((file) => {
      file.register(1);
      file.note(1, 'left no event');
      file.deploy(2);
      file.skipFor(1, 2);
    });
    const nobody = {
      reason: null,
      actor: 'octocat',
      actor_id: null,
      repository: 'acme/checkout',
      repository_id: null,
      workflow: 'release',
      ref: null,
      commit_sha: null,
      run_id: null,
      run_attempt: null,
      gates: [],
    };
    const before = [
      {
        revision: 1,
        type: 'registered',
        occurred_at: instantOf(1),
        from_status: null,
        to_status: 'scheduled',
        changed: [],
        cause: 'request',
        cause_deployment_id: null,
        ...nobody,
      },
      {
        revision: 2,
        type: 'changed',
        occurred_at: instantOf(5),
        from_status: 'scheduled',
        to_status: 'skipped',
        changed: ['status'],
        cause: 'auto_skip',
        cause_deployment_id: idOf(2),
        ...nobody,
      },
    ];

    await migrated.open(async (acme) => {
      expect(await acme.events(idOf(1))).to.deep.equal(before);
      expect((await stored(acme, 1)).revision).to.equal(3);
      await acme.move(idOf(1), 'scheduled');
      const after = await acme.events(idOf(1));
      expect(after.slice(0, 2)).to.deep.equal(before);
      expect(after.slice(2).map(({ revision, to_status: to }) => [revision, to])).to.deep.equal([
        [4, 'scheduled'],
      ]);
    });
  });

  it('has all of its events in a feed, in their order, and goes on from there', async () => {
    migrated.write((file) => {
      file.register(1);
      file.deploy(2);
      file.skipFor(1, 2);
    });
    await migrated.open(async (acme) => {
      await acme.move(idOf(1), 'scheduled');
      const { entries, position } = await acme.store.read({
        read: 'feed',
        from: { after: 0 },
        limit: 10,
      });
      expect(position).to.equal(5);
      expect(
        entries.map(({ position: at, deployment, event }) => [at, deployment.id, event.to_status]),
      ).to.deep.equal([
        [1, idOf(1), 'scheduled'],
        [2, idOf(2), 'scheduled'],
        [3, idOf(2), 'deployed'],
        [4, idOf(1), 'skipped'],
        [5, idOf(1), 'scheduled'],
      ]);
    });
  });

  it('knows what runs: the newest in progress, else what ended last of what began', async () => {
    migrated.write((file) => {
      const places: [cell: string, ...Status01[][]][] = [
        ['in progress', ['in_progress'], ['in_progress'], ['deployed']],
        ['ended last', ['deployed'], ['in_progress', 'failed'], ['failed'], ['skipped'], []],
        ['never began', ['failed'], ['skipped'], []],
      ];
      let number = 0;
      for (const [cell, ...histories] of places) {
        for (const history of histories) {
          file.register((number += 1), { cell });
          file.move(number, ...history);
        }
      }
      // Older, and deployed after those.
      file.register(90, { cell: 'out of turn' });
      file.register(91, { cell: 'out of turn' });
      file.move(91, 'deployed');
      file.move(90, 'deployed');
    });

    await migrated.open(async (acme) => {
      const running = async (cell: string) => {
        const place = { key: taxonomyKey(acme.taxonomy({ cell })) };
        const all = await acme.store.read({ read: 'running', place });
        return all.map(({ stored: { deployment } }) => numberOf(deployment.id));
      };
      expect(await running('in progress')).to.deep.equal([2, 3]);
      expect(await running('ended last')).to.deep.equal([5]);
      expect(await running('never began')).to.deep.equal([]);
      expect(await running('out of turn')).to.deep.equal([90]);
    });
  });
});
