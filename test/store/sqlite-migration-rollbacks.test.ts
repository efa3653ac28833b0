import { expect } from 'chai';
import { idOf } from '../support/stored.js';
import { MigratedFile, stored } from './migrated-file.js';

describe('a SQLite file of the contract 0.1', () => {
  const migrated = new MigratedFile();

  describe('with rollbacks', () => {
    it('names the place of each, however often it was copied', async () => {
      migrated.write((file) => {
        file.deploy(1, 2);
        for (let number = 3; number < 40; number += 1) {
          file.rollBack(number, number - 1, number - 2);
          file.move(number, 'deployed');
        }
      });

      await migrated.open(async (acme) => {
        for (const number of [1, 2]) expect((await stored(acme, number)).baseId).to.equal(null);
        for (let number = 3; number < 40; number += 1) {
          expect((await stored(acme, number)).baseId).to.equal(idOf(number % 2 === 1 ? 1 : 2));
        }
      });
    });

    it('goes further back from what a rollback was copied from', async () => {
      migrated.write((file) => {
        file.deploy(1, 2, 3, 4);
        file.rollBack(5, 4, 3);
        file.move(5, 'deployed');
      });

      const { stored: undo } = await migrated.open((acme) => acme.rollback());
      expect(undo.deployment).to.include({
        source_deployment_id: idOf(2),
        rollback_from_deployment_id: idOf(5),
      });
      expect(undo.baseId).to.equal(idOf(2));
    });

    it('knows which are pending, and tries those again that came to nothing', async () => {
      migrated.write((file) => {
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

      await migrated.open(async (acme) => {
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
      migrated.write((file) => {
        file.deploy(1, 2, 3);
        // Asked for and given up: 3 was not found bad.
        file.rollBack(4, 3, 2);
        file.move(4, 'skipped');
        file.deploy(5);
      });

      const { stored: undo } = await migrated.open((acme) => acme.rollback());
      expect(undo.deployment.source_deployment_id).to.equal(idOf(3));
    });

    it('takes what was deployed again after a rollback from it for good', async () => {
      migrated.write((file) => {
        file.deploy(1, 2, 3);
        file.rollBack(4, 3, 2);
        file.move(4, 'deployed');
        file.move(3, 'failed', 'deployed');
        file.deploy(5);
      });

      const { stored: undo } = await migrated.open((acme) => acme.rollback());
      expect(undo.deployment.source_deployment_id).to.equal(idOf(3));
    });

    it('does not return to what was found bad', async () => {
      migrated.write((file) => {
        file.deploy(1, 2, 3);
        file.rollBack(4, 3, 2);
        file.move(4, 'deployed');
        file.deploy(5);
      });

      const { stored: undo } = await migrated.open((acme) => acme.rollback());
      expect(undo.deployment).to.include({ version: '2', source_deployment_id: idOf(4) });
    });
  });
});
