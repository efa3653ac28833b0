import { expect } from 'chai';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import { silent } from '../snowflake/support/silent.js';
import { handsOver } from '../service/hand-over.js';
import { documentedSettings, obstacleToPooler, startPooler } from './pooler.js';
import type { Pooler } from './pooler.js';
import { optionsFor } from './options.js';
import { preparedOn } from './prepared.js';
import { newDatabase, runStatement } from './shared.js';
import { describePostgresStore } from './store.js';

describe('PostgreSQL behind PgBouncer in transaction mode', () => {
  const poolers: Pooler[] = [];

  /** A database, and the way to it through a PgBouncer. */
  async function newWay(those = documentedSettings) {
    const url = await newDatabase();
    const pooler = await startPooler(Number(new URL(url).port), those);
    poolers.push(pooler);
    return { url, through: pooler.through(url) };
  }

  before(function () {
    const obstacle = obstacleToPooler();
    if (obstacle === undefined) return;
    console.error(`SKIPPED PostgreSQL behind PgBouncer, nothing of it was run: ${obstacle}`);
    this.skip();
  });
  after(async () => {
    for (const pooler of poolers) await pooler.stop();
  });

  describePostgresStore('PostgreSQL behind PgBouncer', async () => {
    const { url, through } = await newWay();
    return { ...optionsFor(through), listenUrl: url };
  });

  it('hands a turn over from one process to another, which hear of it on the server itself', async () => {
    const { url, through } = await newWay();
    await handsOver({ DATABASE_URL: through, DATABASE_LISTEN_URL: url });
  });

  it('hands a turn over also where nothing can be heard', async () => {
    const { through } = await newWay();
    await handsOver({ DATABASE_URL: through });
  });

  it('keeps nothing prepared, since the next transaction may be on another connection', async () => {
    const { url, through } = await newWay();
    expect(await preparedOn({ ...optionsFor(through), listenUrl: url })).to.deep.equal([]);
  });

  it('keeps the limits of time that are set for the role', async () => {
    const { url, through } = await newWay();
    await runStatement(url, "ALTER ROLE postgres SET statement_timeout = '7s'");
    try {
      const rows = await runStatement(through, 'SHOW statement_timeout');
      expect(rows).to.deep.equal([{ statement_timeout: '7s' }]);
    } finally {
      await runStatement(url, 'ALTER ROLE postgres RESET statement_timeout');
    }
  });

  it('says what is to be set when that was forgotten', async () => {
    const { through } = await newWay([]);
    const failure: unknown = await openPostgresStore(optionsFor(through), silent).catch(
      (error: unknown) => error,
    );
    expect(failure)
      .to.have.property('message')
      .that.includes('unsupported startup parameter: statement_timeout');
  });
});
