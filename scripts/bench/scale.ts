/**
 * Shows how the cost of each kind of work grows with the number of rows and of organisations.
 *
 *     npm run bench:scale -- [--rounds 5] [--requests 300] [--rows 1000,100000,1000000]
 *
 * A service runs for each size, all of them at the same time; in each round each takes a turn, and the
 * ratio is to the smallest size in the same round. One connection: what is compared is time a request.
 * In the end the largest one shows what heavy requests cost another tenant.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeCursor } from '../../src/operations/cursor.js';
import type { Database } from '../../src/store/sqlite/database.js';
import { closedLoop } from './load.js';
import type { Measured } from './load.js';
import { measureNeighbour } from './neighbour.js';
import { row, tableHead, tellOthers, withSpread } from './report.js';
import {
  addDeployments,
  addQueues,
  addReleases,
  openSeeded,
  sampleDeployment,
  tenant,
} from './seed.js';
import { startFull } from './servers.js';
import type { BenchServer } from './servers.js';
import { createOne, cycle, deployOne, rollbackOne } from './workloads.js';
import type { BenchRequest } from './workloads.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '300' },
    rows: { type: 'string', default: '1000,100000,1000000' },
  },
});
const rounds = Number(options.rounds);
const amount = Number(options.requests);
const sizes = options.rows.split(',').map(Number);
/** How many rows are stored at once. */
const batch = 20_000;
/** How many rows the measured tenant has among a thousand organisations. */
const tenantRows = 500;

interface Sized {
  readonly rows: number;
  readonly organisations: number;
  readonly database: Database;
  readonly server: BenchServer;
  /** Positions all over the tenant's list. */
  readonly positions: readonly string[];
}

const folder = await mkdtemp(join(tmpdir(), 'bench-scale-'));

async function prepare(rows: number, organisations: number): Promise<Sized> {
  const path = join(folder, `${rows}-${organisations}.db`);
  const database = await openSeeded(path);
  const own: string[] = [];
  for (let stored = 0; stored < rows; stored += batch) {
    const created = Array.from({ length: Math.min(batch, rows - stored) }, (_, index) => {
      const number = stored + index;
      const organisation =
        organisations === 1 ? tenant : organisationOf(number, rows, organisations);
      const sample = sampleDeployment(number, { organisation });
      const { created_at: at, id } = sample.deployment;
      if (organisation === tenant) own.push(`${at} ${id}`);
      return sample;
    });
    await addDeployments(database, created);
  }
  const server = await startFull({
    AUTH_ENABLED: 'false',
    SQLITE_PATH: path,
  });
  const step = Math.max(1, Math.floor(own.length / 500));
  const positions = own.filter((_, index) => index % step === 0).slice(-500);
  return { rows, organisations, database, server, positions };
}

/** The measured tenant has as many rows whatever the size; all other rows are spread over the others. */
function organisationOf(number: number, rows: number, organisations: number): string {
  const own = number % Math.floor(rows / tenantRows) === 0;
  return own ? tenant : `org-${number % (organisations - 1)}`;
}

/** A page of the list without filters, after a position. */
const page = (position: string | undefined): BenchRequest => {
  const scope = { organisation: tenant, list: '[]' };
  const cursor = position === undefined ? '' : `&cursor=${encodeCursor(position, scope)}`;
  return { method: 'GET', path: `/v1/deployments?limit=100${cursor}` };
};

const works: readonly (readonly [
  name: string,
  prepare: (sized: Sized) => Promise<() => BenchRequest>,
])[] = [
  ['list 100', () => Promise.resolve(() => page(undefined))],
  [
    'page in the middle, by cursor',
    ({ positions }) => {
      const middle = page(positions[Math.floor(positions.length / 2)]);
      return Promise.resolve(() => middle);
    },
  ],
  [
    'page at another place each time',
    ({ positions }) => {
      const next = cycle(positions);
      return Promise.resolve(() => page(next()));
    },
  ],
  ['create', () => Promise.resolve(() => createOne)],
  [
    'deploy, 10 skipped',
    async ({ database }) => {
      const id = cycle(await addQueues(database, amount, 10));
      return () => deployOne(id());
    },
  ],
  [
    'rollback',
    async ({ database }) => {
      const query = cycle(await addReleases(database, amount));
      return () => rollbackOne(query());
    },
  ],
];

const all: Sized[] = [];
try {
  for (const organisations of [1, 1000]) {
    for (const rows of sizes) all.push(await prepare(rows, organisations));
  }
  const headers = (): Record<string, string> => ({ 'x-organisation': tenant });
  const [smallest] = all;
  const ratio = `of ${smallest?.rows} rows`;
  tableHead('work', 'organisations', 'rows', 'ms a request', ratio, 'other answers');
  for (const [name, requests] of works) {
    const results = new Map<Sized, Measured[]>(all.map((sized) => [sized, []]));
    const times = (sized: Sized | undefined): number[] =>
      (sized === undefined ? [] : (results.get(sized) ?? [])).map(
        ({ requestsPerSecond }) => 1000 / requestsPerSecond,
      );
    for (let round = 0; round <= rounds; round += 1) {
      for (const sized of all) {
        const target = { url: sized.server.url, headers, status: [200, 201] };
        const measured = await closedLoop(target, 1, { amount }, await requests(sized));
        if (round > 0) results.get(sized)?.push(measured);
      }
    }
    for (const sized of all) {
      const base = all.find(({ organisations }) => organisations === sized.organisations);
      const own = times(sized);
      const ratios = own.map((time, round) => time / (times(base)[round] ?? NaN));
      const { organisations, rows } = sized;
      const others = tellOthers((results.get(sized) ?? []).map((one) => one.others));
      const [time, shown] = [withSpread(own, 2), withSpread(ratios, 2)];
      row(name, String(organisations), String(rows), time, shown, others);
    }
  }
  const largest = all.findLast(({ organisations }) => organisations === 1);
  if (largest !== undefined) {
    console.log(`\nOne tenant with ${largest.rows} rows, and another\n`);
    await measureNeighbour(largest.server.url, largest.database);
  }
} finally {
  await Promise.all(all.map(({ server }) => server.stop()));
  for (const { database } of all) database.close();
  await rm(folder, { recursive: true });
}
