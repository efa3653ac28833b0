import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Row } from '../../../src/store/snowflake/statement.js';
import type { Bench } from '../../../src/store/snowflake/probe/bench.js';
import { probeLostUpdate } from '../../../src/store/snowflake/probe/lost-update.js';
import { timeOperations } from '../../../src/store/snowflake/probe/operations.js';
import { openSqliteStore } from '../../../src/store/sqlite/store.js';
import { driverError, FakeLink } from './fakes.js';

/** A database in which the second change does what a test says. */
function benchOf(second: () => Promise<Row[]>, survives: 'first' | 'second'): Bench {
  let sessions = 0;
  return {
    tables: 'hybrid',
    pauseMs: 1,
    withLink(use) {
      sessions += 1;
      const isSecond = sessions % 2 === 0;
      const link = new FakeLink();
      link.answer = (sql) => {
        if (sql.includes('COUNT_IF')) {
          const ofFirst = Number(survives === 'first');
          return Promise.resolve([{ OF_FIRST: ofFirst, OF_SECOND: 1 - ofFirst }]);
        }
        return isSecond ? second() : Promise.resolve([]);
      };
      return use(link);
    },
  };
}

describe('the experiment about lost updates', () => {
  it('finds that the first change is lost where the second takes on top of what it was made from', async () => {
    const updated = () => Promise.resolve([{ 'number of rows updated': 1 }]);
    const section = await probeLostUpdate(benchOf(updated, 'second'));
    expect(section.join('\n')).to.include('does not look at its WHERE again');
  });

  it('finds that it stands where the second changes nothing, or fails', async () => {
    const nothing = () => Promise.resolve([{ 'number of rows updated': 0 }]);
    const failing = () => Promise.reject(driverError('000625', 'has locked table', '57014'));
    for (const second of [nothing, failing]) {
      const section = await probeLostUpdate(benchOf(second, 'first'));
      expect(section.join('\n')).to.include('looks at its WHERE again: the first change stands');
    }
  });
});

describe('the times of the operations', () => {
  it('are taken in rounds that can follow one another, on any store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const store = await openSqliteStore(join(folder, 'deployments.db'));
    try {
      const { section } = await timeOperations(store, [], 3);
      const rows = section.filter((line) =>
        /^\| [a-z ,]+ \| 0 \| \d+ \| \d+ \| \d+ \|$/.test(line),
      );
      expect(rows, section.join('\n')).to.have.length(19);
    } finally {
      await store.close();
      await rm(folder, { recursive: true });
    }
  });
});
