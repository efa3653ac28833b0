import { expect } from 'chai';
import type { Candidate } from '../../src/domain/deployments/reads.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { migrate } from '../../src/store/snowflake/migrate.js';
import type { SnowflakeOptions, TableKind } from '../../src/store/snowflake/options.js';
import { openSnowflakeStore } from '../../src/store/snowflake/store.js';
import { StoreUser } from '../store/harness.js';
import { newSchema, withLink } from './support/schema.js';
import { silent } from './support/silent.js';
import { SnowflakeServer } from './support/server.js';

for (const tables of ['hybrid', 'standard'] as const satisfies readonly TableKind[]) {
  describe(`a schema of ${tables} tables from before rolled_back`, () => {
    let server: SnowflakeServer;
    before(async () => {
      server = await SnowflakeServer.start();
    });
    after(() => server.stop());

    const run = (options: SnowflakeOptions, ...statements: string[]) =>
      withLink(options, async (link) => {
        for (const sql of statements) await link.query({ sql, values: [] });
        const applied = await migrate(link, tables);
        const sql = 'SELECT COUNT(*) AS n FROM rolled_back';
        return { applied, rows: await link.query({ sql, values: [] }) };
      });

    it('is filled with what has been rolled back from so far, each once', async () => {
      const options = await newSchema(server, tables);
      const store = await openSnowflakeStore(options, silent);
      const acme = new StoreUser(store, 'acme');
      await acme.place({ version: '1' }, 'deployed');
      await acme.place({ version: '2' }, 'deployed');
      for (const outcome of ['failed', 'deployed'] as const) {
        const { stored } = await acme.rollback();
        await acme.move(stored.deployment.id, outcome);
        if (outcome === 'failed') await acme.move(stored.deployment.id, 'skipped');
      }
      const place = { key: taxonomyKey(acme.taxonomy()) };
      const candidates = (): Promise<readonly Candidate[]> =>
        acme.store.read({ read: 'candidates', place, otherThan: [], limit: 9 });
      const before = await candidates();
      expect(before.map(({ rolledBack }) => rolledBack !== undefined)).to.include(true);

      const undo = "DELETE FROM schema_migrations WHERE name LIKE '%fill%'";
      const filled = await run(options, 'DELETE FROM rolled_back', undo);
      expect(filled.applied).to.have.length(1);
      expect(await candidates()).to.deep.equal(before);
      expect(await run(options, undo)).to.deep.equal(filled);
      await store.close();
    });
  });
}
