import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import type { PostgresOptions } from '../../../src/store/postgres/options.js';
import { openPostgresStore } from '../../../src/store/postgres/store.js';
import type { ChangedElsewhere, Store } from '../../../src/store/store.js';
import { startMutingProxy } from '../../postgres/muting-proxy.js';
import { optionsFor } from '../../postgres/options.js';
import { newDatabase, runStatement } from '../../postgres/shared.js';
import { silent } from '../../snowflake/support/silent.js';
import { until } from '../../support/until.js';
import { createLock } from '../../../src/domain/gates/locks.js';
import { createClock } from '../../../src/platform/clock.js';
import { StoreUser } from '../harness.js';

describe('several processes on one PostgreSQL', () => {
  let url: string;
  let options: PostgresOptions;
  const stores: Store[] = [];
  const ends: (() => Promise<void>)[] = [];
  const open = async (differences: Partial<PostgresOptions> = {}): Promise<Store> => {
    const store = await openPostgresStore({ ...options, ...differences }, silent);
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    url = await newDatabase();
    options = optionsFor(url);
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    for (const end of ends.splice(0)) await end();
  });

  it('start at once on an empty database, and one of them makes the schema', async () => {
    await Promise.all([1, 2, 3, 4].map(() => open()));
    const rows = await runStatement(url, 'SELECT count(*)::int AS count FROM schema_migrations');
    expect(rows[0]?.['count']).to.be.greaterThan(3);
    for (const store of stores) await store.check();
  });

  it('refuse a schema that a newer version has made, and one that is not there when they may not make it', async () => {
    const refused = await open({ migrate: 'never' }).catch((error: unknown) => error);
    expect(refused).to.have.property('name', 'StartupError');
    expect(refused).to.have.property('message').that.includes('npm run db:migrate');
    await open();
    await open({ migrate: 'never' });
    const later = "INSERT INTO schema_migrations VALUES (999, '0999_later.sql', now())";
    await runStatement(url, later);
    for (const migrate of ['start', 'never'] as const) {
      const failure = await open({ migrate }).catch((error: unknown) => error);
      expect(failure).to.have.property('message').that.includes('schema version 999');
    }
  });

  it('hear of the environments that another one has changed, and not of their own', async () => {
    const [one, other] = [await open(), await open()];
    const heard: (ChangedElsewhere | undefined)[] = [];
    const own: (ChangedElsewhere | undefined)[] = [];
    one.subscribeToOthers((queue) => own.push(queue));
    other.subscribeToOthers((queue) => heard.push(queue));
    const acme = new StoreUser(one, 'acme');
    const name = { organisation: 'acme', environment: 'grüße 🚀' };
    await until('the other one listens', async () => {
      await acme.create({ environment: name.environment, auto: true });
      return heard.some((queue) => queue !== undefined);
    });
    expect(heard.find((queue) => queue !== undefined)).to.deep.equal(name);
    expect(own.filter((queue) => queue !== undefined)).to.deep.equal([]);
  });

  it('hear of gates that another one has closed and opened', async () => {
    const [one, other] = [await open(), await open()];
    const heard: (ChangedElsewhere | undefined)[] = [];
    other.subscribeToOthers((changed) => heard.push(changed));
    const { caller, store } = new StoreUser(one, 'acme');
    const clock = createClock();
    await until('the other one hears of it', async () => {
      const lock = { scope: {}, reason: 'an incident' };
      await store.change('createLock', () =>
        createLock({ caller, request: undefined }, lock, clock.newIdentity()),
      );
      return heard.some((changed) => changed?.controls === true);
    });
    expect(heard.find((changed) => changed?.controls)).to.deep.equal({
      organisation: 'acme',
      controls: true,
    });
    const acme = new StoreUser(other, 'acme');
    const { stored } = await acme.create();
    const refused = await acme.move(stored.deployment.id, 'in_progress').catch((e: unknown) => e);
    expect(refused).to.include({ code: 'gate-closed' });
  });

  it('show an event that becomes visible late after what was read by then', async () => {
    const store = await open();
    const acme = new StoreUser(store, 'acme');
    const feed = async (after: number) =>
      acme.store.read({ read: 'feed', from: { after }, limit: 10 });
    const versionsIn = ({ entries }: Awaited<ReturnType<typeof feed>>) =>
      entries.map(({ position, deployment, event }) => [
        position,
        deployment.version,
        event.revision,
      ]);
    await acme.create({ version: '1' });
    const late = new pg.Client(url);
    await late.connect();
    await late.query('BEGIN');
    await late.query(`
      INSERT INTO deployment_events (organisation, deployment_id, revision, type, occurred_at, to_status, changed, cause)
      SELECT organisation, deployment_id, 2, 'changed', occurred_at, to_status, '{notes}', cause
      FROM deployment_events`);
    await acme.create({ version: '2' });
    const before = await feed(0);
    expect(versionsIn(before)).to.deep.equal([
      [1, '1', 1],
      [2, '2', 1],
    ]);
    await late.query('COMMIT');
    await late.end();
    expect(versionsIn(await feed(before.position))).to.deep.equal([[3, '1', 2]]);
  });

  it('look at everything once more after the connection that listens was lost', async () => {
    const store = await open();
    const heard: unknown[] = [];
    store.subscribeToOthers((queue) => heard.push(queue));
    const listeners = async () =>
      (
        await runStatement(
          url,
          `SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND query = 'LISTEN deployment_queue'`,
        )
      ).map((row) => Number(row['pid']));
    await until('it listens', async () => (await listeners()).length === 1);
    await until('it looks at everything', () => heard.length > 0);
    const before = heard.length;
    const [pid] = await listeners();
    await runStatement(url, 'SELECT pg_terminate_backend($1)', [pid]);
    await until('it looks at everything again', () => heard.length > before);
    expect(heard.every((queue) => queue === undefined)).to.equal(true);
    expect(await listeners())
      .to.have.length(1)
      .and.not.include(pid);
  });

  it('take no harm from what somebody else says where they listen', async () => {
    const [one, other] = [await open(), await open()];
    const heard: (ChangedElsewhere | undefined)[] = [];
    one.subscribeToOthers((changed) => heard.push(changed));
    const acme = new StoreUser(other, 'acme');
    const isHeard = () => heard.some((changed) => changed !== undefined);
    await until('it listens', async () => {
      await acme.create();
      return isHeard();
    });
    heard.length = 0;
    const payloads = ['', 'x', '5', 'null', '[]', '[5]', '["x", 5]', '["x", null]', '["x", {}]'];
    for (const payload of [...payloads, '["x", {"organisation": "acme", "environment": 5}]']) {
      await runStatement(url, "SELECT pg_notify('deployment_queue', $1)", [payload]);
    }
    await until('it hears what it understands', async () => {
      await acme.create();
      return isHeard();
    });
    const name = { organisation: 'acme', environment: 'production' };
    expect(heard.find((changed) => changed !== undefined)).to.deep.equal(name);
    // What it does not understand is all that may have changed.
    expect(heard.filter((changed) => changed === undefined)).to.have.length.at.least(
      payloads.length,
    );
  });

  it('lose no change and make none twice while their connections are ended', async () => {
    const store = await open({ poolSize: 4 });
    const acme = new StoreUser(store, 'acme');
    let ended = 0;
    const enough = 25;
    const killer = new pg.Client(url);
    await killer.connect();
    const killing = (async () => {
      while (ended < enough) {
        const { rowCount } = await killer.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
        );
        ended += rowCount ?? 0;
        // There has to be something to end again.
        await sleep(2);
      }
    })();
    const outcomes: PromiseSettledResult<unknown>[] = [];
    while (ended < enough) {
      const versions = Array.from({ length: 10 }, (_, nth) => `${outcomes.length + nth}`);
      outcomes.push(
        ...(await Promise.allSettled(versions.map((version) => acme.create({ version })))),
      );
    }
    await killing;
    await killer.end();

    const stored = await acme.versions();
    expect(new Set(stored).size, 'none is there twice').to.equal(stored.length);
    for (const [nth, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') {
        expect(stored, 'what was acknowledged is there').to.include(`${nth}`);
        continue;
      }
      expect(outcome.reason).to.have.property('code', 'unavailable');
      // Nothing was changed, unless it says that nobody knows.
      const isInDoubt = String(outcome.reason).includes('may have been');
      if (!isInDoubt) expect(stored).not.to.include(`${nth}`);
    }
    const { deployments } = await acme.store.read({ read: 'usage' });
    expect(deployments).to.equal(stored.length);
  });

  it('say that a change was stored when its connection is cut between its COMMIT and the answer', async () => {
    const proxy = await startMutingProxy(Number(new URL(url).port));
    const through = new URL(url);
    through.port = String(proxy.port);
    const store = await open({ url: through.href });
    const acme = new StoreUser(store, 'acme');
    const told: string[] = [];
    store.subscribe(({ changes }) => {
      for (const { deployment } of changes.deployments?.created ?? [])
        told.push(deployment.version);
    });
    await acme.create({ version: '1' });
    proxy.mute('INSERT INTO changes');
    const creating = acme.create({ version: '2' });
    const stored = "SELECT 1 FROM deployments WHERE version = '2'";
    await until('it is stored', async () => (await runStatement(url, stored)).length === 1);
    proxy.cut();
    const { replayed } = await creating;
    expect(replayed).to.equal(false);
    expect(await acme.versions()).to.deep.equal(['2', '1']);
    expect(told).to.deep.equal(['1', '2']);
    ends.push(() => proxy.stop());
  });

  it('make a change again whose connection ends before its COMMIT', async () => {
    const store = await open({ poolSize: 1 });
    const acme = new StoreUser(store, 'acme');
    // Ends the connection in its own transaction, as late as a statement of that can be.
    await runStatement(
      url,
      `CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`,
    );
    await runStatement(
      url,
      `CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW WHEN (NOT NEW.abandoned) EXECUTE FUNCTION end_connection()`,
    );
    const creating = acme.create({ version: '1' });
    await until('it was given up', async () => {
      const sql = 'SELECT 1 FROM changes WHERE abandoned';
      return (await runStatement(url, sql)).length > 0;
    });
    await runStatement(url, 'DROP TRIGGER ends ON changes');
    await creating;
    expect(await acme.versions()).to.deep.equal(['1']);
  });

  it('wait for a primary while they are led to a standby, and know that nothing was changed', async () => {
    const acme = new StoreUser(await open(), 'acme');
    const hurried = new StoreUser(await open({ timeoutMs: 1_000 }), 'acme');
    await acme.create({ version: '1' });
    const database = new URL(url).pathname.slice(1);
    const lead = async (to: 'standby' | 'primary') => {
      // To those who come, it only reads.
      const isStandby = to === 'standby' ? 'on' : 'off';
      await runStatement(
        new URL('postgres', url).href,
        `ALTER DATABASE ${database} SET default_transaction_read_only = ${isStandby};
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`,
      );
    };
    await lead('standby');
    await until('one knows that nothing was changed', async () => {
      const refused: unknown = await hurried
        .create({ version: '2' })
        .catch((error: unknown) => error);
      expect(refused).to.have.property('code', 'unavailable');
      // Where its time is over while it asks, and not between two tries, it cannot know.
      return !String(refused).includes('may have been');
    });
    const later = acme.create({ version: '3' });
    await lead('primary');
    await later;
    expect(await acme.versions()).to.deep.equal(['3', '1']);
  });

  it('answer a probe while all connections are lent, and not while the server is away', async () => {
    const store = await open({ poolSize: 1, poolWaitMs: 10_000 });
    const acme = new StoreUser(store, 'acme');
    const lock = new pg.Client(url);
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE tenant_usage IN ACCESS EXCLUSIVE MODE');
    const waiting = acme.create();
    await until('it waits', async () => {
      const sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      return (await runStatement(url, sql)).length > 0;
    });
    await store.check();
    const ended = once(lock, 'end');
    await lock.end();
    await ended;
    await waiting;
  });

  it('go beyond a quota together by no more than what does not see each other', async () => {
    const quota = { deployments: 3, bytes: 0 };
    const group = [await open({ poolSize: 15 }), await open({ poolSize: 15 })];
    const users = group.map((store) => new StoreUser(store, 'acme', quota));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, nth) =>
        users.map((acme) => acme.create({ name: `${nth}` })),
      ).flat(),
    );
    const stored = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(stored).to.be.within(3, 3 + 15);
    const [usage] = await runStatement(
      url,
      'SELECT sum(deployments)::int AS deployments FROM tenant_usage',
    );
    expect(usage).to.deep.equal({ deployments: stored });
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).to.have.property('code', 'quota-exceeded');
      }
    }
  });

  it('refuse at once what comes when too many wait for a connection', async () => {
    const store = await open({ poolSize: 1, poolQueue: 1 });
    const acme = new StoreUser(store, 'acme');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => acme.get('00000000-0000-7000-8000-000000000000')),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).not.to.be.empty;
    expect(refused.length).to.be.lessThan(20);
  });
});
