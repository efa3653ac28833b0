/**
 * Shows how soon a turn is handed over, and what waiting costs.
 *
 *     npm run bench:queue -- [--waiters 1,100,1000] [--hand-overs 200]
 *
 * One component, every version in turn: one deployment is carried out, and so many wait for it. Each that ends is
 * followed by another one that waits, so that their number stays. A hand-over is from when the outcome of one is
 * sent to when the next one has its lease, as the two callers see it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { call, claimed, hangUp, register, report } from './queue-calls.js';
import type { Claim } from './queue-calls.js';
import { quantile, row, tableHead } from './report.js';
import { startFull } from './servers.js';
import type { BenchServer } from './servers.js';

const { values: options } = parseArgs({
  options: {
    waiters: { type: 'string', default: '1,100,1000' },
    'hand-overs': { type: 'string', default: '200' },
  },
});
const handOvers = Number(options['hand-overs']);
/** How many are not counted: a process that has just started has yet to compile what it does. */
const warmUp = 10;
/** How many components are claimed and reported at once, and how many in all. */
const claims = { atOnce: 16, amount: 1_000 };

async function waitingClaims(server: BenchServer, ids: readonly string[]): Promise<void> {
  const last = ids.at(-1);
  for (;;) {
    const { position } = await fetch(`${server.url}/v1/deployments/${last}/queue`).then(
      (response) => response.json() as Promise<{ position: number | null }>,
    );
    if (position === ids.length) return;
    await sleep(20);
  }
}

/** The hand-overs in milliseconds, and what the waiters take in megabytes. */
async function measureHandOvers(server: BenchServer, waiters: number) {
  const before = server.residentMegabytes();
  const name = `waiters-${waiters}`;
  const queue: { id: string; claim: Promise<Claim> }[] = [];
  const join = async (): Promise<void> => {
    const id = await register(server, name);
    queue.push({ id, claim: claimed(server, id) });
  };
  let holder = await claimed(server, await register(server, name));
  for (let number = 0; number < waiters; number += 1) await join();
  await waitingClaims(
    server,
    queue.map(({ id }) => id),
  );
  const after = server.residentMegabytes();
  const times: number[] = [];
  while (times.length < warmUp + handOvers) {
    const start = performance.now();
    const next = queue.shift()?.claim;
    if (next === undefined) throw new Error('Nobody waits');
    const [, claim] = await Promise.all([report(server, holder), next]);
    times.push(performance.now() - start);
    holder = claim;
    await join();
    await waitingClaims(
      server,
      queue.map(({ id }) => id),
    );
  }
  // Whoever still waits is told so when the server stops.
  for (const { claim } of queue) claim.catch(() => undefined);
  return { times: times.slice(warmUp), megabytes: after - before };
}

async function measureClaims(server: BenchServer): Promise<number> {
  const ids: string[] = [];
  for (let number = 0; number < claims.amount; number += 1) {
    ids.push(await register(server, `component-${number}`));
  }
  const start = performance.now();
  const work = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      await report(server, await claimed(server, id));
    }
  };
  await Promise.all(Array.from({ length: claims.atOnce }, work));
  return claims.amount / ((performance.now() - start) / 1000);
}

const folder = await mkdtemp(join(tmpdir(), 'bench-queue-'));

/** Works with a server of its own. */
async function onServer<Result>(work: (server: BenchServer) => Promise<Result>): Promise<Result> {
  const path = join(folder, `${Math.random()}.db`);
  const server = await startFull({ SQLITE_PATH: path, AUTH_ENABLED: 'false' });
  try {
    await call(server, 'PUT', '/environments/production', { order: 'oldest' });
    return await work(server);
  } finally {
    await server.stop();
  }
}

tableHead('waiters', 'p50 ms', 'p99 ms', 'longest ms', 'MB');
for (const waiters of options.waiters.split(',').map(Number)) {
  const { times, megabytes } = await onServer((server) => measureHandOvers(server, waiters));
  const shown = [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(1));
  row(String(waiters), ...shown, megabytes.toFixed(0));
}
console.log(`\n${(await onServer(measureClaims)).toFixed(0)} claims with their outcomes a second`);
hangUp();
await rm(folder, { recursive: true });
