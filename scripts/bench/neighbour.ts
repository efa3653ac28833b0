/**
 * Shows what the heaviest requests of one tenant cost another: how long they take themselves, and how long
 * the other's `GET /v1/deployments?limit=1` takes meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/store/sqlite/database.js';
import { quantile, row, tableHead } from './report.js';
import { addDeployments, sampleDeployment, tenant } from './seed.js';
import { deployOne, rollbackOne } from './workloads.js';
import type { BenchRequest } from './workloads.js';

/** A tenant with a few rows of its own. */
const quiet = 'quiet';
/** How many requests the noisy one sends at once, and how often. */
const noisyConnections = 8;
const noisyRounds = 5;
/** How long the quiet one waits between two requests, in milliseconds. */
const pauseMs = 5;
/** How many rows are stored at once. */
const batch = 20_000;
const longest = {
  description: 'x'.repeat(4_096),
  notes: 'x'.repeat(4_096),
  pipeline_extra_params: 'x'.repeat(16_384),
};

type Noise = readonly [name: string, prepare: (database: Database) => Promise<BenchRequest[]>];

const list = (query: string): Noise => [
  `list ${query}`,
  () =>
    Promise.resolve(
      Array.from({ length: noisyConnections * noisyRounds }, () => ({
        method: 'GET' as const,
        path: `/v1/deployments?${query}`,
      })),
    ),
];

const noises: readonly Noise[] = [
  list('environment=staging&provider=gcp'),
  list('region=europe-west1&status=failed'),
  list('trigger=auto&environment=staging&provider=gcp'),
  list('name=component-7&cell=none&status=deployed'),
  [
    'list of the largest texts',
    async (database) => {
      await store(database, 250, { name: 'large', ...longest });
      const [, prepare] = list('name=large&limit=1000');
      return prepare(database);
    },
  ],
  [
    'rollback, one version 20,000 times',
    async (database) => {
      const places = Array.from({ length: 5 }, (_, nth) => `often-${nth}`);
      for (const cell of places) {
        await store(database, 1, { cell, version: '1', status: 'deployed' });
        await store(database, 20_000, { cell, version: '2', status: 'deployed' });
      }
      return places.map((cell) => {
        const { name, environment, provider, cloud_account_id, region } = sampleDeployment(0, {
          cell,
        }).deployment;
        const taxonomy = { name, environment, provider, cloud_account_id, region, cell };
        return rollbackOne(new URLSearchParams(taxonomy as Record<string, string>).toString());
      });
    },
  ],
  [
    'deployed over 100,000 waiting',
    async (database) => {
      const cell = 'crowd';
      await store(database, 100_000, { cell, status: 'scheduled' });
      const [id] = await store(database, 1, { cell, status: 'scheduled', version: 'new' });
      return [deployOne(id)];
    },
  ],
];

async function store(
  database: Database,
  count: number,
  fields: Parameters<typeof sampleDeployment>[1],
): Promise<string[]> {
  const ids: string[] = [];
  for (let stored = 0; stored < count; stored += batch) {
    const created = Array.from({ length: Math.min(batch, count - stored) }, () =>
      sampleDeployment(0, fields),
    );
    ids.push(...(await addDeployments(database, created)));
  }
  return ids;
}

/** Measures each noise, one after the other, on a service whose file has many rows of the noisy tenant. */
export async function measureNeighbour(url: string, database: Database): Promise<void> {
  await addDeployments(
    database,
    Array.from({ length: 20 }, (_, nth) => sampleDeployment(nth, { organisation: quiet })),
  );
  tableHead(
    'what one tenant does',
    'one alone, ms',
    `slowest of ${noisyConnections} at once`,
    "another's p50",
    'p99',
    'max',
    'not 200',
  );
  for (const [name, prepare] of noises) {
    const [first, ...others] = await prepare(database);
    const ending = new AbortController();
    const observed = observe(url, ending.signal);
    const alone = await perform(url, first === undefined ? [] : [first]);
    const together = others.length === 0 ? '–' : (await perform(url, others)).toFixed(1);
    await untilSkipped(database);
    ending.abort();
    const { latencies, refused } = await observed;
    const figures = [0.5, 0.99, 1].map((share) => quantile(latencies, share).toFixed(1));
    row(name, alone.toFixed(1), together, ...figures, String(refused));
  }
}

/** Sends the requests, some at once; how long the slowest took. */
async function perform(url: string, requests: readonly BenchRequest[]): Promise<number> {
  const left = [...requests];
  let worst = 0;
  const one = async (): Promise<void> => {
    for (let request = left.pop(); request !== undefined; request = left.pop()) {
      const started = performance.now();
      const headers = { 'x-organisation': tenant, 'content-type': 'application/json' };
      const { method, path, body } = request;
      const response = await fetch(url + path, { method, headers, ...(body && { body }) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${request.path}: ${response.status} ${text}`);
      worst = Math.max(worst, performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: noisyConnections }, one));
  return worst;
}

/** What is left to be skipped in the background belongs to the noise. */
async function untilSkipped(database: Database): Promise<void> {
  const left = database.prepare('SELECT count(*) AS count FROM skipping');
  const end = performance.now() + 120_000;
  while (Number(left.get()?.['count']) > 0 && performance.now() < end) await sleep(20);
}

/** Asks again and again as the quiet tenant; latencies in milliseconds. */
async function observe(
  url: string,
  signal: AbortSignal,
): Promise<{ latencies: number[]; refused: number }> {
  const latencies: number[] = [];
  let refused = 0;
  while (!signal.aborted || latencies.length < 20) {
    const started = performance.now();
    const response = await fetch(`${url}/v1/deployments?limit=1`, {
      headers: { 'x-organisation': quiet },
    });
    await response.text();
    latencies.push(performance.now() - started);
    if (response.status !== 200) refused += 1;
    await sleep(pauseMs);
  }
  return { latencies, refused };
}
