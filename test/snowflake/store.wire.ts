import { openSnowflakeStore } from '../../src/store/snowflake/store.js';
import type { TableKind } from '../../src/store/snowflake/options.js';
import { describeStore } from '../store/suite.js';
import { SnowflakeServer } from './support/server.js';
import { borrowSchema, giveBackSchema } from './support/schema.js';
import { silent } from './support/silent.js';

for (const tables of ['hybrid', 'standard'] as const satisfies readonly TableKind[]) {
  describe(`over the real driver, with ${tables} tables`, () => {
    let server: SnowflakeServer;
    before(async () => {
      server = await SnowflakeServer.start();
    });
    after(() => server.stop());

    describeStore('Snowflake', async () => {
      const options = await borrowSchema(server, tables);
      const store = await openSnowflakeStore(options, silent);
      return {
        store,
        reopen: () => openSnowflakeStore(options, silent),
        dispose: async () => {
          await store.close();
          await giveBackSchema(options);
        },
      };
    });
  });
}
