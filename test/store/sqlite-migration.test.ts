import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Deployment, StoredDeployment } from '../../src/domain/deployments/deployment.js';
import { nextState } from '../../src/domain/deployments/lifecycle.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { bytesOf } from '../../src/domain/usage/usage.js';
import { backUp } from '../../src/store/sqlite/backup.js';
import { openFile } from '../../src/store/sqlite/database.js';
import { findDamage } from '../../src/store/sqlite/inspect.js';
import { restore } from '../../src/store/sqlite/restore.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { attempts } from '../support/attempts-of-0-1.js';
import { FileOf01 } from '../support/file-of-0-1.js';
import type { Status01 } from '../support/file-of-0-1.js';
import { letGo } from '../support/let-go.js';
import { idOf, instantOf, numberOf, storedDeployment } from '../support/stored.js';
import { StoreUser } from './harness.js';

describe('a SQLite file of the contract 0.1', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Writes a file as 0.1 did. */
  function write(work: (file: FileOf01) => void): void {
    const file = new FileOf01(path);
    try {
      work(file);
    } finally {
      file.close();
    }
  }

  /** Opens it as the service does now. */
  async function open<T>(use: (acme: StoreUser) => Promise<T>, file = path): Promise<T> {
    const store = await openSqliteStore(file);
    try {
      return await use(new StoreUser(store, 'acme'));
    } finally {
      await store.close();
    }
  }

  async function stored(acme: StoreUser, number: number): Promise<StoredDeployment> {
    const found = await acme.get(idOf(number));
    if (found === undefined) throw new Error(`There is no deployment ${number}`);
    return found;
  }

  it('keeps every field, and has the new ones', async () => {
    write((file) => {
      file.register(1, { auto: false, trigger: 'manual', region: 'r', cell: 'c' });
      file.note(1, 'Watch the error rate');
      file.move(1, 'in_progress', 'deployed');
    });

    await open(async (acme) => {
      expect(await stored(acme, 1)).to.deep.equal({
        deployment: {
          ...storedDeployment(1).deployment,
          created_at: instantOf(1),
          updated_at: instantOf(4),
          started_at: instantOf(3),
          finished_at: instantOf(4),
          deployed_at: instantOf(4),
          version: '1',
          region: 'r',
          cell: 'c',
          auto: false,
          commit_sha: '4f0c6b1c',
          commit_at: null,
          description: 'Faster basket',
          notes: 'Watch the error rate',
          status: 'deployed',
          trigger: 'manual',
          created_by_repo: 'acme/checkout',
          created_by_workflow: 'release',
          created_by_actor: 'octocat',
        },
        revision: 4,
        baseId: null,
      });
    });
  });

  for (const [history, started, finished, deployed] of attempts) {
    it(`knows the attempt of ${['scheduled', ...history].join(', ')}`, async () => {
      write((file) => {
        file.register(1);
        file.move(1, ...history);
      });

      const { deployment } = await open((acme) => stored(acme, 1));

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
    const expected: StoredDeployment['deployment'][] = [];
    write((file) => {
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
    await open(async (acme) => {
      const found = (await acme.list()).deployments.toReversed();
      expect(found.map(attemptOf)).to.deep.equal(expected.map(attemptOf));
    });
  });

  it('has an event for each change of status, numbered, and goes on from there', async () => {
    write((file) => {
      file.register(1);
      file.note(1, 'left no event');
      file.register(2);
      file.move(2, 'deployed');
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

    await open(async (acme) => {
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

  it('knows what runs: the newest in progress, else what ended last of what began', async () => {
    write((file) => {
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

    await open(async (acme) => {
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

  describe('with rollbacks', () => {
    it('names the place of each, however often it was copied', async () => {
      write((file) => {
        for (const number of [1, 2]) {
          file.register(number);
          file.move(number, 'deployed');
        }
        for (let number = 3; number < 40; number += 1) {
          file.rollBack(number, number - 1, number - 2);
          file.move(number, 'deployed');
        }
      });

      await open(async (acme) => {
        for (const number of [1, 2]) expect((await stored(acme, number)).baseId).to.equal(null);
        for (let number = 3; number < 40; number += 1) {
          expect((await stored(acme, number)).baseId).to.equal(idOf(number % 2 === 1 ? 1 : 2));
        }
      });
    });

    it('goes further back from what a rollback was copied from', async () => {
      write((file) => {
        for (const number of [1, 2, 3, 4]) {
          file.register(number);
          file.move(number, 'deployed');
        }
        file.rollBack(5, 4, 3);
        file.move(5, 'deployed');
      });

      const { stored: undo } = await open((acme) => acme.rollback());
      expect(undo.deployment).to.include({
        source_deployment_id: idOf(2),
        rollback_from_deployment_id: idOf(5),
      });
      expect(undo.baseId).to.equal(idOf(2));
    });

    it('knows which are pending, and tries those again that came to nothing', async () => {
      write((file) => {
        for (const cell of ['pending', 'failed']) {
          const first = cell === 'pending' ? 1 : 11;
          for (const number of [first, first + 1, first + 2]) {
            file.register(number, { cell });
            file.move(number, 'deployed');
          }
          file.rollBack(first + 3, first + 2, first + 1, { cell });
        }
        file.move(14, 'in_progress', 'failed');
      });

      await open(async (acme) => {
        const refused = await acme.rollback({ cell: 'pending' }).catch((error: unknown) => error);
        expect(refused).to.include({ code: 'rollback-pending' });
        const { deployment } = (await acme.rollback({ cell: 'failed' })).stored;
        expect(deployment).to.include({
          source_deployment_id: idOf(12),
          rollback_from_deployment_id: idOf(14),
        });
      });
    });

    it('counts only those that were deployed, and only against what was', async () => {
      write((file) => {
        for (const number of [1, 2, 3]) {
          file.register(number);
          file.move(number, 'deployed');
        }
        // Asked for and given up: 3 was not found bad.
        file.rollBack(4, 3, 2);
        file.move(4, 'skipped');
        file.register(5);
        file.move(5, 'deployed');
      });

      const { stored: undo } = await open((acme) => acme.rollback());
      expect(undo.deployment.source_deployment_id).to.equal(idOf(3));
    });

    it('takes what was deployed again after a rollback from it for good', async () => {
      write((file) => {
        for (const number of [1, 2, 3]) {
          file.register(number);
          file.move(number, 'deployed');
        }
        file.rollBack(4, 3, 2);
        file.move(4, 'deployed');
        file.move(3, 'failed', 'deployed');
        file.register(5);
        file.move(5, 'deployed');
      });

      const { stored: undo } = await open((acme) => acme.rollback());
      expect(undo.deployment.source_deployment_id).to.equal(idOf(3));
    });

    it('does not return to what was found bad', async () => {
      write((file) => {
        for (const number of [1, 2, 3]) {
          file.register(number);
          file.move(number, 'deployed');
        }
        file.rollBack(4, 3, 2);
        file.move(4, 'deployed');
        file.register(5);
        file.move(5, 'deployed');
      });

      const { stored: undo } = await open((acme) => acme.rollback());
      expect(undo.deployment).to.include({ version: '2', source_deployment_id: idOf(4) });
    });
  });

  it('knows how much each organisation has stored', async () => {
    write((file) => {
      file.register(1, { region: 'Zürich 🚀' });
      file.register(2, { environment: 'PRODUCTION', cell: ' ' });
      file.note(1, 'Watch the error rate – at least ten minutes');
      file.move(1, 'in_progress');
    });
    await open(async (acme) => {
      const found = [await stored(acme, 1), await stored(acme, 2)];
      const bytes = found.map(bytesOf).reduce((sum, each) => sum + each, 0);
      expect(await acme.store.read({ read: 'usage' })).to.deep.equal({ deployments: 2, bytes });
    });
  });

  it('puts environments together whatever their case', async () => {
    write((file) => {
      file.register(1, { environment: 'Production' });
      file.move(1, 'deployed');
      file.register(2, { environment: 'PRODUCTION' });
      file.register(3, { environment: 'production' });
      file.register(4, { environment: 'Ürzig' });
      file.register(5, { environment: 'PRODUCTION', organisation: 'globex' });
      file.move(3, 'deployed');
      file.rollBack(6, 3, 1, { environment: 'production' });
      file.move(6, 'deployed');
    });

    await open(async (acme) => {
      expect(await acme.versions({ environment: 'production' })).to.have.length(4);
      expect(await acme.versions({ environment: 'Production' })).to.have.length(0);
      expect((await stored(acme, 4)).deployment.environment).to.equal('ürzig');
      expect(await acme.get(idOf(5))).to.equal(undefined);
      // A newer one skips the one that waits under the other spelling, and can be rolled back to the first.
      const newer = await acme.place({ version: '7' }, 'deployed');
      expect((await stored(acme, 2)).deployment.status).to.equal('skipped');
      const { deployment } = (await acme.rollback({}, '1')).stored;
      expect(deployment).to.include({
        environment: 'production',
        rollback_from_deployment_id: newer.deployment.id,
      });
    });
  });

  it('takes blank parts of a taxonomy for none', async () => {
    write((file) => {
      file.register(1, { cloud_account_id: ' ', region: '\t', cell: '\u00a0' });
      file.move(1, 'deployed');
      file.register(2);
      file.register(3, { cell: ' a ' });
    });

    await open(async (acme) => {
      const { deployment } = await stored(acme, 1);
      expect(deployment).to.include({ cloud_account_id: null, region: null, cell: null });
      expect((await stored(acme, 3)).deployment.cell).to.equal(' a ');
      await acme.move(idOf(2), 'deployed');
      expect((await acme.rollback()).stored.deployment.source_deployment_id).to.equal(idOf(1));
    });
  });

  describe('with keys', () => {
    const now = new Date();
    const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
    const keyed = (fingerprint: string, owner: string) => ({
      owner,
      key: 'k',
      fingerprint,
      at: now.toISOString(),
    });

    it('answers every caller of the organisation as before, with the new fields', async () => {
      write((file) => {
        file.register(1, { environment: 'Production', cell: ' ' });
        file.remember('k', 1, 'same', hoursAgo(1));
        file.move(1, 'in_progress');
      });

      await open(async (acme) => {
        const first = await stored(acme, 1);
        for (const owner of ['repository 1', 'person octocat', '']) {
          const again = await acme.create({}, keyed('same', owner));
          expect(again.replayed).to.equal(true);
          expect(again.stored.deployment).to.deep.equal({
            ...first.deployment,
            status: 'scheduled',
            updated_at: first.deployment.created_at,
            started_at: null,
          });
          const other = await acme.create({}, keyed('other', owner)).catch(String);
          expect(other).to.match(/was used for another request/);
        }
        expect(await acme.versions()).to.have.length(1);
      });
    });

    it('forgets them after a day, for each caller alone', async () => {
      write((file) => {
        file.register(1);
        file.remember('k', 1, 'same', hoursAgo(25));
      });

      await open(async (acme) => {
        const first = await acme.create({}, keyed('same', 'repository 1'));
        const again = await acme.create({}, keyed('same', 'repository 1'));
        const other = await acme.create({}, keyed('other', 'person octocat'));
        expect([first, again, other].map(({ replayed }) => replayed)).to.deep.equal([
          false,
          true,
          false,
        ]);
        expect(again.stored.deployment.id).to.equal(first.stored.deployment.id);
        expect(await acme.versions()).to.have.length(3);
      });
    });
  });

  it('is sound afterwards, with nothing of before in it', async () => {
    write((file) => {
      file.register(1);
      file.move(1, 'deployed');
      file.register(2);
      file.move(2, 'deployed');
      file.rollBack(3, 2, 1);
      file.remember('k', 1, 'same', instantOf(1));
    });
    await open((acme) => acme.rollback({}, '1').catch(() => undefined));
    await letGo();

    const file = openFile(path);
    const names = (type: string) =>
      file
        .prepare('SELECT name FROM sqlite_schema WHERE type = ? ORDER BY name')
        .all(type)
        .map(({ name }) => name);
    expect(names('table').filter((name) => String(name).includes('before'))).to.deep.equal([]);
    expect(file.prepare('PRAGMA foreign_key_check').all()).to.deep.equal([]);
    expect(findDamage(file, 'integrity_check')).to.equal(undefined);
    const fresh = join(folder, 'fresh.db');
    await open(() => Promise.resolve(), fresh);
    const other = openFile(fresh);
    for (const type of ['table', 'index']) {
      const definitions = (of: typeof file) =>
        of.prepare('SELECT name, sql FROM sqlite_schema WHERE type = ? ORDER BY name').all(type);
      expect(definitions(file)).to.deep.equal(definitions(other));
    }
    file.close();
    other.close();
  });

  it('takes no longer for each row the more there are, nor the longer a chain of rollbacks is', async () => {
    const rows = 20_000;
    write((file) => {
      file.register(1);
      file.move(1, 'deployed');
      file.copyInChain(rows);
    });

    const begun = performance.now();
    await open(async (acme) => {
      expect((await stored(acme, rows)).baseId).to.equal(idOf(1));
    });
    // It takes about a second, and took minutes when each row looked at all others.
    expect(performance.now() - begun).to.be.below(60_000);
  });

  it('can be backed up as it is, put back, and is migrated then', async () => {
    const backup = join(folder, 'backup.db');
    write((file) => {
      file.register(1);
      file.move(1, 'deployed');
    });
    expect(backUp(path, backup)).to.deep.equal({ deployments: 1, schemaVersion: 2 });
    await open((acme) => acme.create({ version: '2' }));
    await letGo();
    const { aside, ...restored } = restore(backup, path);
    expect(restored).to.deep.equal({ deployments: 1, schemaVersion: 2, damaged: false });
    await open(async (acme) => {
      expect(await acme.versions()).to.deep.equal(['1']);
      expect((await stored(acme, 1)).deployment.deployed_at).to.equal(instantOf(2));
    });
    await letGo();
    expect(await open((acme) => acme.versions(), aside)).to.deep.equal(['2', '1']);
    await letGo();
    expect(backUp(path, join(folder, 'later.db'))).to.deep.equal({
      deployments: 1,
      schemaVersion: 6,
    });
    expect(await readdir(folder)).to.include('later.db');
  });
});
