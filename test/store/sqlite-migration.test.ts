import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { bytesOf } from '../../src/domain/usage/usage.js';
import { backUp } from '../../src/store/sqlite/backup.js';
import { openFile } from '../../src/store/sqlite/database.js';
import { findDamage } from '../../src/store/sqlite/inspect.js';
import { restore } from '../../src/store/sqlite/restore.js';
import { letGo } from '../support/let-go.js';
import { idOf, instantOf, storedDeployment } from '../support/stored.js';
import { MigratedFile, stored } from './migrated-file.js';

describe('a SQLite file of the contract 0.1', () => {
  const migrated = new MigratedFile();

  it('keeps every field, and has the new ones', async () => {
    migrated.write((file) => {
      file.register(1, { auto: false, trigger: 'manual', region: 'r', cell: 'c' });
      file.note(1, 'Watch the error rate');
      file.move(1, 'in_progress', 'deployed');
    });

    await migrated.open(async (acme) => {
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
          approvals: [],
        },
        revision: 4,
        baseId: null,
      });
    });
  });

  it('knows how much each organisation has stored', async () => {
    migrated.write((file) => {
      file.register(1, { region: 'Zürich 🚀' });
      file.register(2, { environment: 'PRODUCTION', cell: ' ' });
      file.note(1, 'Watch the error rate – at least ten minutes');
      file.move(1, 'in_progress');
    });
    await migrated.open(async (acme) => {
      const found = [await stored(acme, 1), await stored(acme, 2)];
      const bytes = found.map(bytesOf).reduce((sum, each) => sum + each, 0);
      expect(await acme.store.read({ read: 'usage' })).to.deep.equal({ deployments: 2, bytes });
    });
  });

  it('puts environments together whatever their case', async () => {
    migrated.write((file) => {
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

    await migrated.open(async (acme) => {
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
    migrated.write((file) => {
      file.register(1, { cloud_account_id: ' ', region: '\t', cell: '\u00a0' });
      file.move(1, 'deployed');
      file.register(2);
      file.register(3, { cell: ' a ' });
    });

    await migrated.open(async (acme) => {
      const { deployment } = await stored(acme, 1);
      expect(deployment).to.include({ cloud_account_id: null, region: null, cell: null });
      expect((await stored(acme, 3)).deployment.cell).to.equal(' a ');
      await acme.move(idOf(2), 'deployed');
      expect((await acme.rollback()).stored.deployment.source_deployment_id).to.equal(idOf(1));
    });
  });

  it('is sound afterwards, with nothing of before in it', async () => {
    migrated.write((file) => {
      file.deploy(1, 2);
      file.rollBack(3, 2, 1);
      file.remember('k', 1, 'same', instantOf(1));
    });
    await migrated.open((acme) => acme.rollback({}, '1').catch(() => undefined));
    await letGo();

    const file = openFile(migrated.path);
    const names = (type: string) =>
      file
        .prepare('SELECT name FROM sqlite_schema WHERE type = ? ORDER BY name')
        .all(type)
        .map(({ name }) => name);
    expect(names('table').filter((name) => String(name).includes('before'))).to.deep.equal([]);
    expect(file.prepare('PRAGMA foreign_key_check').all()).to.deep.equal([]);
    expect(findDamage(file, 'integrity_check')).to.equal(undefined);
    const fresh = join(migrated.folder, 'fresh.db');
    await migrated.open(() => Promise.resolve(), fresh);
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
    migrated.write((file) => {
      file.deploy(1);
      file.copyInChain(rows);
    });

    const begun = performance.now();
    await migrated.open(async (acme) => {
      expect((await stored(acme, rows)).baseId).to.equal(idOf(1));
    });
    // It takes about a second, and took minutes when each row looked at all others.
    expect(performance.now() - begun).to.be.below(60_000);
  });

  it('can be backed up as it is, put back, and is migrated then', async () => {
    const backup = join(migrated.folder, 'backup.db');
    migrated.write((file) => {
      file.deploy(1);
    });
    expect(backUp(migrated.path, backup)).to.deep.equal({ deployments: 1, schemaVersion: 2 });
    await migrated.open((acme) => acme.create({ version: '2' }));
    await letGo();
    const { aside, ...restored } = restore(backup, migrated.path);
    expect(restored).to.deep.equal({ deployments: 1, schemaVersion: 2, damaged: false });
    await migrated.open(async (acme) => {
      expect(await acme.versions()).to.deep.equal(['1']);
      expect((await stored(acme, 1)).deployment.deployed_at).to.equal(instantOf(2));
    });
    await letGo();
    expect(await migrated.open((acme) => acme.versions(), aside)).to.deep.equal(['2', '1']);
    await letGo();
    expect(backUp(migrated.path, join(migrated.folder, 'later.db'))).to.deep.equal({
      deployments: 1,
      schemaVersion: 11,
    });
    expect(await readdir(migrated.folder)).to.include('later.db');
  });
});
