import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { openDatabase } from '../../src/store/sqlite/database.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { keyed, StoreUser } from '../store/harness.js';
import { StoredState } from './support/stored-state.js';

describe('the look at a file after a fault', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
    const store = await openSqliteStore(path);
    const user = new StoreUser(store, 'acme');
    const ids: string[] = [];
    for (const version of ['1', '2', '3']) {
      const { stored } = await user.create({ version }, keyed(version));
      ids.push(stored.deployment.id);
    }
    const { stored: second } = await user.move(ids[1] ?? '', 'deployed');
    // What was deployed before is what was deployed in an earlier millisecond.
    while (Date.now() <= Date.parse(second.deployment.updated_at)) await setImmediate();
    await user.move(ids[2] ?? '', 'deployed');
    await user.rollback({}, undefined, keyed('back'));
    await store.close();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('finds nothing where nothing is wrong', () => {
    expect(new StoredState(path).faults()).to.deep.equal([]);
  });

  const wrongs: [what: string, sql: string, message: RegExp][] = [
    [
      'an event that is missing',
      "DELETE FROM deployment_events WHERE cause = 'rollback'",
      /revision/,
    ],
    [
      'a status without its event',
      "UPDATE deployments SET status = 'failed' WHERE version = '3'",
      /is failed, not deployed/,
    ],
    [
      'an auto-skip that is half',
      `DELETE FROM deployment_events WHERE cause = 'auto_skip';
       UPDATE deployments SET status = 'scheduled', revision = 1 WHERE status = 'skipped'`,
      /stayed scheduled/,
    ],
    [
      'a registration that was made twice',
      "UPDATE deployments SET version = '2' WHERE version = '1'",
      /made twice/,
    ],
    ['a key that is missing', "DELETE FROM idempotency_keys WHERE key = '1'", /has no key/],
    [
      'a rollback that is half',
      "UPDATE deployments SET source_deployment_id = NULL WHERE trigger = 'rollback'",
      /half a rollback/,
    ],
  ];
  for (const [what, sql, message] of wrongs) {
    it(`finds ${what}`, () => {
      const database = openDatabase(path);
      database.exec(sql);
      database.close();
      expect(new StoredState(path).faults().join('\n')).to.match(message);
    });
  }
});
