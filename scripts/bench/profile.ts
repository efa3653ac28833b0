/**
 * Profiles the service under one kind of work and prints where its time goes.
 *
 *     npm run bench:profile -- get [--seconds 5] [--connections 10]
 *
 * Self time is summed by package, and by function for the greatest ones; the profile itself is kept for
 * Chromium's DevTools.
 */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { closedLoop } from './load.js';
import { startParties } from './parties.js';
import { row, tableHead, tellOthers } from './report.js';
import * as seed from './seed.js';
import { startFull } from './servers.js';
import { workloads } from './workloads.js';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  readonly samples: readonly number[];
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '10' },
    most: { type: 'string', default: '25' },
  },
});
const workload = workloads.find(({ name }) => name === positionals.join(' '));
if (workload === undefined) {
  throw new Error(`Name one of: ${workloads.map(({ name }) => name).join('; ')}`);
}

const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
const path = join(folder, 'deployments.db');
const parties = await startParties();
const database = await seed.openSeeded(path);
const samples = Array.from({ length: 2_000 }, (_, number) => seed.sampleDeployment(number, {}));
const known = await seed.addDeployments(database, samples);
const server = await startFull(
  {
    ...parties.environment,
    SQLITE_PATH: path,
  },
  { profileFolder: folder },
);
const token = parties.sign();
const headers = (): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'x-organisation': seed.tenant,
});
const { requestsPerSecond, others } = await closedLoop(
  { url: server.url, headers, status: workload.status },
  Number(options.connections),
  workload.amount === undefined
    ? { seconds: Number(options.seconds) }
    : { amount: workload.amount },
  await workload.requests({ seed, database, known }),
);
await server.stop();
database.close();
await parties.stop();

const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile')) ?? '';
const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
const byId = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));

/** The package that a frame's code is of, or what V8 calls its own time. */
function packageOf({ functionName, url }: { functionName: string; url: string }): string {
  if (functionName.startsWith('(')) return functionName;
  const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (found !== undefined) return found;
  if (url.includes('/dist/')) return `src/${/\/dist\/(.*)\.js/.exec(url)?.[1] ?? ''}`;
  return url.startsWith('node:') ? url.replace(/\/.*/, '') : 'native and generated code';
}

function printShares(title: string, name: (frame: CpuProfile['nodes'][0]['callFrame']) => string) {
  const shares = new Map<string, number>();
  let busy = 0;
  for (const id of profile.samples) {
    const frame = byId.get(id);
    if (frame === undefined || frame.functionName === '(idle)') continue;
    if (frame.functionName === '(program)') continue;
    busy += 1;
    shares.set(name(frame), (shares.get(name(frame)) ?? 0) + 1);
  }
  console.log('');
  tableHead('share', title);
  const greatest = [...shares].sort(([, a], [, b]) => b - a).slice(0, Number(options.most));
  for (const [what, count] of greatest) row(`${((100 * count) / busy).toFixed(1)} %`, what);
}

console.log(`${workload.name}: ${requestsPerSecond.toFixed(0)} requests/s; ${join(folder, file)}`);
console.log(`Other answers: ${tellOthers([others])}`);
printShares('self time by package', packageOf);
printShares('self time by function', (frame) => {
  const place = frame.url.replace(/.*\/(node_modules|dist)\//, '');
  return `${frame.functionName || '(anonymous)'} ${place}:${frame.lineNumber + 1}`;
});
