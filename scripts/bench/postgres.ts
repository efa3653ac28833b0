/**
 * Shows what the store on PostgreSQL costs: how soon a turn is handed over from one process to another, beside queues
 * of jobs on the same server; its statements beside the same on `pg` alone, and beside SQLite; and how much one, two
 * and three processes get done.
 *
 *     npm run bench:postgres -- [--rounds 200] [--seconds 6] [--parts hand-over,statements,processes]
 *
 * It brings a PostgreSQL, which flushes each commit to the disk.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { claim } from '../../src/domain/queue/claim.js';
import { hashToken } from '../../src/domain/tokens.js';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { optionsFor } from '../../test/postgres/options.js';
import { freshName, startPostgres } from '../../test/postgres/server.js';
import { StoreUser } from '../../test/store/harness.js';
import { call, claimed, hangUp, register, report } from './queue-calls.js';
import { record, replay } from './recorded.js';
import { median, quantile, row, tableHead } from './report.js';
import { startFull } from './servers.js';
import type { BenchServer } from './servers.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '6' },
    parts: { type: 'string', default: 'hand-over,statements,processes' },
  },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
/** How many are not counted: a process that has just started has yet to compile what it does. */
const warmUp = 30;
/** Of what only looks for jobs twice a second, so many rounds are enough. */
const everyNth = 5;
/** How many callers there are of all processes together. */
const callers = 24;

const server = await startPostgres({ isDurable: true });
const folder = await mkdtemp(join(tmpdir(), 'bench-postgres-'));

/** Runs a statement on the server. */
async function administer(sql: string): Promise<void> {
  const client = new pg.Client(server.url('postgres'));
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function newDatabase(template = 'template0'): Promise<string> {
  const name = freshName();
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  return server.url(name);
}

const startOn = (url: string): Promise<BenchServer> =>
  startFull({ DATABASE_URL: url, AUTH_ENABLED: 'false' });

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** A worker of a queue of jobs, and how one is sent. */
interface JobQueue {
  pickUp(): Promise<number>;
  stop(): Promise<void>;
}

async function startQueue(
  name: 'graphile-worker' | 'pg-boss',
  url: string,
  send: () => Promise<unknown>,
): Promise<JobQueue> {
  const script = fileURLToPath(new URL('contestants/worker.ts', import.meta.url));
  const worker: ChildProcess = fork(script, [name, url], { execArgv: ['--import', 'tsx'] });
  await once(worker, 'message');
  return {
    pickUp: () =>
      timed(async () => {
        const hasIt = once(worker, 'message');
        await send();
        await hasIt;
      }),
    async stop() {
      const ended = once(worker, 'exit');
      worker.kill('SIGKILL');
      await ended;
    },
  };
}

/** From when an outcome is sent to one process to when another one has answered the claim that waited there. */
async function handOvers(one: BenchServer, other: BenchServer): Promise<() => Promise<number>> {
  await call(one, 'PUT', '/environments/production', { order: 'oldest' });
  const servers = [one, other];
  const at = (nth: number): BenchServer => servers[nth % 2] ?? one;
  let nth = 0;
  let holder = await claimed(one, await register(one, 'handed-over'));
  return async () => {
    nth += 1;
    const id = await register(at(nth), 'handed-over');
    const waiting = claimed(at(nth), id);
    for (;;) {
      const response = await fetch(`${at(nth).url}/v1/deployments/${id}/queue`);
      if (((await response.json()) as { position: number | null }).position === 1) break;
    }
    return timed(async () => {
      [, holder] = await Promise.all([report(at(nth - 1), holder), waiting]);
    });
  };
}

async function measureHandOvers(): Promise<void> {
  const [own, graphile, boss] = [await newDatabase(), await newDatabase(), await newDatabase()];
  const [one, other] = [await startOn(own), await startOn(own)];
  const handOver = await handOvers(one, other);
  const utils = await makeWorkerUtils({ connectionString: graphile });
  await utils.migrate();
  const jobs = await startQueue('graphile-worker', graphile, () => utils.addJob('deploy', {}));
  const sender = new PgBoss(boss);
  await sender.start();
  const bossJobs = await startQueue('pg-boss', boss, () => sender.send('deploy', {}));
  const times = { own: [] as number[], graphile: [] as number[], boss: [] as number[] };
  for (let nth = -warmUp; nth < rounds; nth += 1) {
    const [mine, theirs] = [await handOver(), await jobs.pickUp()];
    if (nth < 0) continue;
    times.own.push(mine);
    times.graphile.push(theirs);
    if (nth % everyNth === 0) times.boss.push(await bossJobs.pickUp());
  }
  tableHead('hand-over to another process', 'p50 ms', 'p99 ms', 'of graphile-worker, p50', 'p99');
  for (const [name, all] of [
    ['a turn of this service', times.own],
    ['a job of graphile-worker', times.graphile],
    ['a job of pg-boss', times.boss],
  ] as const) {
    const of = (share: number): string =>
      (quantile(all, share) / quantile(times.graphile, share)).toFixed(2);
    const own = [0.5, 0.99].map((share) => quantile(all, share).toFixed(1));
    row(name, ...own, of(0.5), of(0.99));
  }
  await Promise.all([jobs.stop(), bossJobs.stop(), one.stop(), other.stop()]);
  await Promise.all([utils.release(), sender.stop({ graceful: false })]);
}

/** What is measured of a store, once in each round. */
const operations: Record<
  string,
  (user: StoreUser, nth: number) => Promise<() => Promise<unknown>>
> = {
  create: (user, nth) => Promise.resolve(() => user.create({ name: `created-${nth % 50}` })),
  'deploy, 1 skipped': async (user, nth) => {
    const name = `deployed-${nth}`;
    await user.create({ name });
    const { stored } = await user.create({ name, version: '2' });
    return () => user.move(stored.deployment.id, 'deployed');
  },
  claim: async (user, nth) => {
    const { stored } = await user.create({ name: 'claimed', environment: `claims-${nth}` });
    const command = {
      id: stored.deployment.id,
      caller: user.caller,
      call: `${nth}`,
      isFirst: true,
      waitSeconds: 0,
      leaseSeconds: 600,
      tokenHash: hashToken(`${nth}`),
      request: undefined,
    };
    const now = new Date().toISOString();
    return () => user.store.change('claimDeployment', () => claim(command, now));
  },
};

const silent = { info: () => undefined, warn: () => undefined };

async function measureStatements(): Promise<void> {
  const url = await newDatabase();
  const settings = optionsFor(url);
  await (await openPostgresStore(settings, silent)).close();
  // What the recorded statements find there is what they found where they were recorded.
  const copy = await newDatabase(new URL(url).pathname.slice(1));
  const store = await openPostgresStore(settings, silent);
  const file = await openSqliteStore(join(folder, 'deployments.db'));
  const bare = new pg.Client({ connectionString: copy, pipeline: true });
  await bare.connect();
  const [onServer, onFile] = [new StoreUser(store, 'acme'), new StoreUser(file, 'acme')];
  tableHead('operation', 'store, ms', '`pg` alone, ms', 'SQLite, ms', 'of `pg` alone', 'of SQLite');
  for (const [name, prepare] of Object.entries(operations)) {
    const times = { store: [] as number[], bare: [] as number[], file: [] as number[] };
    for (let nth = -warmUp; nth < rounds; nth += 1) {
      let measured: (() => Promise<unknown>) | undefined;
      await replay(bare, await record(async () => (measured = await prepare(onServer, nth))));
      let took = NaN;
      const statements = await record(async () => (took = await timed(measured ?? fail)));
      const alone = await timed(() => replay(bare, statements));
      const beside = await timed(await prepare(onFile, nth));
      if (nth < 0) continue;
      times.store.push(took);
      times.bare.push(alone);
      times.file.push(beside);
    }
    const [own, alone, beside] = [times.store, times.bare, times.file].map(median) as [
      number,
      number,
      number,
    ];
    const shown = [own, alone, beside, own / alone, own / beside].map((each) => each.toFixed(2));
    row(name, ...shown);
  }
  await Promise.all([store.close(), file.close(), bare.end()]);
}

function fail(): never {
  throw new Error('There is nothing to measure');
}

/** How many deployments are registered, claimed and reported a second. */
async function throughputOf(processes: number): Promise<number> {
  const url = await newDatabase();
  const servers = [await startOn(url)];
  while (servers.length < processes) servers.push(await startOn(url));
  let done = 0;
  const work = async (nth: number, until: number): Promise<void> => {
    const own = servers[nth % processes];
    if (own === undefined) return;
    while (performance.now() < until) {
      // What is in one environment waits for each other: its queue is changed by one at a time.
      const id = await register(own, 'component', `environment-${nth}`);
      await report(own, await claimed(own, id));
      done += 1;
    }
  };
  const all = (length: number): Promise<unknown> => {
    const until = performance.now() + length * 1000;
    return Promise.all(Array.from({ length: callers }, (_, nth) => work(nth, until)));
  };
  await all(seconds / 2);
  done = 0;
  await all(seconds);
  await Promise.all(servers.map((each) => each.stop()));
  return done / seconds;
}

async function measureProcesses(): Promise<void> {
  tableHead('processes', 'registered, claimed and reported a second', 'of one process');
  let one: number | undefined;
  for (const processes of [1, 2, 3]) {
    const throughput = await throughputOf(processes);
    one ??= throughput;
    row(String(processes), throughput.toFixed(0), (throughput / one).toFixed(2));
  }
}

const parts: Record<string, () => Promise<void>> = {
  'hand-over': measureHandOvers,
  statements: measureStatements,
  processes: measureProcesses,
};

try {
  for (const name of options.parts.split(',')) {
    await parts[name]?.();
    console.log();
  }
} finally {
  hangUp();
  await server.stop();
  await rm(folder, { recursive: true });
}
process.exit();
