/**
 * Compares this service, doing all of its work, with servers that do less: Express 5 and `node:http`
 * without any checks, and Fastify with its own validation.
 *
 *     npm run bench -- [--rounds 5] [--seconds 2] [--only list,get] [--connections 10,100]
 *                      [--before ../another-checkout]
 *
 * Every server runs in a process of its own on a file of its own with the same rows. In each round all
 * of them take a turn, so that what else happens on the machine meets all alike; ratios are taken
 * within a round, and the middle one is shown with the least and the greatest.
 *
 * `--before` names a checkout of an earlier version, built (`npm ci && npm run build`), which takes its turns
 * beside the others: what a change costs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { closedLoop, openLoop } from './load.js';
import type { Measured, Others, Target } from './load.js';
import { startParties } from './parties.js';
import { percentiles, row, tableHead, tellOthers, withSpread } from './report.js';
import * as presentSeed from './seed.js';
import type { Seed } from './seed.js';
import { startContestant, startFull } from './servers.js';
import type { BenchServer } from './servers.js';
import { workloads } from './workloads.js';
import type { BenchFile, Workload } from './workloads.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    connections: { type: 'string', default: '10,100' },
    before: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const connectionCounts = options.connections.split(',').map(Number);
const chosen = workloads.filter(({ name }) =>
  options.only.split(',').some((part) => name.startsWith(part)),
);

type Name = 'service' | 'before' | 'express' | 'fastify' | 'node-http';
const names: readonly Name[] = [
  'service',
  ...(options.before === undefined ? [] : (['before'] as const)),
  'express',
  'fastify',
  'node-http',
];
/** Where the earlier version is, if one is named. */
const earlier = resolve(options.before ?? '');
const { tenant } = presentSeed;
const rows = 2_000;

interface Contestant extends BenchFile {
  readonly name: Name;
  readonly server: BenchServer;
  readonly headers: () => Record<string, string>;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const parties = await startParties();

/** Settings of the service on a contestant's file. */
function environmentOf(name: Name): Record<string, string> {
  return {
    ...parties.environment,
    // Whom an earlier version could let in as well: not everybody (`*`).
    ALLOWED_ORGANISATIONS: tenant,
    SQLITE_PATH: join(folder, `${name}.db`),
  };
}

async function prepare(name: Name): Promise<Contestant> {
  const path = join(folder, `${name}.db`);
  const seed = await seedOf(name);
  const database = await seed.openSeeded(path);
  const samples = Array.from({ length: rows }, (_, number) => seed.sampleDeployment(number, {}));
  const known = await seed.addDeployments(database, samples);
  const server = await startServer(name, path);
  const token = parties.sign();
  const headers = (): Record<string, string> => ({
    authorization: `Bearer ${token}`,
    'x-organisation': tenant,
  });
  return { name, server, seed, database, known, headers };
}

/** Each version knows how its own file is filled. */
async function seedOf(name: Name): Promise<Seed> {
  if (name !== 'before') return presentSeed;
  const file = pathToFileURL(join(earlier, 'scripts/bench/seed.ts'));
  return (await import(file.href)) as Seed;
}

function startServer(name: Name, path: string): Promise<BenchServer> {
  if (name === 'service') return startFull(environmentOf(name));
  if (name !== 'before') return startContestant(name, path);
  return startFull(environmentOf(name), { checkout: earlier });
}

function targetOf(contestant: Contestant, workload: Workload): Target {
  const { server, headers } = contestant;
  return { url: server.url, headers, status: workload.status };
}

async function measure(
  contestant: Contestant,
  workload: Workload,
  connections: number,
): Promise<Measured> {
  const next = await workload.requests(contestant);
  const length = workload.amount === undefined ? { seconds } : { amount: workload.amount };
  return closedLoop(targetOf(contestant, workload), connections, length, next);
}

/** Measures a kind of work, all contestants in turn in each round, and prints their table. */
async function compare(contestants: readonly Contestant[], workload: Workload): Promise<void> {
  for (const connections of connectionCounts) {
    const results = new Map<Name, Measured[]>(names.map((name) => [name, []]));
    // The first round warms up: code is compiled, caches are filled, files have grown.
    for (let round = 0; round <= rounds; round += 1) {
      // To and fro, since whose turn comes after whose makes up to a sixth of what is measured.
      const order = round % 2 === 0 ? contestants : [...contestants].reverse();
      for (const contestant of order) {
        const measured = await measure(contestant, workload, connections);
        if (round > 0) results.get(contestant.name)?.push(measured);
      }
    }
    printComparison(workload, connections, results);
  }
}

function printComparison(
  workload: Workload,
  connections: number,
  results: ReadonlyMap<Name, readonly Measured[]>,
): void {
  const rates = (name: Name): number[] =>
    (results.get(name) ?? []).map(({ requestsPerSecond }) => requestsPerSecond);
  console.log(`\n### ${workload.name}, ${connections} connections\n`);
  const latency = 'p50 / p99 / p99.9, ms';
  const versus = names.filter((name) => name !== 'service');
  const heads = versus.map((name) => `of ${name}`);
  tableHead('server', 'requests/s', ...heads, latency, 'other answers');
  for (const name of names) {
    const ratioTo = (other: Name): string =>
      withSpread(
        rates(name).map((rate, round) => rate / (rates(other)[round] ?? NaN)),
        2,
      );
    const measured = results.get(name) ?? [];
    const others = tellOthers(measured.map((one) => one.others));
    const [first, ...rest] = measured;
    for (const { latency: more } of rest) first?.latency.add(more);
    const shown = first === undefined ? '' : percentiles(first.latency);
    const rate = withSpread(rates(name), 0);
    row(name, rate, ...versus.map(ratioTo), shown, others);
  }
}

/** What the two ways to authenticate cost, beside a token that is sent again and again. */
async function compareAuthentication(service: Contestant): Promise<void> {
  const workload = workloads[0];
  if (workload === undefined) return;
  const tokens = Array.from({ length: 20_000 }, () => parties.sign());
  let used = 0;
  const ways: readonly (readonly [string, () => string])[] = [
    ['OIDC, one token', () => service.headers()['authorization']?.slice('Bearer '.length) ?? ''],
    ['OIDC, a new token each', () => tokens[used++ % tokens.length] ?? ''],
    ['PAT', () => parties.pat],
  ];
  const results = ways.map((): Measured[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, [, token]] of ways.entries()) {
      const headers = () => ({ authorization: `Bearer ${token()}`, 'x-organisation': tenant });
      const measured = await measure({ ...service, headers }, workload, 10);
      if (round > 0) results[index]?.push(measured);
    }
  }
  console.log(`\n### Authentication, ${workload.name}, 10 connections\n`);
  tableHead('way', 'requests/s', 'of one OIDC token', 'other answers');
  const ratesOf = (index: number): number[] =>
    (results[index] ?? []).map(({ requestsPerSecond }) => requestsPerSecond);
  for (const [index, [way]] of ways.entries()) {
    const rates = ratesOf(index);
    const ratios = rates.map((rate, round) => rate / (ratesOf(0)[round] ?? NaN));
    const others = tellOthers((results[index] ?? []).map((one) => one.others));
    row(way, withSpread(rates, 0), withSpread(ratios, 2), others);
  }
}

/**
 * Latency at half of what the service can do, requests arriving at a constant rate; `node:http` at the same
 * rate shows what of it is the machine's and the load generator's.
 */
async function showLatency(service: Contestant, bare: Contestant): Promise<void> {
  console.log('\n### Latency at half of the peak of the service, constant rate\n');
  const latency = 'p50 / p99 / p99.9, ms';
  tableHead('work', 'requests/s', 'server', latency, 'p99 ÷ p50', 'other answers');
  for (const workload of chosen) {
    const { requestsPerSecond } = await measure(service, workload, 100);
    const rate = requestsPerSecond / 2;
    const length = Math.min(5, (workload.amount ?? Infinity) / rate);
    const pair = [service, bare].map((contestant) => ({
      contestant,
      taken: [] as { readonly ratio: number; readonly shown: string; readonly others: Others }[],
    }));
    for (let round = 0; round < rounds; round += 1) {
      for (const { contestant, taken } of pair) {
        const next = await workload.requests(contestant);
        const target = targetOf(contestant, workload);
        const { latency, others } = await openLoop(target, rate, length, next);
        const ratio = latency.getValueAtPercentile(99) / latency.getValueAtPercentile(50);
        taken.push({ ratio, shown: percentiles(latency), others });
      }
    }
    for (const { contestant, taken } of pair) {
      const middle = [...taken].sort((a, b) => a.ratio - b.ratio)[Math.floor(taken.length / 2)];
      const ratios = taken.map(({ ratio }) => ratio);
      const { name } = contestant;
      const others = tellOthers(taken.map((one) => one.others));
      const spread = withSpread(ratios, 1);
      row(workload.name, rate.toFixed(0), name, middle?.shown ?? '', spread, others);
    }
  }
}

/** CPU from the start to the first answer, and memory after the mix, of services of their own. */
async function showFootprint(contestant: Contestant): Promise<void> {
  const mix = workloads.find(({ name }) => name === 'mix');
  const cpu: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const server = await startFull(environmentOf('service'));
    await fetch(`${server.url}/v1/deployments`, { headers: contestant.headers() });
    cpu.push(server.cpuSeconds());
    if (mix !== undefined) {
      const one: Contestant = { ...contestant, server };
      for (let times = 0; times < 5; times += 1) await measure(one, mix, 100);
      memory.push(server.residentMegabytes());
    }
    await server.stop();
  }
  console.log('\n### Footprint of the service\n');
  console.log(`CPU from the start to the first answer: ${withSpread(cpu, 2)} s`);
  console.log(`Resident memory after 30,000 requests of the mix: ${withSpread(memory, 0)} MB`);
}

const contestants: Contestant[] = [];
try {
  for (const name of names) contestants.push(await prepare(name));
  for (const workload of chosen) await compare(contestants, workload);
  const service = contestants.find(({ name }) => name === 'service');
  const bare = contestants.find(({ name }) => name === 'node-http');
  if (service !== undefined && bare !== undefined) {
    await showLatency(service, bare);
    await compareAuthentication(service);
    await showFootprint(service);
  }
} finally {
  await Promise.all(contestants.map(({ server }) => server.stop()));
  for (const { database } of contestants) database.close();
  await parties.stop();
  await rm(folder, { recursive: true });
}
