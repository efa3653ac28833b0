import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { describeStore } from './suite.js';

describeStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
  const path = join(folder, 'deployments.db');
  const store = await openSqliteStore(path);
  return {
    store,
    reopen: () => openSqliteStore(path),
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
