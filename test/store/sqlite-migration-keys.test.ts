import { expect } from 'chai';
import { MigratedFile, stored } from './migrated-file.js';

describe('a SQLite file of the contract 0.1', () => {
  const migrated = new MigratedFile();

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
      migrated.write((file) => {
        file.register(1, { environment: 'Production', cell: ' ' });
        file.remember('k', 1, 'same', hoursAgo(1));
        file.move(1, 'in_progress');
      });

      await migrated.open(async (acme) => {
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
      migrated.write((file) => {
        file.register(1);
        file.remember('k', 1, 'same', hoursAgo(25));
      });

      await migrated.open(async (acme) => {
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
});
